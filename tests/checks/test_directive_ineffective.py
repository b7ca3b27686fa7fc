"""Directives of mod_wsgi that stand where they do nothing or harm."""

import pytest
from hostprobe_checks.directive_ineffective import directive_ineffective

from hostprobe.model.ineffective import find_misuses
from tests.model.wsgi_configuration import configured, host

ALIAS = "WSGIScriptAlias /shop /srv/shop/a.wsgi\n"
PATH, DAEMON = "WSGIPythonPath /srv/shop/lib\n", "WSGIProcessGroup g\nWSGIDaemonProcess g "
HTACCESS = "/srv/shop/.htaccess"
ON = "RewriteEngine On\nRewriteRule "
OVERRIDE = "<Directory /srv>\nAllowOverride {}\n</Directory>\n"


def run(text, contents=()):
    return list(directive_ineffective.body(find_misuses(*configured(text, contents))))


def test_it_fires_for_a_path_that_a_daemon_does_not_have():
    (finding,) = run(PATH + DAEMON + "threads=2\n" + ALIAS)
    assert finding.title == "WSGIPythonPath is ignored by applications in daemon processes"
    assert finding.affected == ("/shop (/srv/shop/a.wsgi)",)
    assert finding.remedy[0] == "Add `python-path=/srv/shop/lib` to `WSGIDaemonProcess g`."


@pytest.mark.parametrize(
    "text",
    [
        PATH + ALIAS,
        PATH + DAEMON + "python-path=/srv/shop/lib\n" + ALIAS,
        PATH + DAEMON + "python-path=/elsewhere\n" + ALIAS,
        PATH + DAEMON + "home=/srv/shop/lib\n" + ALIAS,
        PATH + "WSGIDaemonProcess g\n" + ALIAS,
        PATH + "WSGIProcessGroup undefined\n" + ALIAS,
        "WSGIPythonHome /h\n" + DAEMON + "python-home=/v\n" + ALIAS,
    ],
)
def test_it_is_silent_where_the_path_counts_or_is_there_anyway(text):
    assert run(text, {"/v/pyvenv.cfg": "home=/usr/bin"}) == []


@pytest.mark.parametrize(
    ("text", "name"),
    [
        (host("a", "WSGIPythonHome /v"), "WSGIPythonHome"),
        (host("a", "WSGIRestrictStdout On"), "WSGIRestrictStdout"),
        ("<Directory /srv>\nWSGIScriptAlias / /x\n</Directory>", "WSGIScriptAlias"),
        ("<Location />\nWSGIDaemonProcess g\n</Location>", "WSGIDaemonProcess"),
        (
            host("a", "<Directory />\n<Limit GET>\nWSGIPythonPath /x\n</Limit>\n</Directory>"),
            "WSGI",
        ),
    ],
)
def test_it_fires_for_a_directive_in_a_section_that_httpd_refuses(text, name):
    (finding,) = run(text + "\n")
    assert finding.title.startswith(name)
    assert finding.title.endswith("httpd does not start")


@pytest.mark.parametrize(
    "text",
    [
        host("a", "WSGIDaemonProcess g\nWSGIProcessGroup g\n" + ALIAS),
        "<Directory /srv>\nWSGIProcessGroup %{GLOBAL}\nWSGICallableObject a\n</Directory>\n",
        "<WSGIInterpreterOptions process-group=g>\nWSGIRestrictStdin On\n</WSGIInterpreterOptions>",
        "<IfModule mod_wsgi.c>\nWSGIPythonHome /v\n</IfModule>\n",
    ],
)
def test_it_is_silent_where_the_directive_may_stand(text):
    assert run(text) == []


@pytest.mark.parametrize(
    ("override", "content"),
    [
        ("All", "WSGIProcessGroup g"),
        ("FileInfo", "<IfModule mod_wsgi.c>\nWSGIDaemonProcess g\n</IfModule>"),
        ("AuthConfig", "<Files a.wsgi>\nWSGIApplicationGroup %{GLOBAL}\n</Files>"),
    ],
)
def test_it_fires_for_a_directive_in_a_file_that_is_read_for_each_request(override, content):
    (finding,) = run(OVERRIDE.format(override) + ALIAS, {HTACCESS: content})
    assert finding.title.endswith("every request below is answered with 500")
    assert finding.affected == ("/shop (/srv/shop/a.wsgi)",)


@pytest.mark.parametrize(
    ("override", "content"),
    [
        ("None", "WSGIProcessGroup g"),
        ("All Nonfatal=Override", "WSGIProcessGroup g"),
        ("All", "WSGICallableObject app\nWSGIPassAuthorization On\nWSGIScriptReloading Off"),
        ("All", "AuthBasicProvider wsgi\nWSGIAuthUserScript /srv/auth.wsgi"),
        ("All", "# WSGIProcessGroup g"),
        ("All", "<IfModule mod_other.c>\nWSGIProcessGroup g\n</IfModule>"),
    ],
)
def test_it_is_silent_for_a_file_that_is_not_read_or_allowed(override, content):
    assert run(OVERRIDE.format(override) + ALIAS, {HTACCESS: content}) == []


def test_it_is_silent_for_a_file_beside_the_way_to_the_script():
    assert run(OVERRIDE.format("All") + ALIAS, {"/srv/b/.htaccess": "WSGIProcessGroup g"}) == []


def test_it_is_silent_where_the_script_is_not_below_the_directory():
    only = "<Directory /srv/other>\nAllowOverride All\n</Directory>\n"
    assert run(only + ALIAS, {HTACCESS: "WSGIProcessGroup g"}) == []


@pytest.mark.parametrize("rule", ["^/old(.*) /shop$1", "^/old(.*) /shop/$1 [L]", "^/x$ /shop?y=1"])
def test_it_fires_for_a_rule_without_pt(rule):
    (finding,) = run(ON + rule + "\n" + ALIAS)
    assert "[PT] is missing" in finding.title
    assert "PT]`" in finding.remedy[0]


@pytest.mark.parametrize(
    "rule",
    [
        "^/old(.*) /shop$1 [PT]",
        "^/old(.*) /shop$1 [QSA,passthrough]",
        "^/old(.*) /shop$1 [R=301,L]",
        "^/old(.*) /shop$1 [P]",
        "^/old(.*) /shopping$1",
        "^/old(.*) /static$1",
        "^/old(.*) http://shop/shop$1",
        "^/old(.*) -",
        "^/old(.*) /shop$1\nRewriteRule ^/shop(.*) /shop$1 [PT]",
    ],
)
def test_it_is_silent_for_a_rule_that_goes_elsewhere_or_through(rule):
    assert run(ON + rule + "\n" + ALIAS) == []


@pytest.mark.parametrize(
    "text",
    [
        "RewriteEngine Off\nRewriteRule ^/old /shop\n",
        "RewriteRule ^/old /shop\n",
        "<Directory /srv>\nRewriteEngine On\nRewriteRule ^old /shop\n</Directory>\n",
        "DocumentRoot /srv\n" + ON + "^/old(.*) /shop$1\n",
    ],
)
def test_it_is_silent_for_rules_that_do_not_apply_or_mean_a_file(text):
    assert run(text + ALIAS) == []
