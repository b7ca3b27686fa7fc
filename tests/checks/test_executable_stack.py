"""Objects that ask for an executable stack."""

from dataclasses import replace

import pytest
from hostprobe_checks.executable_stack import executable_stack
from hostprobe_checks.object_unloadable import object_unloadable

from hostprobe.check import Certainty, Severity
from hostprobe.facts.elf import PF_R, PF_W, PF_X, Banners
from tests.model.linked_host import EXTENSION, HTTPD, PYTHON, linkages, thing

MODULE = "/mods/mod_a.so"
LIBC, LD_SO = "/lib64/libc.so.6", "/lib64/ld-linux-x86-64.so.2"
ASKING, PLAIN = PF_R | PF_W | PF_X, PF_R | PF_W


def host(asking, glibc="2.36", flags=ASKING):
    """A host where one object has these flags in its PT_GNU_STACK."""
    objects = {
        HTTPD: thing(needed=["libc.so.6"]),
        PYTHON: thing(["Py_Initialize"], needed=["libc.so.6"]),
        MODULE: thing(),
        EXTENSION: thing(needed=["libfast.so.1"]),
        "/lib64/libfast.so.1": thing(soname="libfast.so.1"),
        LIBC: thing(soname="libc.so.6"),
        LD_SO: thing(soname="ld-linux-x86-64.so.2"),
    }
    objects = {path: replace(one, stack_flags=PLAIN) for path, one in objects.items()}
    for program in (HTTPD, PYTHON):
        objects[program] = replace(objects[program], interpreter=LD_SO.encode())
    objects[asking] = replace(objects[asking], stack_flags=flags)
    objects[LIBC] = (objects[LIBC], Banners((("glibc", glibc),)))
    return objects


def run(check, objects, **options):
    return list(check.body(linkages(objects, [MODULE], **options)))


def test_it_fires_for_a_module():
    (finding,) = run(executable_stack, host(MODULE))
    assert (finding.severity, finding.certainty) == (Severity.medium, Certainty.certain)
    assert finding.subject == f"object:{MODULE}"


@pytest.mark.parametrize("asking", [EXTENSION, "/lib64/libfast.so.1"])
def test_it_fires_for_an_extension_and_for_what_it_needs(asking):
    (finding,) = run(executable_stack, host(asking))
    assert (finding.severity, finding.certainty) == (Severity.medium, Certainty.likely)
    assert finding.evidence["extensions"] == [EXTENSION]


def test_what_no_application_imports_is_low():
    (finding,) = run(executable_stack, host(EXTENSION), imports=False)
    assert (finding.severity, finding.certainty) == (Severity.low, Certainty.possible)


def test_a_missing_header_means_the_same_on_x86():
    assert len(run(executable_stack, host(MODULE, flags=None))) == 1


@pytest.mark.parametrize("asking", [MODULE, EXTENSION])
def test_glibc_2_41_refuses_and_this_check_alone_says_so(asking):
    (finding,) = run(executable_stack, host(asking, "2.41"))
    assert finding.severity is Severity.critical
    assert "cannot enable executable stack" in finding.detail
    assert "--clear-execstack" in finding.remedy[-1]
    assert run(object_unloadable, host(asking, "2.41")) == []


@pytest.mark.parametrize("glibc", ["2.36", "2.41"])
def test_it_is_silent_where_nobody_asks(glibc):
    assert run(executable_stack, host(MODULE, glibc, PLAIN)) == []


def test_it_is_silent_for_a_missing_header_on_aarch64():
    objects = {
        path: (replace(one[0], machine=183), one[1])
        if isinstance(one, tuple)
        else replace(one, machine=183)
        for path, one in host(MODULE, flags=None).items()
    }
    assert run(executable_stack, objects) == []
