"""Applications outside the main interpreter that need it."""

from dataclasses import replace

import pytest
from hostprobe_checks.gil_state_in_subinterpreter import gil_state_in_subinterpreter

from hostprobe.check import Certainty, Severity
from hostprobe.model.instance import PythonTopology
from hostprobe.model.python.doing import Applications
from tests.model.interpreters_host import MULTI, app, interpreters, said

ENSURES = (*MULTI, "PyGILState_Ensure")
GI = said("gi._gi", ENSURES)
SWIG = said("shop._fast", ENSURES, swig=True)
LXML = said("lxml.etree", ENSURES)


def run(*applications, files=(), source=""):
    model = interpreters(*applications, files=dict(files) | {"/srv/shop.wsgi": source})
    doing = Applications(model.files, PythonTopology(model.instances))
    return list(gil_state_in_subinterpreter.body(model, doing))


@pytest.mark.parametrize(("module", "files"), [("gi._gi", GI), ("shop._fast", SWIG)])
def test_it_fires_for_what_is_known_and_for_swig_with_threads(module, files):
    (finding,) = run(app("shop", module), files=files)
    assert (finding.severity, finding.certainty) == (Severity.high, Certainty.likely)
    assert finding.subject == "application:/srv/shop.wsgi"
    assert finding.evidence["interpreters"] == ["example.org|/shop"]
    assert "WSGIApplicationGroup %{GLOBAL}" in finding.remedy[1]


def test_it_lists_the_others_of_an_application_once():
    files = LXML | said("bcrypt._bcrypt", ENSURES)
    (finding,) = run(app("shop", "lxml.etree", "bcrypt._bcrypt"), files=files)
    assert (finding.severity, finding.certainty) == (Severity.low, Certainty.possible)
    assert finding.title.startswith("bcrypt, lxml: refers to PyGILState_Ensure")


def test_what_requests_decide_is_possible():
    (finding,) = run(replace(app("shop", "gi._gi"), application_group=None), files=GI)
    assert finding.certainty is Certainty.possible


def test_what_is_only_installed_is_information():
    (finding,) = run(app("shop", offered=("gi._gi", "gi._gi_cairo")), files=GI)
    assert finding.severity is Severity.info


CALLBACK = """
import ctypes, sqlite3
def rate(price):
    {inside}
def other():
    import rates
{given}
"""
SQL = "sqlite3.connect(':memory:').create_function('rate', 1, rate)"
C = "ctypes.CFUNCTYPE(ctypes.c_int)(rate)"


@pytest.mark.parametrize(("given", "to"), [(SQL, "sqlite3"), (C, "ctypes.CFUNCTYPE")])
def test_it_fires_for_a_callback_that_imports(given, to):
    source = CALLBACK.format(inside="import rates", given=given)
    (finding,) = run(app("shop"), source=source)
    assert finding.severity is Severity.medium
    (told,) = finding.evidence["callbacks"]
    assert (told["function"], told["line"], told["imports"]) == ("rate", 3, ("rates",))
    assert told["given_to"].startswith(to)


def test_it_fires_for_a_class_of_an_aggregate_and_a_decorated_function():
    source = (
        "import sqlite3\nfrom ctypes import CFUNCTYPE, c_int\n"
        "class Sum:\n    def step(self, x):\n        import rates\n"
        "@CFUNCTYPE(c_int)\ndef called():\n    from . import rates\n"
        "sqlite3.connect('x').create_aggregate('s', 1, Sum)\n"
    )
    (finding,) = run(app("shop"), source=source)
    assert [one["function"] for one in finding.evidence["callbacks"]] == ["Sum.step", "called"]


@pytest.mark.parametrize("inside", ["return 2", "import json", "return seen.append(price)"])
def test_it_is_silent_for_a_callback_that_imports_nothing_of_others(inside):
    assert run(app("shop"), source=CALLBACK.format(inside=inside, given=SQL)) == []


def test_it_is_silent_for_a_function_that_nothing_hands_to_c():
    assert run(app("shop"), source=CALLBACK.format(inside="import rates", given="")) == []


@pytest.mark.parametrize("module", ["gi._gi", "shop._fast", "lxml.etree"])
def test_it_is_silent_in_the_main_interpreter(module):
    source = CALLBACK.format(inside="import rates", given=SQL)
    application = app("shop", module, group="", offered=("gi._gi",))
    assert run(application, files=GI | SWIG | LXML, source=source) == []


def test_it_is_silent_for_the_standard_library_and_for_swig_without_threads():
    files = said("_ssl", ENSURES) | said("shop._fast", MULTI, swig=True)
    assert run(app("shop", "shop._fast", stdlib=("_ssl",)), files=files) == []


def test_an_application_that_is_alone_keeps_its_process_group():
    (finding,) = run(app("shop", "gi._gi", process="sites"), files=GI)
    section, restart = finding.remedy
    assert "WSGIProcessGroup sites WSGIApplicationGroup %{GLOBAL}" in section
    assert restart == "Stop and start httpd."
