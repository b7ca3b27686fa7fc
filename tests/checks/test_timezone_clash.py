"""Applications of one process with different time zones."""

import pytest
from hostprobe_checks.timezone_clash import timezone_clash

from hostprobe.check import Certainty, Severity
from hostprobe.facts.files import Missing
from tests.model.sharing.host import daemons, findings, mount
from tests.parse.test_zone import block


def zone(hours):
    return block(b"\0", "l", (), (hours * 3600,))


ZONES = {
    f"/usr/share/zoneinfo/{name}": zone(hours)
    for name, hours in (
        ("UTC", 0), ("Etc/UTC", 0), ("Europe/Berlin", 1), ("America/Chicago", -6),
        ("Asia/Tokyo", 9),
    )
}  # fmt: skip


def tz(value):
    return f"os.environ['TZ'] = {value!r}\ntime.tzset()\n"


def django(name, settings):
    """A script and its settings module."""
    script = f"import sys\nsys.path.insert(0, '/srv/{name}')\n"
    script += f"os.environ['DJANGO_SETTINGS_MODULE'] = '{name}site.settings'\n"
    package = f"/srv/{name}/{name}site"
    return script, {f"{package}/__init__.py": "", f"{package}/settings.py": settings}


SITES = {"shop": tz("Europe/Berlin"), "blog": tz("UTC")}


def run(text="", scripts=(), contents=(), **options):
    contents = ZONES | dict(contents)
    return findings(timezone_clash, text, SITES | dict(scripts), contents, **options)


@pytest.mark.parametrize("text", ["", "WSGIApplicationGroup %{GLOBAL}"])
def test_it_fires_for_two_zones(text):
    (finding,) = run(text)
    assert (finding.severity, finding.certainty) == (Severity.high, Certainty.certain)
    assert "to Europe/Berlin and UTC:" in finding.title
    assert len(finding.affected) == 2
    assert finding.evidence["set"][1]["where"] == "/srv/blog/blog.wsgi:2"
    assert finding.remedy[1].endswith(
        "WSGIScriptAlias /blog /srv/blog/blog.wsgi process-group=blog"
    )


@pytest.mark.parametrize(
    ("settings", "shown", "certainty"),
    [
        ("TIME_ZONE = 'UTC'", "UTC", Certainty.certain),
        ("SECRET_KEY = 'x'", "America/Chicago", Certainty.likely),
        ("from .base import *", "America/Chicago", Certainty.likely),
    ],
)
def test_it_fires_for_djangos_settings(settings, shown, certainty):
    script, contents = django("blog", settings)
    contents["/srv/blog/blogsite/base.py"] = "SECRET_KEY = 'x'"
    (finding,) = run("", {"blog": script}, contents)
    assert finding.evidence["set"][1]["zone"] == shown
    assert finding.evidence["set"][1]["by"] == "TIME_ZONE"
    assert finding.certainty is certainty


def test_the_settings_come_after_the_script():
    script, contents = django("blog", "TIME_ZONE = 'Asia/Tokyo'")
    (finding,) = run("", {"blog": tz("Europe/Berlin") + script}, contents)
    assert "Asia/Tokyo" in finding.title


def test_without_tzset_it_is_only_likely():
    (finding,) = run(scripts={"blog": "os.environ['TZ'] = 'UTC'"})
    assert finding.certainty is Certainty.likely
    assert "mktime" in finding.detail


def test_a_zone_that_cannot_be_read_is_only_likely():
    unread = {"/usr/share/zoneinfo/UTC": Missing("/usr/share/zoneinfo/UTC: permission denied")}
    (finding,) = run(contents=unread)
    assert finding.certainty is Certainty.likely


def test_three_zones_are_one_finding():
    (finding,) = run(scripts={"third": tz("Asia/Tokyo"), "fourth": tz("CET-1")})
    assert "to Europe/Berlin and UTC and 1 more" in finding.title
    assert len(finding.affected) == 4
    assert sum("WSGIDaemonProcess" in line for line in finding.remedy) == 2


@pytest.mark.parametrize(
    ("text", "changed"),
    [
        ("", {"blog": SITES["shop"]}),
        ("", {"blog": tz("CET-1")}),
        ("", {"blog": "import zoneinfo\nZONE = zoneinfo.ZoneInfo('UTC')\n"}),
        ("", {"blog": "time.tzset()"}),
        ("", {"blog": "os.environ['TZ'] = x"}),
        ("", {"blog": "if __name__ == '__main__':\n    os.environ['TZ'] = 'UTC'"}),
        (daemons(*SITES), {}),
        ("", {"shop": tz("UTC"), "blog": tz("Etc/UTC"), "third": tz(""), "fourth": tz("No/Where")}),
    ],
)
def test_it_is_silent_where_the_zone_is_the_same(text, changed):
    assert run(text, changed) == []


@pytest.mark.parametrize(
    "settings",
    [
        "TIME_ZONE = 'Europe/Berlin'",
        "TIME_ZONE = None",
        "DEBUG = True",
        "TIME_ZONE = ''",
        "import os\nTIME_ZONE = os.environ['ZONE']",
        "from other import *",
        "globals().update(x)",
        "import configurations\nclass A(configurations.Configuration):\n    TIME_ZONE = 'UTC'",
    ],
)
def test_it_is_silent_for_settings_that_do_not_clash(settings):
    script, contents = django("blog", settings)
    assert run("", {"blog": script}, contents) == []


def test_it_is_silent_where_the_start_sets_it_already():
    scripts = {"blog": "os.environ.setdefault('TZ', 'UTC')\ntime.tzset()\n"}
    assert run(scripts=scripts, environment={"TZ": "Europe/Berlin"}) == []


IMPORT = "WSGIImportScript /srv/early/early.wsgi process-group={} application-group={}"
EARLY = {"early": tz("Asia/Tokyo")}


def early(process, interpreter="%{GLOBAL}", body=EARLY, sites=("shop",)):
    text = "\n".join([daemons(*sites), IMPORT.format(process, interpreter)])
    return findings(timezone_clash, text, {site: SITES[site] for site in sites} | body, ZONES)


@pytest.mark.parametrize("interpreter", ["%{GLOBAL}", "another"])
def test_it_fires_for_an_import_script_of_the_same_process(interpreter):
    (finding,) = early("shop", interpreter)
    assert finding.affected[1] == "WSGIImportScript /srv/early/early.wsgi"
    above, line = finding.remedy[:2]
    assert above == (
        "Above every <VirtualHost>, WSGIScriptAlias and WSGIImportScript: WSGIDaemonProcess early"
    )
    assert line == f"/c:5: {IMPORT.format('early', interpreter)}"


def test_it_is_silent_for_an_import_script_of_another_process():
    assert early("%{GLOBAL}") == []


def test_it_is_silent_for_what_an_import_script_only_defines():
    body = "\n    ".join(["def change():", *EARLY["early"].splitlines()])
    assert early("shop", body={"early": body}) == []


def test_an_application_leaves_a_script_that_cannot_move():
    """Authentication runs in httpd's children, and requests call its functions."""
    body = "\n    ".join(["def check_password(*given):", *EARLY["early"].splitlines()])
    text = "\n".join([mount("shop"), "WSGIAuthUserScript /srv/early/early.wsgi"])
    scripts = {"shop": SITES["shop"], "early": body}
    (finding,) = findings(timezone_clash, text, scripts, ZONES)
    assert finding.remedy[1].endswith(
        "WSGIScriptAlias /shop /srv/shop/shop.wsgi process-group=shop"
    )
