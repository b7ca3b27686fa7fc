"""Stacks that extensions overflow.

Recorded: musl's default, whose rules are those of its source; no musl httpd runs here.
"""

from dataclasses import replace

import pytest
from hostprobe_checks.stack_too_small import stack_too_small

from hostprobe.check import Certainty, Severity
from hostprobe.facts.elf import StackSegment
from hostprobe.model.memory.capacity import Capacities
from tests.model.linked_host import HTTPD, thing
from tests.model.memory.host import MB, capacity

MUSL = replace(thing(), interpreter=b"/lib/ld-musl-x86_64.so.1")


def run(text, contents=(), *, imports=True, **options):
    one = capacity(text, contents, **options)
    if not imports:
        nothing = replace(one.instance.applications[0], reachable=())
        object.__setattr__(one.instance, "applications", (nothing,))
    return list(stack_too_small.body(Capacities((one,))))


def test_it_fires_for_a_small_stack_of_a_daemon():
    (finding,) = run("WSGIDaemonProcess shop stack-size=131072", group="shop")
    assert (finding.severity, finding.certainty) == (Severity.medium, Certainty.likely)
    assert finding.evidence["extensions"] == ["shop._fast"]
    assert "`stack-size=524288`" in finding.remedy[0]


def test_it_fires_for_children():
    (finding,) = run("ThreadStackSize 262144")
    assert "`ThreadStackSize 524288`" in finding.remedy[0]


def test_it_fires_for_the_main_thread_of_prefork():
    (finding,) = run("", {"/etc/apache2/envvars": "ulimit -s 256\n"}, mpm="prefork")
    assert finding.remedy[0] == "At least `ulimit -s 512` in /etc/apache2/envvars, for all threads."


def test_it_fires_for_the_default_of_musl():
    (finding,) = run("", {HTTPD: (MUSL, StackSegment(0))})
    assert finding.evidence["stack"] == 128 << 10
    assert finding.remedy == (
        "Set `ThreadStackSize 524288` in the server configuration, or more.",
        "Stop and start httpd.",
    )


@pytest.mark.parametrize(
    ("text", "contents", "options"),
    [
        ("", {}, {}),
        ("ThreadStackSize 524288", {}, {}),
        ("", {"/etc/apache2/envvars": "ulimit -s unlimited\n"}, {}),
        ("WSGIDaemonProcess shop stack-size=131072", {}, {}),
        ("ThreadStackSize 131072", {}, {"imports": False}),
        ("ThreadStackSize 524288", {HTTPD: (MUSL, StackSegment(0))}, {}),
        ("", {HTTPD: (MUSL, StackSegment(MB))}, {}),
        ("", {HTTPD: (MUSL, StackSegment(0))}, {"mpm": "prefork"}),
    ],
)
def test_it_is_silent_where_stacks_are_large_or_nothing_is_imported(text, contents, options):
    assert run(text, contents, **options) == []
