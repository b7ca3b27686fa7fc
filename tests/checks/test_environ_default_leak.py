"""Two applications of one process that set the same variable."""

import pytest
from hostprobe_checks.environ_default_leak import environ_default_leak

from hostprobe.check import Certainty, Severity
from tests.model.sharing.host import daemons, findings, mount

NAME = "DJANGO_SETTINGS_MODULE"


def default(value, name=NAME):
    return f"os.environ.setdefault({name!r}, {value!r})\n"


def assigned(value, name=NAME):
    return f"os.environ[{name!r}] = {value!r}\n"


SITES = {"shop": default("shop.settings"), "blog": default("blog.settings")}
GLOBAL = "WSGIApplicationGroup %{GLOBAL}"


def run(text="", scripts=SITES, contents=(), **options):
    return findings(environ_default_leak, text, scripts, contents, **options)


def names(finding):
    return [name.partition(" ")[0] for name in finding.affected]


def test_it_fires_for_two_defaults_in_embedded_mode():
    (finding,) = run()
    assert finding.severity is Severity.critical
    assert finding.certainty is Certainty.certain
    assert finding.subject == f"process-group:embedded/{NAME}"
    assert names(finding) == ["h/shop", "h/blog"]
    assert "shop.settings and blog.settings" in finding.title
    assert finding.evidence["set"][1] == {
        "application": "h/blog (/srv/blog/blog.wsgi)",
        "interpreter": "h|/blog",
        "value": "blog.settings",
        "form": "setdefault",
        "where": "/srv/blog/blog.wsgi:2",
    }


def test_the_remedy_is_the_directives_for_this_host():
    text = "WSGIPythonHome /v\nWSGIPythonPath /p\n" + mount("shop") + "\n"
    text += mount("blog", "callable-object=app")
    (finding,) = run(text)
    assert finding.remedy[0] == (
        "Above every <VirtualHost> and WSGIScriptAlias: "
        "WSGIDaemonProcess blog python-home=/v python-path=/p"
    )
    assert finding.remedy[1] == (
        "/c:6: WSGIScriptAlias /blog /srv/blog/blog.wsgi callable-object=app process-group=blog"
    )
    assert f'os.environ["{NAME}"] = "shop.settings"' in finding.remedy[-1]


def test_the_new_group_has_the_options_and_not_the_name_of_the_old_one():
    text = "WSGIDaemonProcess blog user=www threads=3 home='/a b'\nWSGIProcessGroup blog"
    (finding,) = run(text)
    assert finding.subject == f"process-group:blog/{NAME}"
    assert finding.remedy[0].endswith(': WSGIDaemonProcess blog-2 user=www threads=3 home="/a b"')


def test_an_alias_of_a_directory_gets_an_alias_before_it():
    contents = {f"/srv/all/{name}.wsgi": "import os\n" + text for name, text in SITES.items()}
    (finding,) = run("WSGIScriptAlias /all/ /srv/all/", {}, contents)
    assert finding.remedy[1] == (
        "Before /c:3: WSGIScriptAlias /all/shop.wsgi /srv/all/shop.wsgi process-group=shop"
    )


def test_scripts_behind_a_pattern_get_a_section():
    contents = {f"/srv/all/{name}.wsgi": "import os\n" + text for name, text in SITES.items()}
    (finding,) = run("WSGIScriptAliasMatch ^/(.*) /srv/all/$1.wsgi", {}, contents)
    assert finding.certainty is Certainty.likely
    assert finding.remedy[1] == (
        "<Directory /srv/all> <Files shop.wsgi> WSGIProcessGroup shop </Files> </Directory>"
    )


def test_it_fires_where_only_one_sets_a_default_and_names_that_one():
    (finding,) = run(scripts=SITES | {"shop": assigned("shop.settings")})
    assert names(finding) == ["h/blog"]


def test_it_fires_for_assignments_in_one_interpreter():
    scripts = {name: assigned(name) for name in SITES}
    (finding,) = run(GLOBAL, scripts)
    assert names(finding) == ["h/shop", "h/blog"]
    assert "one interpreter" in finding.detail
    assert finding.remedy[-1] == "Restart httpd."


