"""Processes that write the error log in another zone than Apache."""

import pytest
from hostprobe_checks.error_log_timezone_mixed import error_log_timezone_mixed

from hostprobe.check import Certainty, Severity
from hostprobe.facts.files import Missing
from tests.checks.test_timezone_clash import ZONES, django, tz
from tests.model.sharing.host import daemons, findings

LOCALTIME = {"/etc/localtime": ZONES["/usr/share/zoneinfo/UTC"]}
TOKYO = {"shop": tz("Asia/Tokyo")}


def run(text="", scripts=TOKYO, contents=(), **options):
    contents = ZONES | LOCALTIME | dict(contents)
    return findings(error_log_timezone_mixed, text, scripts, contents, **options)


def test_it_fires_for_a_daemon():
    (finding,) = run(daemons("shop"))
    assert (finding.severity, finding.certainty) == (Severity.low, Certainty.certain)
    assert finding.subject == "process-group:shop/error-log"
    assert "in Asia/Tokyo, those of other processes in /etc/localtime" in finding.title
    assert finding.affected == ("h/shop (/srv/shop/shop.wsgi)",)
    assert "access log" not in finding.detail
    assert finding.remedy[0] == "In a drop-in of httpd's unit: [Service] Environment=TZ=Asia/Tokyo"
    assert finding.remedy[2].startswith(
        'Or only tell the lines apart: /c: ErrorLogFormat "[%{uz}t] [%-m:%l]'
    )


def test_it_fires_in_embedded_mode_where_the_access_log_moves_too():
    (finding,) = run()
    assert "access log" in finding.detail


def test_it_fires_for_django_and_for_a_zone_from_the_start():
    script, contents = django("blog", "TIME_ZONE = 'Asia/Tokyo'")
    (finding,) = run("", {"blog": script}, contents, environment={"TZ": "Europe/Berlin"})
    assert finding.evidence["apache_zone"] == "Europe/Berlin"
    assert finding.evidence["set"][0]["by"] == "TIME_ZONE"


def test_the_remedy_names_envvars_and_the_own_format():
    text = 'ErrorLogFormat "%t %{%F}t %M"'
    (finding,) = run(text, contents={"/envvars": "export X=1"})
    assert finding.remedy[0] == "/envvars: export TZ=Asia/Tokyo"
    assert finding.remedy[2].endswith('/c:3: ErrorLogFormat "%{z}t %{%F %z}t %M"')


def test_two_zones_in_one_process_are_separated_first():
    (finding,) = run(scripts=TOKYO | {"blog": tz("Europe/Berlin")})
    assert "timezone-clash" in finding.remedy[0]


def test_an_older_httpd_has_no_format_for_it():
    (finding,) = run('ErrorLogFormat "%{cuz}t %M"', version="2.4.57")
    assert len(finding.remedy) == 2


def test_without_tzset_it_is_only_likely():
    (finding,) = run(scripts={"shop": "os.environ['TZ'] = 'Asia/Tokyo'"})
    assert finding.certainty is Certainty.likely


SITE = """<VirtualHost *:80>
ServerName h
ErrorLogFormat "%{cz}t %M"
WSGIScriptAlias /shop /srv/shop/shop.wsgi
</VirtualHost>"""


@pytest.mark.parametrize(
    "text",
    [
        'ErrorLogFormat "[%{uz}t] %M"',
        'ErrorLogFormat "[%{%F %T %z}t] %M"',
        'ErrorLogFormat "%M"',
        "ErrorLog syslog:local7",
        "ErrorLog journald",
        SITE,
    ],
)
def test_it_is_silent_where_the_log_has_no_time_or_tells_the_offset(text):
    assert run(text) == []


@pytest.mark.parametrize(
    ("script", "options"),
    [
        (tz("Etc/UTC"), {}),
        (tz(""), {}),
        ("import zoneinfo\nZ = zoneinfo.ZoneInfo('Asia/Tokyo')", {}),
        (tz("Asia/Tokyo"), {"environment": {"TZ": "JST-9"}}),
        ("os.environ.setdefault('TZ', 'Asia/Tokyo')\ntime.tzset()", {"environment": {"TZ": "UTC"}}),
    ],
)
def test_it_is_silent_for_the_same_zone(script, options):
    assert run(scripts={"shop": script}, **options) == []


def test_it_is_silent_where_the_zone_of_apache_cannot_be_read():
    assert run(contents={"/etc/localtime": Missing("/etc/localtime: permission denied")}) == []


def log(*times):
    return "".join(f"[Fri Nov 27 {time} 2026] [core:notice] x\n" for time in times)


@pytest.mark.parametrize(
    ("times", "certainty"),
    [
        (("05:00:00", "14:00:01", "05:00:02", "14:00:03", "05:00:04"), Certainty.observed),
        (("05:00:00", "14:00:01", "05:00:02"), Certainty.certain),
        (("05:00:00", "06:00:01", "05:00:02", "06:00:03", "05:00:04"), Certainty.certain),
    ],
)
def test_times_that_go_back_by_that_difference_are_proof(times, certainty):
    (finding,) = run("ErrorLog /log", contents={"/log": log(*times)})
    assert finding.certainty is certainty
    assert (finding.evidence["log"] == "/log") is (certainty is Certainty.observed)
