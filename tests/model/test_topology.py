"""Process groups, interpreters and applications from a configuration text."""

import pytest

from hostprobe.facts.files import Missing
from hostprobe.facts.httpd import HttpdStart
from hostprobe.facts.mod_wsgi import ModWsgiBuild
from hostprobe.model.httpd.evaluate import evaluate
from hostprobe.model.topology import build_topology
from tests.model.memory_files import FIFO, MemoryFiles, elf

LIB = "libpython3.11.so.1.0"
HOST = {
    "/m/wsgi.so": elf(needed=[LIB]),
    f"/usr/lib/{LIB}": elf(),
    "/usr/lib/python3.11/os.py": "",
    "/usr/lib/python3/dist-packages/x.cpython-311-x86_64-linux-gnu.so": elf(),
    "/v/pyvenv.cfg": "home=/usr/bin",
    "/usr/bin/python3": "",
    "/a.wsgi": "import x",
}
LOAD = "LoadModule wsgi_module /m/wsgi.so\n"


def instance(text, contents=(), load=LOAD, **environment):
    files = MemoryFiles(HOST | dict(contents) | {"/c": load + text})
    start = HttpdStart("/httpd", "/c", "/", environment=environment)
    (found,) = build_topology(files, (evaluate(files, start, None),)).instances
    return found


def one(text, **options):
    (application,) = instance(text, **options).applications
    return application


def groups(text):
    found = one(text)
    return found.process_group, found.application_group


ALIAS = "WSGIScriptAlias /App /a.wsgi\n"
OPTION = "WSGIScriptAlias / /a.wsgi process-group=%{GLOBAL}\n"


def section(kind, argument, group):
    return f"<{kind} {argument}>\nWSGIProcessGroup {group}\n</{kind}>\n"


NAMED = "ServerName h.example\n"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (NAMED + ALIAS, ("", "h.example|/app")),
        ("ServerName h.example:8080\n" + ALIAS, ("", "h.example:8080|/app")),
        ("Listen 8080\n" + NAMED + ALIAS, ("", "h.example:8080|/app")),
        (NAMED + "WSGIScriptAlias / /a.wsgi", ("", "h.example|")),
        (NAMED + ALIAS + "WSGIApplicationGroup %{GLOBAL}", ("", "")),
        (NAMED + ALIAS + "WSGIApplicationGroup %{SERVER}", ("", "h.example")),
        (NAMED + ALIAS + "WSGIApplicationGroup Name", ("", "Name")),
        (NAMED + ALIAS + "WSGIApplicationGroup %{ENV:X}", ("", None)),
        (NAMED + ALIAS + "WSGIApplicationGroup %{HOST}", ("", None)),
        (NAMED + ALIAS + "WSGIDispatchScript /d.wsgi", ("", None)),
        (NAMED + ALIAS + "WSGIProcessGroup g", ("g", "h.example|/app")),
        (NAMED + ALIAS + "WSGIProcessGroup %{GLOBAL}", ("", "h.example|/app")),
        (NAMED + ALIAS + "WSGIProcessGroup %{ENV:P}", (None, "h.example|/app")),
        (NAMED + ALIAS + "WSGIProcessGroup %{SERVER}", ("h.example", "h.example|/app")),
        (
            NAMED + "WSGIScriptAlias / /a.wsgi process-group=p application-group='a b'",
            ("p", "a b"),
        ),
        (NAMED + OPTION + "WSGIProcessGroup g", ("", "h.example|")),
        (
            NAMED + ALIAS + "WSGIProcessGroup g\n" + section("Directory", "/", "d"),
            ("d", "h.example|/app"),
        ),
        (
            NAMED + ALIAS + section("Location", "/App", "l") + section("Files", "a.wsgi", "f"),
            ("l", "h.example|/app"),
        ),
        (NAMED + ALIAS + section("Location", "/other", "l"), ("", "h.example|/app")),
        (NAMED + ALIAS + section("If", "true", "i"), (None, "h.example|/app")),
        (NAMED + "WSGIScriptAliasMatch ^/(a|b) /a.wsgi", ("", None)),
    ],
)
def test_the_groups_of_an_application(text, expected):
    assert groups(text) == expected


