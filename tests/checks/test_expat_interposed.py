"""An expat in httpd other than the one that an extension has standalone."""

import pytest
from hostprobe_checks.expat_interposed import expat_interposed

from hostprobe.check import Severity
from hostprobe.facts.elf import Banners
from tests.model.linked_host import EXTENSION, linkages, thing

MODULE, HTTPDS, OWN = "/mods/mod_a.so", "/opt/expat/libexpat.so.1", "/lib64/libexpat-1a2b3c.so.1"
PARSER = ["XML_ParserCreate", "XML_Parse", "XML_ExpatVersion", *(f"XML_Set{n}" for n in range(9))]


def run(objects, **options):
    return list(expat_interposed.body(linkages(objects, [MODULE], **options)))


def told(elf, version):
    return elf, Banners((("expat", version),))


def host(winner, loser, refers):
    """An extension with an expat of its own, and another one behind a module."""
    return {
        MODULE: thing(needed=[HTTPDS]),
        HTTPDS: told(thing(winner, soname="libexpat.so.1"), "2.2.10"),
        EXTENSION: thing(refers=refers, needed=["libexpat-1a2b3c.so.1"]),
        OWN: told(thing(loser, soname="libexpat-1a2b3c.so.1"), "2.5.0"),
    }


def test_it_fires_for_a_partial_takeover():
    own = [*PARSER, "XML_SetNew"]
    (finding,) = run(host(PARSER, own, ["XML_ParserCreate", "XML_SetNew"]))
    assert finding.severity is Severity.critical
    assert finding.evidence["winners"][0]["version"] == "2.2.10"
    assert finding.evidence["losers"][0]["version"] == "2.5.0"
    assert finding.affected == ("example.org/shop (/srv/shop.wsgi)",)


def test_a_complete_takeover_by_another_release_is_medium():
    (finding,) = run(host(PARSER, PARSER, ["XML_ParserCreate"]))
    assert finding.severity is Severity.medium


def test_a_complete_takeover_by_the_same_release_is_low():
    objects = host(PARSER, PARSER, ["XML_ParserCreate"])
    objects[OWN] = told(objects[OWN][0], "2.2.10")
    (finding,) = run(objects)
    assert finding.severity is Severity.low


@pytest.mark.parametrize("wanted", ["XML_SetNew", "XML_ParserCreate"])
def test_it_fires_for_a_function_that_the_displacing_one_lacks(wanted):
    objects = {
        MODULE: thing(needed=[HTTPDS]),
        HTTPDS: thing(PARSER, soname="libexpat.so.1"),
        EXTENSION: thing(refers=[wanted], needed=["libexpat.so.1"]),
        "/lib64/libexpat.so.1": thing([*PARSER, "XML_SetNew"], soname="libexpat.so.1"),
    }
    (finding,) = run(objects)
    expected = Severity.critical if wanted == "XML_SetNew" else Severity.medium
    assert finding.severity is expected


def test_what_no_application_imports_is_low():
    own = [*PARSER, "XML_SetNew"]
    (finding,) = run(host(PARSER, own, ["XML_ParserCreate", "XML_SetNew"]), imports=False)
    assert finding.severity is Severity.low


def test_it_is_silent_for_one_file():
    objects = {
        MODULE: thing(needed=["libexpat.so.1"]),
        "/lib64/libexpat.so.1": thing(PARSER, soname="libexpat.so.1"),
        EXTENSION: thing(refers=PARSER, needed=["libexpat.so.1"]),
    }
    assert run(objects) == []


def test_it_is_silent_for_private_names():
    private = [f"PyExpat_{name}" for name in PARSER]
    objects = {MODULE: thing(needed=[HTTPDS]), HTTPDS: thing(PARSER, soname="libexpat.so.1")}
    assert run(objects | {EXTENSION: thing(private, private)}) == []
