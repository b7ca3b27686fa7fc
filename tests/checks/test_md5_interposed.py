"""MD5Init and its sisters of an extension, taken over by another library."""

import pytest
from hostprobe_checks.md5_interposed import md5_interposed

from hostprobe.check import Severity
from hostprobe.facts.plan import Open, OpenFlags
from tests.model.linked_host import EXTENSION, linkages, thing

MODULE, MHASH = "/mods/mod_a.so", "/lib64/libmhash.so.2"
NAMES = ["MD5Init", "MD5Update", "MD5Final"]


def run(objects, modules=(MODULE,), **options):
    return list(md5_interposed.body(linkages(objects, modules, **options)))


def host(own=NAMES, theirs=(*NAMES, "mhash", "mhash_init", "mhash_end")):
    return {
        MODULE: thing(needed=["libmhash.so.2"]),
        MHASH: thing(theirs, soname="libmhash.so.2"),
        EXTENSION: thing(own, own),
    }


def test_it_fires_for_a_library_behind_a_module():
    (finding,) = run(host())
    assert finding.severity is Severity.critical
    assert finding.evidence["symbols"] == sorted(NAMES)
    assert finding.evidence["winners"][0]["path"] == MHASH
    assert finding.evidence["brought_by"][0]["open"] == MODULE


def test_it_fires_for_a_php_extension():
    flags = OpenFlags.LAZY | OpenFlags.GLOBAL | OpenFlags.DEEPBIND
    late = [Open(MODULE, flags, by="php", where="/etc/php/8.2/apache2/conf.d/20-mhash.ini:2")]
    (finding,) = run(host(), (), late=late)
    assert "phpdismod" in finding.remedy[0]


def test_one_function_is_enough():
    (finding,) = run(host(theirs=["MD5Transform"], own=["MD5Transform"]))
    assert finding.severity is Severity.critical


def test_what_no_application_imports_is_low():
    (finding,) = run(host(), imports=False)
    assert finding.severity is Severity.low


@pytest.mark.parametrize("own", [["MD5_Init"], ["MD5InitState"]])
def test_it_is_silent_for_other_names(own):
    assert run(host(own=own, theirs=own)) == []


def test_it_is_silent_for_a_library_of_its_own():
    objects = {
        MODULE: thing(needed=["libmd.so.0"]),
        EXTENSION: thing(refers=NAMES, needed=["libmd.so.0"]),
        "/lib64/libmd.so.0": thing(NAMES, soname="libmd.so.0"),
    }
    assert run(objects) == []


def test_it_is_silent_when_httpd_defines_no_such_name():
    assert run(host(theirs=["mhash"])) == []