def test_a_daemon_has_its_own_python_and_path():
    text = (
        "User www\nGroup web\nWSGIPythonHome /h\nWSGIPythonPath /p:/q/\n"
        "WSGIDaemonProcess d1 python-home='/v' python-path=/r home=/w user=u processes=3\n"
        "WSGIDaemonProcess d2 threads=2\n"
        "WSGIScriptAlias /0 /a.wsgi\nWSGIScriptAlias /1 /a.wsgi process-group=d1\n"
        "WSGIScriptAlias /2 /a.wsgi process-group=d2\n"
    )
    found = instance(text)
    embedded, first, second = (one.environment for one in found.applications)
    assert (embedded.home, embedded.search_path[:2]) == ("/h", ("/p", "/q"))
    assert (first.home, first.search_path[:2], first.prefix) == ("/v", ("/w", "/r"), "/usr")
    assert (second.home, second.search_path) == ("/h", ())
    assert str(first.home_where) == "/c:6"
    shown = [(one.user, one.group, one.processes, one.threads) for one in found.process_groups]
    assert shown == [("u", "web", 3, 15), ("www", "web", 1, 2)]


def test_a_daemon_belongs_to_its_server():
    host = "<VirtualHost *:8080>\nServerName h\nWSGIDaemonProcess b\n</VirtualHost>"
    found = instance("WSGIDaemonProcess a\n" + host)
    assert [one.server for one in found.process_groups] == ["", "h:8080"]


def test_virtual_hosts_have_the_main_servers_applications():
    hosts = "".join(
        f"<VirtualHost *:{port}>\nServerName {name}\n{more}</VirtualHost>\n"
        for name, port, more in [("a", 80, ""), ("b", 443, "WSGIScriptAlias /App /b.wsgi\n")]
    )
    found = instance(NAMED + "Listen 80\nListen 443\n" + ALIAS + hosts)
    assert [(one.server, one.script) for one in found.applications] == [
        ("a", "/a.wsgi"),
        ("b", "/b.wsgi"),
    ]
    found = instance(NAMED + "Listen 80\nListen 8443\n" + ALIAS + hosts)
    assert [one.server for one in found.applications] == ["h.example", "a", "b"]


def test_reached_extensions_come_with_the_application():
    assert [one.module for one in one(ALIAS).reachable] == ["x"]


def test_an_undefined_group_has_no_python():
    environment = one(ALIAS + "WSGIProcessGroup gone").environment
    assert isinstance(environment, Missing)
    assert "gone" in environment.reason


def test_a_group_known_per_request_is_no_doubt_where_all_pythons_are_equal():
    assert not isinstance(one(ALIAS + "WSGIProcessGroup %{ENV:X}").environment, Missing)
    text = ALIAS + "WSGIProcessGroup %{ENV:X}\nWSGIDaemonProcess d python-home=/v"
    assert isinstance(one(text).environment, Missing)


@pytest.mark.parametrize(
    "text",
    [
        "WSGIDaemonProcess",
        "WSGIDaemonProcess a 'python-home=/x y'",
        "WSGIDaemonProcess a processes=0",
        "WSGIDaemonProcess a\nWSGIDaemonProcess a",
        "WSGIScriptAlias /",
        "WSGIImportScript /a.wsgi process-group=x",
        "<Location /x>\nWSGIAuthUserScript /a.wsgi process-group=x\n</Location>",
        "WSGIDispatchScript /a.wsgi x",
    ],
)
def test_what_httpd_would_refuse_is_fatal_and_the_rest_is_planned(text):
    found = instance(text + "\n" + ALIAS)
    assert [problem.fatal for problem in found.problems] == [True]
    assert str(found.problems[0].where).startswith("/c:")
    assert [one.mount for one in found.applications] == ["/App"]


def test_scripts_by_handler_are_a_problem():
    text = "<Directory /d>\nAddHandler wsgi-script .py\n</Directory>\n"
    text += "<Files x>\nSetHandler wsgi-script\n</Files>"
    assert len(instance(text).problems) == 2


HOSTED = "<VirtualHost *:80>\nServerName v.example\n{}\n</VirtualHost>"


