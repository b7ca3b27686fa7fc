"""Interpreters with a GIL of their own and what they import."""

from dataclasses import replace

import pytest
from hostprobe_checks.per_interpreter_gil import per_interpreter_gil

from hostprobe.check import Certainty, Severity
from hostprobe.facts.extension import ModuleSlots
from tests.model.interpreters_host import MULTI, SINGLE, app, configured, interpreters, said

ON = ("WSGIPerInterpreterGIL On",)
SHOP = app("shop", "shop._fast")
SILENT_SAID = {
    "support": said("shop._fast", slots=(ModuleSlots("_fast", 2, None),)),
    "slots that are not known": said("shop._fast", MULTI),
}
TOLD = {
    "single-phase initialisation": said("shop._fast", SINGLE),
    "no Py_mod_multiple_interpreters slot": said(
        "shop._fast", slots=(ModuleSlots("_fast", None, None),)
    ),
    "Py_MOD_MULTIPLE_INTERPRETERS_NOT_SUPPORTED": said(
        "shop._fast", slots=(ModuleSlots("_fast", 0, None),)
    ),
    "Py_MOD_MULTIPLE_INTERPRETERS_SUPPORTED: with a shared GIL only": said(
        "shop._fast", slots=(ModuleSlots("_fast", 1, None),)
    ),
}


def run(*applications, lines=ON, files=TOLD["single-phase initialisation"], **changes):
    usual = {"configuration": configured(*lines), "python_version": "3.13"}
    usual["mod_wsgi_version"] = "6.1.1"
    return list(
        per_interpreter_gil.body(interpreters(*applications, files=files, **usual | changes))
    )


@pytest.mark.parametrize(("says", "files"), TOLD.items(), ids=TOLD)
def test_it_fires_for(says, files):
    (finding,) = run(SHOP, files=files)
    assert (finding.severity, finding.certainty) == (Severity.high, Certainty.likely)
    assert finding.evidence["extensions"][0]["says"] == says
    assert finding.subject == "application:/srv/shop.wsgi"
    assert finding.remedy[0] == (
        "<WSGIInterpreterOptions process-group=%{GLOBAL} application-group=example.org|/shop> "
        "WSGIPerInterpreterGIL Off </WSGIInterpreterOptions>"
    )


def test_it_fires_for_an_extension_of_the_standard_library():
    (finding,) = run(app("shop", stdlib=("readline",)), files=said("readline", SINGLE))
    assert finding.title.startswith("readline: cannot be imported by /srv/shop.wsgi")


def test_it_fires_only_for_what_a_block_selects():
    lines = ("<WSGIInterpreterOptions process-group=p>", *ON, "</WSGIInterpreterOptions>")
    applications = (SHOP, app("wiki", "shop._fast", process="p"))
    (finding,) = run(*applications, lines=lines)
    assert finding.subject == "application:/srv/wiki.wsgi"


def test_what_requests_decide_is_possible():
    lines = ("<WSGIInterpreterOptions application-group=x>", *ON, "</WSGIInterpreterOptions>")
    (finding,) = run(
        replace(SHOP, application_group=None), lines=(*lines, "WSGIPerInterpreterGIL Off")
    )
    assert finding.certainty is Certainty.possible


def test_before_python_3_12_it_is_information():
    (finding,) = run(SHOP, python_version="3.11")
    assert finding.severity is Severity.info
    assert finding.title == "WSGIPerInterpreterGIL has no effect with Python 3.11"


@pytest.mark.parametrize("files", SILENT_SAID.values(), ids=SILENT_SAID)
def test_it_is_silent_for(files):
    assert run(SHOP, files=files) == []


@pytest.mark.parametrize(
    "changes",
    [
        {"lines": ()},
        {"lines": ("WSGIPerInterpreterGIL Off",)},
        {"mod_wsgi_version": "4.9.4"},
    ],
)
def test_it_is_silent_where_it_is_not_on(changes):
    assert run(SHOP, **changes) == []


def test_it_is_silent_in_the_main_interpreter():
    assert run(app("shop", "shop._fast", group="")) == []
