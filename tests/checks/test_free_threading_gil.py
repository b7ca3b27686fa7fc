"""Processes without GIL and what they import.

Recorded: file names and slots of extensions for a Python without GIL; Debian has none.
"""

from dataclasses import replace

import pytest
from hostprobe_checks.free_threading_gil import free_threading_gil

from hostprobe.check import Severity
from hostprobe.facts.extension import ModuleSlots
from tests.model.interpreters_host import SINGLE, app, configured, interpreters, said

ON = "WSGIFreeThreading On"
TAGGED = (".cpython-313t-x86_64-linux-gnu.so", ".so")


def without_gil(application):
    return replace(application, environment=replace(application.environment, suffixes=TAGGED))


SHOP = without_gil(app("shop", "shop._fast"))
PLAIN = app("shop", "shop._fast")
USED = said("shop._fast", slots=(ModuleSlots("_fast", None, 0),))


def run(*applications, lines=(ON,), files=USED, version="6.1.1"):
    changes = {"configuration": configured(*lines), "mod_wsgi_version": version}
    return list(free_threading_gil.body(interpreters(*applications, files=files, **changes)))


@pytest.mark.parametrize(
    ("says", "files"),
    [
        ("Py_MOD_GIL_USED", USED),
        ("no Py_mod_gil slot", said("shop._fast", slots=(ModuleSlots("_fast", 2, None),))),
        ("single-phase initialisation", said("shop._fast", SINGLE)),
    ],
)
def test_it_fires_for_an_extension_that_does_not_declare_it(says, files):
    (finding,) = run(SHOP, files=files)
    assert finding.severity is Severity.low
    assert finding.evidence["extensions"][0]["says"] == says
    assert finding.subject == "process-group:embedded"


def test_it_fires_where_python_has_a_gil():
    (finding,) = run(PLAIN)
    assert finding.severity is Severity.low
    assert "no effect" in finding.title


def test_one_finding_for_a_process():
    (finding,) = run(SHOP, replace(SHOP, script="/srv/wiki.wsgi", mount="/wiki"))
    assert len(finding.evidence["extensions"]) == 1
    assert len(finding.affected) == 2


@pytest.mark.parametrize(
    "files",
    [
        said("shop._fast", slots=(ModuleSlots("_fast", None, 1),)),
        said("shop._fast", (*SINGLE, "PyUnstable_Module_SetGIL")),
        said("shop._fast"),
    ],
)
def test_it_is_silent_for_an_extension_that_declares_it_or_does_not_tell(files):
    assert run(SHOP, files=files) == []


@pytest.mark.parametrize(
    "lines",
    [
        (),
        ("WSGIFreeThreading Off",),
        ("<WSGIInterpreterOptions process-group=p>", ON, "</WSGIInterpreterOptions>"),
        ("<WSGIInterpreterOptions application-group=a>", ON, "</WSGIInterpreterOptions>"),
    ],
)
def test_it_is_silent_where_it_is_off(lines):
    assert run(SHOP, lines=lines) == []


def test_a_mod_wsgi_without_the_directive_has_other_problems():
    assert run(SHOP, version="4.9.4") == []
