"""Extensions that several interpreters of a process import."""

from dataclasses import replace

import pytest
from hostprobe_checks.extension_shares_state import extension_shares_state

from hostprobe.check import Certainty, Severity
from hostprobe.facts.extension import ModuleSlots
from tests.model.interpreters_host import CYTHON, MULTI, SINGLE, app, daemon, interpreters, said

LXML = said("lxml.etree", refusals=(CYTHON,))
TWO = (app("shop", "lxml.etree"), app("wiki", "lxml.etree"))


def run(*applications, files=LXML, **changes):
    return list(extension_shares_state.body(interpreters(*applications, files=files, **changes)))


def test_it_fires_for_two_interpreters_of_embedded_mode():
    (finding,) = run(*TWO)
    assert (finding.severity, finding.certainty) == (Severity.high, Certainty.likely)
    assert finding.subject == "process-group:embedded"
    assert finding.title == (
        "lxml: usable by one interpreter per process, 2 of embedded mode import it"
    )
    assert finding.evidence["extensions"][0]["says"] == CYTHON
    assert len(finding.affected) == 2


def test_it_fires_for_the_main_interpreter_and_another():
    (finding,) = run(app("shop", "lxml.etree", group=""), app("wiki", "lxml.etree"))
    assert finding.evidence["interpreters"] == ["%{GLOBAL}", "example.org|/wiki"]


def test_it_fires_once_for_a_process_whatever_is_refused():
    files = LXML | said("bcrypt._bcrypt", SINGLE, refusals=("PyO3 modules",))
    both = ("lxml.etree", "bcrypt._bcrypt")
    (finding,) = run(app("shop", *both), app("wiki", *both), files=files)
    assert finding.title.startswith("bcrypt, lxml: ")
    assert finding.identity == ("refused", "bcrypt", "lxml")


def test_it_fires_for_a_package_that_is_known_by_name():
    old = said("psycopg2._psycopg", SINGLE, version="2.8.6")
    (finding,) = run(app("shop", "psycopg2._psycopg"), app("wiki", "psycopg2._psycopg"), files=old)
    assert finding.severity is Severity.high


def test_it_is_medium_and_possible_where_every_application_catches_the_refusal():
    (finding,) = run(app("shop", tried=["lxml.etree"]), app("wiki", tried=["lxml.etree"]))
    assert (finding.severity, finding.certainty) == (Severity.medium, Certainty.possible)
    assert finding.title == (
        "lxml: only one of 2 interpreters of embedded mode has it, the others do without"
    )


def test_one_application_that_does_not_catch_it_is_enough():
    (finding,) = run(app("shop", tried=["lxml.etree"]), app("wiki", "lxml.etree"))
    assert (finding.severity, finding.certainty) == (Severity.high, Certainty.likely)


def test_two_mounts_of_one_interpreter_are_guarded_only_if_both_are():
    group = {"group": "example.org|/one"}
    mounts = (app("shop", tried=["lxml.etree"], **group), app("blog", "lxml.etree", **group))
    (finding,) = run(*mounts, app("wiki", tried=["lxml.etree"]))
    assert finding.severity is Severity.high


def test_the_remedy_gives_each_its_own_process():
    (finding,) = run(*TWO)
    above = "Above every <VirtualHost> and WSGIScriptAlias: WSGIDaemonProcess"
    group = "WSGIApplicationGroup %{GLOBAL} </Files> </Directory>"
    assert finding.remedy == (
        f"{above} shop",
        f"<Directory /srv> <Files shop.wsgi> WSGIProcessGroup shop {group}",
        f"{above} wiki",
        f"<Directory /srv> <Files wiki.wsgi> WSGIProcessGroup wiki {group}",
        "Stop and start httpd.",
    )


def test_a_group_that_requests_decide_is_possible_only():
    (finding,) = run(
        app("shop", "lxml.etree", process=None), app("wiki", "lxml.etree", process=None)
    )
    assert finding.certainty is Certainty.possible
    assert finding.subject == "process-group:%{ENV}"


def test_a_single_phase_module_is_low_and_possible():
    files = said("shop._fast", SINGLE)
    (finding,) = run(app("shop", "shop._fast"), app("wiki", "shop._fast"), files=files)
    assert (finding.severity, finding.certainty) == (Severity.low, Certainty.possible)


def test_numpy_alone_in_a_sub_interpreter_is_low():
    numpy = said("numpy._core._multiarray_umath", refusals=("NumPy does not properly",))
    (finding,) = run(app("shop", "numpy._core._multiarray_umath"), files=numpy)
    assert finding.severity is Severity.low


def test_a_module_that_one_sub_interpreter_has_alone_is_information():
    (finding,) = run(app("shop", "lxml.etree"))
    assert finding.severity is Severity.info


GOOD = {
    "the main interpreter": [app(name, "lxml.etree", group="") for name in ("shop", "wiki")],
    "processes of their own": [
        app(name, "lxml.etree", process=name, group="") for name in ("shop", "wiki")
    ],
    "nothing imported": [app("shop"), app("wiki")],
}


@pytest.mark.parametrize("applications", GOOD.values(), ids=GOOD)
def test_it_is_silent_for(applications):
    assert run(*applications, groups=(daemon("shop"), daemon("wiki"))) == []


NEAR = {
    "multi-phase": ("shop._fast", said("shop._fast", MULTI)),
    "Pillow, single-phase or not": ("PIL._imaging", said("PIL._imaging", SINGLE)),
    "psycopg2 2.9": ("psycopg2._psycopg", said("psycopg2._psycopg", SINGLE, version="2.9.5-1+b1")),
    "declared support": (
        "numpy._core.x",
        said("numpy._core.x", slots=(ModuleSlots("x", 2, None),)),
    ),
}


@pytest.mark.parametrize(("module", "files"), NEAR.values(), ids=NEAR)
def test_it_is_silent_for_two_interpreters_with(module, files):
    assert run(app("shop", module), app("wiki", module), files=files) == []


def test_it_is_silent_for_the_standard_library():
    applications = [app(name, stdlib=("_ssl",)) for name in ("shop", "wiki")]
    assert run(*applications, files=said("_ssl", SINGLE)) == []


def script(directive, *modules, **options):
    return replace(app("early", *modules, **options), directive=directive)


@pytest.mark.parametrize(
    ("directive", "process", "options"),
    [
        ("WSGIImportScript", "shop", "process-group=early application-group=%{GLOBAL}"),
        ("WSGIAuthUserScript", "", "application-group=%{GLOBAL}"),
    ],
)
def test_it_fires_for_a_script_in_another_interpreter(directive, process, options):
    one = script(directive, "lxml.etree", process=process, group="x")
    shop = app("shop", "lxml.etree", process=process)
    (finding,) = run(shop, scripts=(one,), groups=(daemon("shop"),))
    assert finding.affected[1] == f"{directive} /srv/early.wsgi"
    assert f"/etc/apache2/apache2.conf:9: {directive} /srv/early.wsgi {options}" in finding.remedy


def test_it_is_silent_for_a_script_of_another_process_or_the_same_interpreter():
    shop = app("shop", "lxml.etree", process="shop", group="")
    for process, group in (("", ""), ("shop", "")):
        one = script("WSGIImportScript", "lxml.etree", process=process, group=group)
        assert run(shop, scripts=(one,), groups=(daemon("shop"),)) == []
