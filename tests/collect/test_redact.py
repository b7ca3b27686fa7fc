import pytest

from hostprobe.collect.kinds import PARSERS
from hostprobe.collect.redact import RULES, SAFE, redact
from hostprobe.collect.redact_config import redact_line, redact_request, used_variables
from hostprobe.facts.httpd import ConfigFile, ConfigLine, EnvironmentFile
from hostprobe.facts.php import PhpIni
from hostprobe.facts.process import HttpdProcess, Processes
from hostprobe.facts.request import Request
from hostprobe.facts.sudoers import Sudoers
from hostprobe.facts.systemd import UnitFile
from hostprobe.parse.sudoers import parse_sudoers

NOTHING = frozenset()


@pytest.mark.parametrize("kind", PARSERS, ids=lambda kind: kind.__name__)
def test_every_kind_of_fact_has_a_rule(kind):
    assert (kind in SAFE) != (kind in RULES)


def test_a_kind_without_a_rule_is_not_shared():
    assert redact(int, 3) is None


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        ("LoadModule ssl_module /usr/lib/mod_ssl.so", None),
        ("WSGIDaemonProcess shop user=shop python-home=/srv/venv", None),
        ("wsgiscriptalias / /srv/app.wsgi", None),
        ("<VirtualHost *:80>", None),
        ("</If>", None),
        ("<IfDefine !SSL>", None),
        ("Include ${ROOT}/sites/*.conf", None),
        ("SetEnv DB_PASSWORD hunter2", "SetEnv [redacted]"),
        ("SetEnv", None),
        ("<If \"%{HTTP:X-Token} == 'hunter2'\">", "<If [redacted]>"),
        ("DBDParams host=${DB} password=hunter2", "DBDParams [redacted] ${DB}"),
        ("Define DB_PASSWORD hunter2", "Define DB_PASSWORD [redacted]"),
        ("Define api_key ${X}", "Define api_key [redacted] ${X}"),
        ("Define SITES /srv/keystone", None),
        ("Define Token", None),
        ("Define DB mysql://shop:hunter2@db/shop", "Define DB mysql://[redacted]@db/shop"),
        ("Use Site https://u:hunter2@x/ /srv", "Use Site https://[redacted]@x/ /srv"),
        ("php_admin_value mysqli.default_pw hunter2", "php_admin_value [redacted]"),
        ("$handler hunter2", "$handler [redacted]"),
    ],
)
def test_of_a_configuration_line_only_the_known_stays(line, shown):
    assert redact_line(line) == (shown or line)
    assert "hunter2" not in redact_line(line)


def test_line_numbers_stay():
    file = ConfigFile((ConfigLine(3, 5, "SSLPassPhraseDialog exec:/x"),))
    assert redact(ConfigFile, file) == ConfigFile(
        (ConfigLine(3, 5, "SSLPassPhraseDialog [redacted]"),)
    )


@pytest.mark.parametrize(
    ("name", "value", "shown"),
    [
        ("APACHE_RUN_USER", "www-data", "www-data"),
        ("LD_PRELOAD", "/usr/lib/libjemalloc.so", "/usr/lib/libjemalloc.so"),
        ("LANG", "C", "C"),
        ("SITE", "/srv", "/srv"),
        ("OTHER", "x", "[redacted]"),
        ("OTHER", "", ""),
        ("USED_SECRET", "x", "[redacted]"),
        ("LD_LIBRARY_PATH", "http://u:p@h/", "http://[redacted]@h/"),
    ],
)
def test_of_an_environment_the_named_and_the_used_stay(name, value, shown):
    used = frozenset({"SITE", "USED_SECRET"})
    file = EnvironmentFile(((name, value, True),), ("HOME",), ((4, "eval $secret"),))
    expected = EnvironmentFile(((name, shown, True),), ("HOME",), ((4, "[redacted]"),))
    assert redact(EnvironmentFile, file, used) == expected


def test_variables_are_used_where_a_shown_line_names_them():
    lines = ("Include ${A}/x", "SetEnv X ${B}", "ServerName ${C}.org")
    file = ConfigFile(tuple(ConfigLine(n, n, line) for n, line in enumerate(lines)))
    assert used_variables([file]) == {"A", "B", "C"}


def test_of_php_only_what_loads_extensions_stays():
    ini = PhpIni((("extension", "readline.so", 1), ("mysqli.default_pw", "hunter2", 2)))
    assert redact(PhpIni, ini).entries == (
        ("extension", "readline.so", 1),
        ("mysqli.default_pw", "[redacted]", 2),
    )


@pytest.mark.parametrize(
    ("key", "value", "shown"),
    [
        ("ExecStart", "/usr/sbin/httpd -DFOREGROUND", "/usr/sbin/httpd -DFOREGROUND"),
        ("Environment", "LANG=C 'DB=a b'", "LANG=C 'DB=[redacted]'"),
        ("Environment", 'A="unclosed', "[redacted]"),
        ("ExecStartPre", "/x hunter2", "[redacted]"),
    ],
)
def test_of_a_unit_only_what_starts_httpd_stays(key, value, shown):
    assert redact(UnitFile, UnitFile(((key, value),))).settings == ((key, shown),)


def test_directives_of_the_command_line_are_redacted_too():
    request = Request(before=("SetEnv A hunter2",), after=("User x",), defines=("A",))
    assert redact_request(request) == Request(
        before=("SetEnv [redacted]",), after=("User x",), defines=("A",)
    )


def test_of_a_process_only_what_decides_its_start_stays():
    environment = {
        "LD_LIBRARY_PATH": "/opt/lib",
        "APACHE_RUN_DIR": "/run",
        "DB_PASSWORD": "hush",
        "APACHE_TOKEN": "hush",
        "PORT": "80",
        "EMPTY": "",
        "HOME": "",
        "SHOP": "hush",
    }
    command = (
        "httpd",
        "-DX",
        "-C",
        "SetEnv A hush",
        "-cAuthLDAPBindPassword hush",
        "-c",
        "Listen 1",
    )
    one = HttpdProcess(7, 1, 7, 0, 1.0, "/httpd", command, environment, ())
    (shown,) = redact(Processes, Processes((one,)), frozenset({"PORT"})).all
    assert shown.environment.keys() == {
        "LD_LIBRARY_PATH",
        "APACHE_RUN_DIR",
        "PORT",
        "HOME",
        "EMPTY",
    }
    assert shown.environment["LD_LIBRARY_PATH"] == "/opt/lib"
    assert shown.command == (
        *("httpd", "-DX", "-C", "SetEnv [redacted]", "-cAuthLDAPBindPassword [redacted]"),
        *("-c", "Listen 1"),
    )
    assert "hush" not in repr(shown)


def test_of_sudoers_only_what_starts_httpd_stays():
    text = """Defaults env_keep += "HOME", badpass_message = "hush", !lecture
alice ALL = /usr/sbin/httpd -k start, /bin/mysql -phush
Cmnd_Alias X = /bin/curl hush
@include x
hush hush
"""
    shown = redact(Sudoers, parse_sudoers(text.encode()))
    assert "hush" not in repr(shown)
    defaults, rule, *_ = shown.statements
    assert [one.value for one in defaults.settings] == ["HOME", "[redacted]", ""]
    assert rule.commands[0].command.text == "/usr/sbin/httpd -k start"
