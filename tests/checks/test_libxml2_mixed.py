"""A wheel's own libxml2 beside the system's."""

from hostprobe_checks.libxml2_mixed import libxml2_mixed
from hostprobe_checks.symbol_interposed import symbol_interposed

from hostprobe.check import Severity
from tests.model.linked_host import EXTENSION, linkages, thing

PHP, XML = "/mods/libphp.so", "/lib64/libxml2.so.2"
NAMES = ["xmlReadMemory", "xmlFreeDoc", "xmlNewDoc"]


def host(own=(*NAMES, "xmlCtxtNew"), refers=(*NAMES, "xmlCtxtNew")):
    return {
        PHP: thing(needed=["libxml2.so.2"]),
        XML: thing(NAMES, soname="libxml2.so.2"),
        EXTENSION: thing(own, refers),
    }


def test_it_fires_when_parts_stay_in_the_wheel():
    (finding,) = libxml2_mixed.body(linkages(host(), [PHP]))
    assert finding.severity is Severity.high
    assert (finding.evidence["judgement"]["rebound"], finding.evidence["judgement"]["kept"]) == (
        3,
        1,
    )
    assert finding.subject == "object:/venv/lib/python3.11/site-packages/shop"


def test_it_is_silent_for_a_hidden_copy():
    assert not list(libxml2_mixed.body(linkages(host(refers=()), [PHP])))


def test_no_other_check_reports_the_same_rebindings():
    assert not list(symbol_interposed.body(linkages(host(), [PHP])))