@pytest.mark.parametrize(
    ("text", "name", "process", "interpreter"),
    [
        (
            "WSGIImportScript '/a b' process-group=%{GLOBAL} application-group=%{GLOBAL}",
            "WSGIImportScript /a b", "", "",
        ),
        (
            "WSGIDaemonProcess d\nWSGIImportScript /i process-group=d application-group=x",
            "WSGIImportScript /i", "d", "x",
        ),
        ("WSGIDispatchScript /d", "WSGIDispatchScript /d", "", ""),
        (
            "<Location /x>\nWSGIAuthUserScript /u application-group=x\n</Location>",
            "WSGIAuthUserScript /u", "", "x",
        ),
        (
            HOSTED.format("<Directory />\nWSGIAuthGroupScript /g\n</Directory>"),
            "WSGIAuthGroupScript /g", "", "",
        ),
        (
            HOSTED.format("<Files x>\nwsgiaccessscript /c application-group=%{SERVER}\n</Files>"),
            "WSGIAccessScript /c", "", "v.example",
        ),
        (
            "<Location />\nWSGIAccessScript /c application-group=%{SERVER}\n</Location>",
            "WSGIAccessScript /c", "", None,
        ),
    ],
)  # fmt: skip
def test_scripts_that_serve_no_url_run_where_their_line_says(text, name, process, interpreter):
    (found,) = instance(text).scripts
    assert (found.name, found.process_group, found.application_group) == (
        name, process, interpreter
    )  # fmt: skip


def test_a_script_reaches_what_it_imports_and_not_what_lies_beside_it():
    text = "WSGIAuthUserScript /s/auth.py\nWSGIScriptAlias / /s/app.py"
    contents = {"/s/auth.py": "import os", "/s/app.py": "", "/s/views.py": "import x"}
    found = instance(text, contents)
    (script,), (application,) = found.scripts, found.applications
    assert [one.module for one in application.reachable] == ["x"]
    assert script.reachable == ()
    (script,) = instance("WSGIAuthUserScript /a.wsgi").scripts
    assert [one.module for one in script.reachable] == ["x"]


def test_a_line_that_stands_in_many_sections_is_one_script():
    text = "".join(f"<Location /{n}>\nWSGIAuthUserScript /u\n</Location>\n" for n in range(3))
    assert len(instance(text).scripts) == 1


def test_a_script_that_only_loads_an_application_early_is_no_program_of_its_own():
    alias = "WSGIScriptAlias / /a.wsgi process-group=d application-group=%{GLOBAL}\n"
    line = "WSGIImportScript /a.wsgi process-group=d application-group="
    for group, count in (("%{GLOBAL}", 1), ("other", 2)):
        found = instance(f"WSGIDaemonProcess d\n{alias}{line}{group}")
        assert (len(found.scripts), len(found.programs)) == (1, count)


def test_without_mod_wsgi_there_are_no_applications():
    found = instance(ALIAS, load="")
    assert (found.mod_wsgi, found.libpython, found.applications) == (None, None, ())


def test_an_instance_tells_its_python():
    found = instance("")
    assert (found.mod_wsgi, found.libpython) == ("/m/wsgi.so", f"/usr/lib/{LIB}")
    assert (found.python_version, found.has_static_python) == ("3.11", False)
    static = instance("", {"/m/wsgi.so": elf("Py_Initialize")})
    assert (static.libpython, static.has_static_python) == (None, True)


@pytest.mark.parametrize("script", [FIFO, b"\0\xff", "def (", "import os\n" * 9])
def test_any_script_is_an_application(script):
    found = one("WSGIScriptAlias / /a.wsgi", contents={"/a.wsgi": script})
    assert found.reachable == ()
    assert found.problems or script == "import os\n" * 9


def test_php_opens_come_late_with_their_problems():
    contents = {
        "/m/libphp8.2.so": b"\0API20220829,NTS\0",
        "/etc/php/8.2/apache2/php.ini": "extension=/x.so",
    }
    found = instance("", contents, load="LoadModule php_module /m/libphp8.2.so\n")
    assert [(one.path, one.caller) for one in found.late_opens] == [("/x.so", "/m/libphp8.2.so")]
    assert any("/x.so" in problem.message for problem in found.problems)


def test_five_thousand_hosts_are_planned_at_once():
    host = "<VirtualHost *:80>\nServerName h{0}\nWSGIScriptAlias / /a.wsgi\n</VirtualHost>\n"
    found = instance("".join(host.format(number) for number in range(5000)))
    assert len(found.applications) == 5000
    assert len({one.application_group for one in found.applications}) == 5000


def test_the_release_of_mod_wsgi():
    module = (elf(needed=[LIB]), ModWsgiBuild("4.9.4"))
    assert instance(ALIAS, {"/m/wsgi.so": module}).mod_wsgi_version == "4.9.4"
    assert instance(ALIAS).mod_wsgi_version == ""
