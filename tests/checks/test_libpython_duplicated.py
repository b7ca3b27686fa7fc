"""More than one Python library in a process."""

import pytest
from hostprobe_checks.libpython_duplicated import libpython_duplicated

from hostprobe.check import Certainty, Severity
from tests.model.linked_host import EXTENSION, LIBPYTHON, linkages, thing

WSGI, EMBEDDING, OLDER = "/mods/mod_wsgi.so", "/mods/mod_old.so", "/lib64/libpython3.9.so.1.0"
COMMON = ["Py_Initialize", "Py_GetVersion"]


def run(objects, modules=(WSGI, EMBEDDING), **options):
    return list(libpython_duplicated.body(linkages(objects, modules, **options)))


def host(refers=("Py_GetVersion", "Py_Old")):
    """mod_wsgi and a module that embeds another Python."""
    return {
        WSGI: thing(refers=["Py_GetVersion"], needed=["libpython3.11.so.1.0"]),
        LIBPYTHON: thing(COMMON, soname="libpython3.11.so.1.0"),
        EMBEDDING: thing(refers=refers, needed=["libpython3.9.so.1.0"]),
        OLDER: thing([*COMMON, "Py_Old"], COMMON, soname="libpython3.9.so.1.0"),
        EXTENSION: thing(),
    }


def test_it_fires_for_a_module_that_uses_both():
    (finding,) = run(host())
    assert (finding.severity, finding.certainty) == (Severity.critical, Certainty.certain)
    assert [one["path"] for one in finding.evidence["copies"]] == [LIBPYTHON, OLDER]


def test_a_module_that_uses_only_the_first_is_medium():
    (finding,) = run(host(refers=["Py_GetVersion"]))
    assert finding.severity is Severity.medium


def test_who_starts_the_other_one_breaks():
    (finding,) = run(host(refers=["Py_Initialize"]))
    assert finding.severity is Severity.critical


@pytest.mark.parametrize("imports", [True, False])
def test_it_fires_for_an_extension_that_brings_another(imports):
    objects = host() | {EXTENSION: thing(refers=COMMON[1:], needed=["libpython3.9.so.1.0"])}
    (finding,) = run(objects, [WSGI], imports=imports)
    assert finding.severity is (Severity.medium if imports else Severity.low)


def test_a_python_inside_mod_wsgi_counts():
    objects = host() | {WSGI: thing(COMMON)}
    (finding,) = run(objects)
    assert finding.severity is Severity.critical


def test_it_is_silent_for_one_file():
    objects = host() | {EMBEDDING: thing(refers=COMMON, needed=["libpython3.11.so.1.0"])}
    assert run(objects) == []


def test_it_is_silent_for_a_static_python_alone():
    assert run({WSGI: thing(COMMON), EXTENSION: thing(refers=COMMON)}, [WSGI]) == []
