"""Stacks of threads by directive, limit and C library."""

from dataclasses import replace

import pytest

from hostprobe.facts.elf import StackSegment
from tests.model.linked_host import CONFIG, HTTPD, thing
from tests.model.memory.host import KB, MB, capacity

MUSL = replace(thing(), interpreter=b"/lib/ld-musl-x86_64.so.1")


def stacks(text="", ulimit="", **contents):
    files = {"/etc/apache2/envvars": ulimit} if ulimit else {}
    found = capacity(f"WSGIDaemonProcess shop {text}", files | contents).threads
    return found["shop"].stack


def test_the_default_is_8_mb():
    found = stacks()
    assert (found.size, found.is_set) == (8 * MB, False)
    assert found.mapped == 8 * MB + 4096


@pytest.mark.parametrize(
    ("text", "ulimit", "size"),
    [
        ("stack-size=524288", "", 512 * KB),
        ("stack-size=8192", "", 8 * MB),
        ("", "ulimit -s 512", 512 * KB),
        ("stack-size=1048576", "ulimit -s 512", MB),
        ("", "ulimit -s unlimited", 2 * MB),
        ("", "ulimit -s 1", 16 * KB),
    ],
)
def test_who_decides_the_stack_of_a_daemon(text, ulimit, size):
    assert stacks(text, ulimit).size == size


def test_thread_stack_size_is_for_children_alone():
    one = capacity("ThreadStackSize 524288\nWSGIDaemonProcess shop x=y")
    assert one.threads[""].stack.size == 512 * KB
    assert one.threads[""].stack.origin == f"ThreadStackSize ({CONFIG}:1)"
    assert one.threads["shop"].stack.size == 8 * MB


@pytest.mark.parametrize(("asked", "size"), [(0, 128 * KB), (MB, MB), (64 * MB, 8 * MB)])
def test_musl_gives_what_the_program_asks_for(asked, size):
    found = stacks("", "ulimit -s 512", **{HTTPD: (MUSL, StackSegment(asked))})
    assert (found.size, found.is_set) == (size, asked > 0)
