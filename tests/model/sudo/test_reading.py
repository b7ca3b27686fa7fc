"""Includes of sudoers; tests/oracle/test_sudoers.py compares their order with sudo's."""

import time

from hostprobe.facts.files import Absent, Missing
from hostprobe.model.sudo.reading import MAX_FILES, MAX_STATEMENTS, read_sudoers
from tests.model.memory_files import MemoryFiles

RULE = "a ALL = /x\n"


def read(contents, host="web1.example.org"):
    return read_sudoers(MemoryFiles(contents), host)


def places(contents):
    return [str(one) for one in read(contents).placed]


def test_the_first_place_that_exists_counts():
    assert places({"/usr/etc/sudoers": RULE}) == ["/usr/etc/sudoers:1"]
    assert places({"/usr/etc/sudoers": RULE, "/etc/sudoers": RULE}) == ["/etc/sudoers:1"]
    assert isinstance(read({}), Absent)


def test_a_file_that_may_not_be_read_is_not_passed_over():
    contents = {"/etc/sudoers": Missing("/etc/sudoers: permission denied"), "/usr/etc/sudoers": ""}
    assert isinstance(read(contents), Missing)


def test_the_host_takes_the_place_of_its_sign_in_includes():
    contents = {"/etc/sudoers": "@include sudoers.%h\n", "/etc/sudoers.web1": RULE}
    assert places(contents) == ["/etc/sudoers.web1:1"]


def test_an_include_that_is_not_there_is_no_problem():
    assert read({"/etc/sudoers": f"@include x\n@includedir y\n{RULE}"}).problems == []


def test_a_file_that_includes_itself_often_ends_soon():
    begun = time.process_time()
    found = read({"/etc/sudoers": "@include sudoers\n" * 500 + RULE * 500})
    assert len(found.files) <= MAX_FILES
    assert len(found.placed) <= MAX_STATEMENTS + 130 * 500
    assert len(found.problems) < 10
    assert time.process_time() - begun < 5
