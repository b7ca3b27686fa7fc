"""A running httpd whose libraries are no longer those on disk."""

from dataclasses import replace

from hostprobe_checks.library_replaced import library_replaced

from hostprobe.check import Certainty, Severity
from hostprobe.facts.files import Missing
from hostprobe.facts.package import Owner
from tests.model.linked_host import HTTPD, thing
from tests.model.running.builder import linkages, mapped, process

MODULE, NUT, SCREW = "/mods/mod_shop.so", "/lib64/libnut.so.1", "/lib64/libscrew.so.1"
OLD = mapped(NUT, 0x3000, inode=9, deleted=True)
BEFORE = replace(thing(["bolt"], soname="libnut.so.1"), build_id=b"1")
AFTER = replace(thing(soname="libnut.so.1"), build_id=b"2")
OBJECTS = {
    MODULE: thing(refers=["bolt"], needed=["libnut.so.1", "libscrew.so.1"]),
    SCREW: thing(["bolt"], soname="libscrew.so.1"),
}
REST = (mapped(HTTPD), mapped(MODULE, 0x5000), mapped(SCREW, 0x2000))


def run(after, file=OLD, old=BEFORE):
    child = process(8, (*REST, file), parent=7)
    on_disk = {} if after is None else {NUT: (after, Owner("dpkg", "libnut1", "1.1"))}
    hosts = linkages(
        OBJECTS | on_disk, [process(7, (*REST, file)), child], [MODULE], [(7, file, old)]
    )
    return list(library_replaced.body(hosts))


def test_it_fires_with_what_the_restart_will_change():
    (finding,) = run(AFTER)
    assert (finding.severity, finding.certainty) == (Severity.high, Certainty.observed)
    assert "libnut.so.1" in finding.title
    assert "1 binding will move to another library" in finding.detail
    (move,) = finding.evidence["restart_moves"]
    assert (move["symbol"], move["before"], move["after"]) == ("bolt", NUT, SCREW)
    (row,) = finding.evidence["replaced"]
    assert (row["package"], row["held_by"]) == ("libnut1 1.1", "2 processes")
    assert [one.partition(" since")[0] for one in finding.evidence["processes"]] == [
        "parent 7",
        "child 8",
    ]


def test_it_fires_with_the_restart_that_will_fail():
    (finding,) = run(None)
    assert "removed from disk" in finding.title
    assert "A stop and start: fails" in finding.detail
    assert "Before any restart" in finding.remedy[0]


def test_it_fires_without_knowing_what_changes_where_the_old_file_is_not_readable():
    (finding,) = run(AFTER, old=Missing("/proc/7/map_files/3000-4000: not permitted"))
    assert finding.severity is Severity.high
    assert "not known" in finding.detail
    assert "restart_moves" not in finding.evidence


def test_the_same_build_again_is_low():
    (finding,) = run(BEFORE)
    assert finding.severity is Severity.low
    assert finding.detail.count("nothing will bind differently") == 2


def test_one_upgrade_is_the_same_fault_on_every_host():
    ((one,), (other,)) = run(AFTER), run(None)
    assert library_replaced.fingerprint(one) == library_replaced.fingerprint(other)


def test_it_is_silent_for_the_files_on_disk():
    assert run(BEFORE, file=mapped(NUT, 0x3000)) == []


def test_it_is_silent_for_deleted_memory_that_is_no_library():
    assert run(BEFORE, file=mapped("/tmp/ffi", inode=9, deleted=True), old=b"\0") == []
