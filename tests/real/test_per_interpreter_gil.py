"""Interpreters with a GIL of their own, on Debian 13's Python 3.13 with mod_wsgi 6 in a chroot."""

from __future__ import annotations

import json
import os
import re

import pytest

from hostprobe.collect.files import LiveFiles
from hostprobe.model.instance import Extension
from hostprobe.model.interpreter_gil import own_gil_refusal
from hostprobe.model.interpreters import Interpreters
from tests.real import scan
from tests.real.build import run
from tests.real.hosts.interpreters import script
from tests.real.newer_python import NewerHttpd, root

pytestmark = [
    pytest.mark.real,
    pytest.mark.skipif(os.geteuid() != 0, reason="the root is entered with chroot"),
]
CHECK = "per-interpreter-gil"
ON = "WSGIPerInterpreterGIL On"
REFUSED = "does not support loading in subinterpreters"
SCRIPTS = {"bad": script("bad", "psutil"), "good": script("good", "markupsafe._speedups", "ssl")}


def findings(httpd: NewerHttpd, check: str = CHECK) -> list[scan.Finding]:
    return scan.findings(httpd, check, *httpd.scanned)


def test_an_extension_that_declares_nothing_is_refused_one_that_declares_support_is_not() -> None:
    with NewerHttpd([ON], SCRIPTS) as httpd:
        [finding] = findings(httpd)
        assert finding["severity"] == "high"
        assert finding["subject"].endswith("/bad.wsgi")
        assert [one["module"] for one in finding["evidence"]["extensions"]] == [
            "psutil._psutil_linux"
        ]
        assert httpd.get("/good")[0] == 200
        assert httpd.get("/bad")[0] == 500
        assert REFUSED in httpd.error_log


def test_the_block_of_the_remedy_leaves_the_application_out() -> None:
    httpd = NewerHttpd([ON], SCRIPTS)
    [finding] = findings(httpd)
    block = re.sub(r"(?<=>) | (?=</)", "\n", finding["remedy"][0])
    httpd.config.write_text(f"{httpd.config.read_text()}{block}\n")
    with httpd:
        assert findings(httpd) == []
        assert httpd.get("/bad")[0] == httpd.get("/good")[0] == 200


def test_the_main_interpreter_has_the_usual_gil() -> None:
    with NewerHttpd([ON, "WSGIApplicationGroup %{GLOBAL}"], SCRIPTS) as httpd:
        assert findings(httpd) == []
        assert httpd.get("/bad")[0] == httpd.get("/good")[0] == 200


def test_free_threading_has_no_effect_on_a_python_with_gil() -> None:
    with NewerHttpd(["WSGIFreeThreading On"], SCRIPTS) as httpd:
        [finding] = findings(httpd, "free-threading-gil")
        assert finding["severity"] == "low"
        assert "no effect" in finding["title"]
        assert httpd.get("/bad")[0] == 200
        assert "WSGI0200" in httpd.error_log


IMPORT_EACH = """
import _interpreters, json, sys
found = {}
for name in json.loads(sys.argv[1]):
    interpreter = _interpreters.create()
    failure = _interpreters.exec(interpreter, f"import {name}")
    found[name] = "" if failure is None else failure.formatted
print(json.dumps(found))
"""


def test_cpython_agrees_about_every_extension_of_its_own() -> None:
    place = root().resolve()
    folder = "/usr/lib/python3.13/lib-dynload"
    paths = sorted((place / folder.removeprefix("/")).glob("*.so"))
    names = {path.name.partition(".")[0]: f"{folder}/{path.name}" for path in paths}
    text = run("chroot", place, "/usr/bin/python3.13", "-c", IMPORT_EACH, json.dumps(list(names)))
    model = Interpreters(LiveFiles(str(place)), ())
    extensions = {name: Extension(name, path) for name, path in names.items()}
    ours = {name for name, one in extensions.items() if own_gil_refusal(model, one)}
    theirs = {name for name, error in json.loads(text).items() if REFUSED in error}
    unknown = {name for name, one in extensions.items() if model.slots(one) is None}
    assert ours - theirs == set()
    assert theirs - ours <= unknown
    assert {"readline", "_curses", "_curses_panel"} <= ours
