"""Modules and extensions that would not load."""

import pytest
from hostprobe_checks.object_unloadable import object_unloadable

from hostprobe.check import Certainty, Severity
from tests.model.linked_host import EXTENSION, HTTPD, PYTHON, linkages, thing
from tests.model.memory_files import FIFO

MODULE = "/mods/mod_a.so"


def run(*arguments, **options):
    return list(object_unloadable.body(linkages(*arguments, **options)))


def test_it_fires_once_for_a_module_whose_library_is_missing():
    (finding,) = run({MODULE: thing(needed=["libgone.so.1"]), EXTENSION: thing()}, [MODULE])
    assert finding.severity is Severity.critical
    assert finding.certainty is Certainty.certain
    assert "libgone.so.1: cannot open shared object file" in finding.detail
    assert finding.evidence["requesters"] == [MODULE]
    assert finding.evidence["where"] == "/etc/apache2/apache2.conf:1"
    assert any("apt-file search libgone.so.1" in step for step in finding.remedy)


def test_it_fires_for_a_module_that_does_not_exist():
    (finding,) = run({EXTENSION: thing()}, [MODULE])
    assert MODULE in finding.title


def test_it_fires_for_an_import_that_works_standalone_only():
    objects = {
        PYTHON: thing(["Py_Initialize", "only_there"]),
        EXTENSION: thing(refers=["only_there"]),
    }
    (finding,) = run(objects)
    assert (finding.severity, finding.certainty) == (Severity.critical, Certainty.likely)
    assert "undefined symbol: only_there" in finding.detail
    assert "although it does standalone" in finding.title


@pytest.mark.parametrize(
    ("imports", "severity"), [(True, Severity.critical), (False, Severity.info)]
)
def test_what_fails_everywhere_matters_when_it_is_imported(imports, severity):
    (finding,) = run({EXTENSION: thing(needed=["libgone.so.1"])}, imports=imports)
    assert finding.severity is severity


def test_it_is_silent_when_everything_loads():
    objects = {
        MODULE: thing(refers=["helper"], needed=["libhelper.so.1"]),
        "/lib64/libhelper.so.1": thing(["helper"], soname="libhelper.so.1"),
        EXTENSION: thing(),
    }
    assert run(objects, [MODULE]) == []


def test_it_fires_for_httpd_itself_and_says_nothing_else():
    objects = {HTTPD: thing(needed=["libgone.so.1"]), EXTENSION: thing(needed=["libgone.so.2"])}
    (finding,) = run(objects)
    assert finding.subject == f"object:{HTTPD}"
    assert finding.severity is Severity.critical


def test_what_hostprobe_could_not_read_is_no_finding():
    assert run({MODULE: FIFO, EXTENSION: FIFO}, [MODULE]) == []


def test_a_damaged_file_is_to_be_installed_again():
    (finding,) = run({MODULE: b"#!/bin/sh", EXTENSION: thing()}, [MODULE])
    assert "file too short" in finding.detail
    assert f"dpkg -S {MODULE}" in finding.remedy[0]
