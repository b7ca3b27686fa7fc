"""A needed library whose soname httpd has taken with another file."""

from dataclasses import replace

import pytest
from hostprobe_checks.soname_displaced import soname_displaced

from hostprobe.check import Certainty, Severity
from tests.model.linked_host import EXTENSION, linkages, thing

MODULE, OLDER, NEWER = "/mods/mod_gears.so", "/opt/old/libgear.so.1", "/lib64/libgear.so.1"


def run(objects, **options):
    return list(soname_displaced.body(linkages(objects, [MODULE], **options)))


def host(refers=("gear_teeth",), build_ids=(None, None)):
    older = thing(["gear_teeth"], soname="libgear.so.1")
    newer = thing(["gear_teeth", "gear_speed"], soname="libgear.so.1")
    return {
        MODULE: thing(needed=[OLDER]),
        OLDER: replace(older, build_id=build_ids[0]),
        EXTENSION: thing(refers=refers, needed=["libgear.so.1"]),
        NEWER: replace(newer, build_id=build_ids[1]),
    }


def test_it_fires_for_an_import_that_fails():
    (finding,) = run(host(["gear_speed"]))
    assert (finding.severity, finding.certainty) == (Severity.critical, Certainty.likely)
    (displaced,) = finding.evidence["displaced"]
    assert (displaced["name"], displaced["taken"], displaced["rightful"]) == (
        "libgear.so.1",
        OLDER,
        NEWER,
    )


def test_it_fires_as_medium_where_everything_is_there():
    (finding,) = run(host())
    assert finding.severity is Severity.medium
    assert finding.title == f"shop._fast would use {OLDER} instead of {NEWER}"
    assert finding.evidence["brought_by"][0]["open"] == MODULE


def test_a_cure_is_tried_on_the_model():
    (finding,) = run(host())
    assert finding.remedy[0].startswith(f"LoadFile {NEWER} before the first LoadModule: clears it")


@pytest.mark.parametrize("refers", [["gear_teeth"], ["gear_speed"]])
def test_what_no_application_imports_is_low(refers):
    (finding,) = run(host(refers), imports=False)
    assert finding.severity is Severity.low


def test_it_is_silent_for_copies_of_one_build():
    assert run(host(build_ids=(b"1", b"1"))) == []


def test_two_builds_are_told_apart():
    assert len(run(host(build_ids=(b"1", b"2")))) == 1


def test_it_is_silent_for_the_same_file():
    objects = host() | {MODULE: thing(needed=["libgear.so.1"])}
    assert run(objects) == []


def test_it_is_silent_for_another_soname():
    objects = host(["gear_speed"])
    objects[OLDER] = replace(objects[OLDER], soname=b"libgear.so.0")
    assert run(objects) == []
