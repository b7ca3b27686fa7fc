"""A path that a daemon does not have, a .htaccess that ends in 500, a rule that ends in 404."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from hostprobe.collect.files import LiveFiles
from hostprobe.facts.httpd import HttpdBuild, HttpdStart
from hostprobe.model.httpd.evaluate import evaluate
from hostprobe.model.ineffective import MAIN_ONLY, SERVER, find_misplaced
from tests.real import scan
from tests.real.hosts import directive_ineffective as hosts
from tests.real.httpd import BINARY, module_path
from tests.real.test_wsgi_group_undefined import FRAME

pytestmark = pytest.mark.real
CHECK = "directive-ineffective"

ARGUMENTS = {
    "wsgiscriptalias": "/x /x",
    "wsgiscriptaliasmatch": "/x /x",
    "wsgiimportscript": "/x process-group=%{GLOBAL} application-group=x",
    "wsgidaemonprocess": "g",
    "wsgipythonhome": "/usr",
    "wsgipythonpath": "/x",
    "wsgipythoneggs": "/x",
    "wsgipythonwarnings": "ignore",
    "wsgipythonoptimize": "1",
    "wsgipythonhashseed": "random",
    "wsgisocketprefix": "x",
    "wsgiacceptmutex": "default",
}
OLD = frozenset({"wsgipy3kwarningflag"})  # only with Python 2
ALSO_FINE = ("wsgiprocessgroup g", "wsgicallableobject x", "wsgipassauthorization On")


def is_refused(text: str, root: Path) -> tuple[bool, bool]:
    """(what we say, what httpd says)."""
    config = root / "main.conf"
    config.write_text(FRAME.format(root=root, wsgi=module_path("wsgi")) + text + "\n")
    done = subprocess.run([BINARY, "-f", config, "-t"], capture_output=True, check=False)
    files = LiveFiles("/")
    start = HttpdStart(str(BINARY), str(config), str(root), environment={})
    found = evaluate(files, start, files.read(start.binary, HttpdBuild))
    return bool(list(find_misplaced(found.directives))), bool(done.returncode)


@pytest.mark.parametrize("section", ["VirtualHost *:80", "Location /", "Files x"])
def test_httpd_refuses_just_what_is_said_to_be_misplaced(section: str, tmp_path: Path) -> None:
    lines = [f"{key} {ARGUMENTS.get(key, 'On')}" for key in sorted(SERVER - OLD)] + [*ALSO_FINE]
    differ = []
    for line in lines:
        text = f"<{section}>\n{line}\n</{section.partition(' ')[0]}>"
        said, refused = is_refused(text, tmp_path)
        differ += [line] if said != refused else []
    assert differ == []


def test_httpd_takes_all_of_them_in_the_main_server(tmp_path: Path) -> None:
    lines = [f"{key} {ARGUMENTS.get(key, 'On')}" for key in sorted(MAIN_ONLY - OLD)]
    assert is_refused("\n".join(lines), tmp_path) == (False, False)


def test_what_is_named_fails_and_its_neighbours_work() -> None:
    httpd = hosts.host()
    found = {one["title"]: one["affected"] for one in scan.findings(httpd, CHECK)}
    (path,) = (hit for title, hit in found.items() if title.startswith("WSGIPythonPath"))
    (fenced,) = (hit for title, hit in found.items() if ".htaccess" in title)
    (rule,) = (hit for title, hit in found.items() if "[PT]" in title)
    assert ["/daemon" in path[0], "/fenced" in fenced[0], "/plain" in rule[0]] == [True] * 3
    assert [len(one) for one in found.values()] == [1, 1, 1]
    with httpd:
        answers = {name: httpd.get(f"/{name}")[0] for name in ("daemon", "fenced", "old")}
        assert answers == {"daemon": 500, "fenced": 500, "old": 404}
        works = {httpd.get(f"/{name}")[0] for name in ("embedded", "allowed", "plain", "through")}
        assert works == {200}
        assert hosts.NOT_FOUND in httpd.error_log
        assert hosts.NOT_ALLOWED in httpd.error_log


def test_with_the_remedies_everything_works_and_nothing_is_said() -> None:
    httpd = hosts.host(cured=True)
    assert scan.findings(httpd, CHECK) == []
    with httpd:
        names = ("daemon", "embedded", "fenced", "allowed", "plain", "old", "through")
        assert {httpd.get(f"/{name}")[0] for name in names} == {200}
