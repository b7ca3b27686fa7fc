"""What a record says could not be had."""

from hostprobe.collect.record import Record
from hostprobe.facts.elf import Elf
from hostprobe.facts.files import Missing
from hostprobe.facts.httpd import ConfigFile


def test_what_is_there_and_could_not_be_read_is_named_once_per_path():
    record = Record(
        lists={"/d": Missing("/d: permission denied"), "/e": ()},
        facts={
            ConfigFile: {"/a": Missing("/a: not a regular file"), "/b": ConfigFile(())},
            Elf: {"/a": Missing("/a: not an ELF file"), "/d/x/y": Missing("/d/x/y: denied")},
        },
    )
    assert list(record.unread()) == ["/d: permission denied", "/a: not a regular file"]


def test_what_is_not_there_or_left_out_of_a_snapshot_on_purpose_is_not_unread():
    record = Record(
        stats={"/a": Missing("/a: no such file or directory", not_found=True)},
        facts={ConfigFile: {"/b": Missing("ConfigFile: not shared in snapshots")}},
    )
    assert not list(record.unread())