def test_the_application_in_the_main_interpreter_leaks_and_is_not_hit():
    text = mount("shop", "application-group=%{GLOBAL}") + "\n" + mount("blog")
    (finding,) = run(text)
    assert names(finding) == ["h/blog"]


def test_it_fires_for_imported_wsgi_modules_and_for_twins():
    modules = {
        f"/srv/{name}/{name}site/{file}.py": text
        for name in SITES
        for file, text in (("__init__", ""), ("wsgi", "import os\n" + SITES[name]))
    }
    scripts = {
        name: f"import sys\nsys.path.insert(0, '/srv/{name}')\nfrom {name}site.wsgi import x\n"
        for name in SITES
    }
    text = "".join(
        f"<VirtualHost *:{port}>\nServerName h\n{mount('shop')}\n{mount('blog')}\n</VirtualHost>\n"
        for port in (80, 443)
    )
    (finding,) = run(text, scripts, modules)
    assert len(finding.affected) == 4


def test_a_thousand_applications_are_one_finding():
    scripts = {f"s{n}": default(f"s{n}.settings") for n in range(1000)}
    (finding,) = run("", scripts)
    assert len(finding.affected) == 1000
    assert len(finding.evidence["set"]) == 20
    assert len(finding.remedy) < 20


def test_variables_that_only_tune_are_less():
    name = "OMP_NUM_THREADS"
    (finding,) = run(scripts={"shop": default("1", name), "blog": default("4", name)})
    assert finding.severity is Severity.medium


def test_under_a_condition_it_is_only_likely():
    (finding,) = run(scripts=SITES | {"blog": "if x:\n    " + SITES["blog"]})
    assert finding.certainty is Certainty.likely
    inside = "def application(environ, start):\n    " + SITES["blog"]
    (finding,) = run(scripts=SITES | {"blog": inside})
    assert finding.certainty is Certainty.likely


@pytest.mark.parametrize(
    ("text", "changed"),
    [
        ("", {"blog": SITES["shop"]}),
        ("", {name: assigned(name) for name in SITES}),
        (daemons(*SITES), {}),
        (daemons("shop") + "\n" + mount("blog"), {}),
        ("", {"blog": f"os.environ.pop({NAME!r}, None)\n" + SITES["blog"],
              "shop": f"os.environ.pop({NAME!r}, None)\n" + SITES["shop"]}),
        ("", {"blog": "os.environ.setdefault('OTHER', 'x')"}),
        ("", {"blog": "def f():\n    pass\nif __name__ == '__main__':\n    " + SITES["blog"]}),
        ("", {"blog": f"os.environ[{NAME!r}] = x\n"}),
        ("", {"blog": f"os.environ.setdefault({NAME!r}, '%s.settings' % x)\n"}),
        ("", {"blog": "def application(environ, s):\n    environ.setdefault('X', 'y')\n"}),
        ("WSGIProcessGroup %{ENV:WHICH}", {}),
        ("WSGIProcessGroup nowhere", {}),
        (mount("shop") + "\n" + mount("shop").replace("/shop ", "/twin ", 1), {}),
        ("", {"blog": default("1", "TZ"), "shop": default("2", "TZ")}),
        ("", {"blog": default("1", "LC_TIME"), "shop": default("2", "LC_TIME")}),
    ],
)  # fmt: skip
def test_it_is_silent_where_nothing_leaks(text, changed):
    assert run(text, SITES | changed) == []


def test_it_is_silent_where_the_start_sets_it_already():
    assert run(environment={NAME: "other"}) == []


def test_it_is_silent_in_the_main_interpreter_beside_another_default():
    text = mount("shop", "application-group=%{GLOBAL}") + "\n" + mount("blog")
    assert run(text, SITES | {"blog": assigned("blog.settings")}) == []


def test_functions_of_other_modules_do_not_count():
    contents = {"/srv/blog/tool.py": "import os\ndef main():\n    " + SITES["blog"]}
    scripts = SITES | {"blog": "import sys\nsys.path.append('/srv/blog')\nimport tool\n"}
    assert run("", scripts, contents) == []
