"""The rules of a process are those of the C library in the inspected root."""

from dataclasses import replace

import pytest

from hostprobe.facts.elf import Banners
from hostprobe.facts.files import Missing
from hostprobe.facts.plan import Plan
from hostprobe.model.loader.objects import FailureKind
from hostprobe.model.loader.process import simulate
from hostprobe.model.loader.rules import GLIBC, MACHINES, Flavour, Habit, Rules, subdirectories
from hostprobe.model.loader.state import Step
from tests.model.loader.builder import MemoryFiles, elf, opens, paths, program

DEBIAN = "/lib/x86_64-linux-gnu"
X86_64 = MACHINES[Flavour(62, 64)]


class Root(MemoryFiles):
    """Files with a banner in each C library; counts how often one is asked for."""

    def __init__(self, content, banners):
        super().__init__(content)
        self.banners, self.asked = banners, []

    def read(self, path, kind):
        if kind is not Banners:
            return super().read(path, kind)
        self.asked.append(path)
        found = self.banners.get(
            path, Missing(f"{path}: no such file or directory", not_found=True)
        )
        return Banners((("glibc", found),) if found else ()) if isinstance(found, str) else found


def started(banners, *operations, interpreter=f"{DEBIAN}/ld-linux-x86-64.so.2", **content):
    link = b"/lib64/ld-linux-x86-64.so.2"
    host = {
        "/main": program(interpreter=link),
        link.decode(): interpreter,
        interpreter: elf(soname="ld-linux-x86-64.so.2"),
        **content,
    }
    return simulate(Root(host, banners), Plan("/main", operations))


PLACES = {
    "Debian: beside what the interpreter's link leads to": (
        f"{DEBIAN}/ld-linux-x86-64.so.2", f"{DEBIAN}/libc.so.6",
    ),
    "Debian 11 calls the file by its release": (f"{DEBIAN}/ld-2.31.so", f"{DEBIAN}/libc.so.6"),
    "RHEL": ("/usr/lib64/ld-linux-x86-64.so.2", "/usr/lib64/libc.so.6"),
    "a loader that lies elsewhere": ("/usr/lib/ld-linux-x86-64.so.2", "/lib64/libc.so.6"),
}  # fmt: skip


@pytest.mark.parametrize("claim", PLACES)
def test_where_the_release_is_read(claim):
    interpreter, library = PLACES[claim]
    one = started({library: "2.31"}, interpreter=interpreter)
    assert (one.state.rules.version, one.problems) == ((2, 31), ())


def test_a_release_under_development_behaves_like_the_next_one():
    assert started({f"{DEBIAN}/libc.so.6": "2.40.9000"}).state.rules.version == (2, 41)
    assert started({f"{DEBIAN}/libc.so.6": "2.12.2"}).state.rules.version == (2, 12)


UNKNOWN = {
    "no C library": ({}, "has no libc.so.6 beside it"),
    "one that cannot be read": (
        {f"{DEBIAN}/libc.so.6": Missing("/x: permission denied")}, "/x: permission denied",
    ),
    "one without a banner": ({f"{DEBIAN}/libc.so.6": ""}, "does not tell its release"),
}  # fmt: skip


@pytest.mark.parametrize("claim", UNKNOWN)
def test_an_unknown_release_is_said(claim):
    banners, reason = UNKNOWN[claim]
    one = started(banners)
    assert one.state.rules == GLIBC
    (problem,) = one.problems
    assert reason in problem
    assert "glibc 2.36" in problem


def test_given_rules_count_and_nothing_is_read():
    files = Root({"/main": program(interpreter=b"/ld.so")}, {})
    one = simulate(files, Plan("/main"), Rules(version=(2, 17)))
    assert one.state.rules.version == (2, 17)
    assert files.asked == []


def test_a_program_without_interpreter_has_no_release():
    files = Root({"/main": program(interpreter=None)}, {})
    assert simulate(files, Plan("/main")).problems == ()
    assert files.asked == []


LEGACY = ("tls/x86_64/x86_64/", "tls/x86_64/", "tls/", "x86_64/x86_64/", "x86_64/")
HWCAPS = ("glibc-hwcaps/x86-64-v3/", "glibc-hwcaps/x86-64-v2/")


@pytest.mark.parametrize(
    ("version", "expected"),
    [((2, 31), LEGACY), ((2, 33), HWCAPS + LEGACY), ((2, 36), HWCAPS + LEGACY), ((2, 41), HWCAPS)],
)
def test_subdirectories_as_ld_debug_shows_them(version, expected):
    assert subdirectories(Rules(version=version), X86_64) == expected


HABITS = {
    Habit.HWCAPS_SUBDIRECTORIES: ((2, 32), (2, 33)),
    Habit.LEGACY_SUBDIRECTORIES: ((2, 37), (2, 36)),
    Habit.PIE_REFUSED: ((2, 29), (2, 30)),
    Habit.DEPTH_FIRST_ORDER: ((2, 34), (2, 35)),
    Habit.LOST_VERSIONS_END_THE_PROCESS: ((2, 41), (2, 40)),
    Habit.EXECUTABLE_STACK_REFUSED: ((2, 40), (2, 41)),
}
"""Habit -> the release beside its boundary that has it not, and the one that has."""


@pytest.mark.parametrize("habit", Habit)
def test_boundaries_of_the_habits(habit):
    without, having = HABITS[habit]
    assert not Rules(version=without).has(habit)
    assert Rules(version=having).has(habit)


CIRCLE = {
    "/a.so": elf(needs="/b.so /c.so"),
    "/b.so": elf(needs="/c.so"),
    "/c.so": elf(needs="/b.so /d.so"),
    "/d.so": elf(),
}


@pytest.mark.parametrize(
    ("release", "order"),
    [("2.31", "dcba"), ("2.34", "dcba"), ("2.35", "dbca"), ("2.36", "dbca"), ("2.41", "dbca")],
)
def test_objects_in_a_circle_are_relocated_as_2_31_and_2_36_do(release, order):
    one = started({f"{DEBIAN}/libc.so.6": release}, opens("/a.so"), **CIRCLE)
    relocated = [event.object.path for event in one.history if event.step is Step.RELOCATE]
    assert relocated[-4:] == [f"/{name}.so" for name in order]


def test_hundreds_of_objects_in_circles_do_not_hold_the_old_order_up():
    names = [f"/{number}.so" for number in range(150)]
    content = {name: elf(needs=" ".join(names)) for name in names}
    one = started({f"{DEBIAN}/libc.so.6": "2.31"}, opens(names[0]), **content)
    assert len(one.objects) == len(names) + 1
    assert any("need each other" in problem for problem in one.problems)


@pytest.mark.parametrize(("release", "refused"), [("2.31", False), ("2.36", False), ("2.41", True)])
def test_an_executable_stack_is_judged_by_the_root(release, refused):
    content = {"/x.so": elf(stack_flags=7)}
    one = started({f"{DEBIAN}/libc.so.6": release}, opens("/x.so"), **content)
    kinds = [failure.kind for failure in one.failures]
    assert kinds == [FailureKind.EXECUTABLE_STACK] * refused


@pytest.mark.parametrize(("release", "refused"), [("2.28", False), ("2.31", True)])
def test_an_executable_is_opened_before_2_30_if_it_is_position_independent(release, refused):
    content = {"/x": elf(dt_flags_1=0x08000000)}
    one = started({f"{DEBIAN}/libc.so.6": release}, opens("/x"), **content)
    assert ("/x" not in paths(one.objects)) == refused


@pytest.mark.parametrize(
    ("fields", "triplet"),
    [
        ({"machine": 62, "elf_class": 64}, "x86_64-linux-gnu"),
        ({"machine": 62, "elf_class": 32}, "x86_64-linux-gnux32"),
        ({"machine": 40, "elf_class": 32, "flags": 0x5000400}, "arm-linux-gnueabihf"),
        ({"machine": 40, "elf_class": 32, "flags": 0x5000200}, "arm-linux-gnueabi"),
        ({"machine": 20, "elf_class": 32, "little_endian": False}, "powerpc-linux-gnu"),
        ({"machine": 21, "elf_class": 64, "flags": 2}, "powerpc64le-linux-gnu"),
        ({"machine": 21, "elf_class": 64, "little_endian": False}, "powerpc64-linux-gnu"),
        ({"machine": 22, "elf_class": 64, "little_endian": False}, "s390x-linux-gnu"),
        ({"machine": 20, "elf_class": 64}, "unknown-linux-gnu"),
    ],
)
def test_class_byte_order_and_float_abi_tell_machines_apart(fields, triplet):
    assert GLIBC.machine(replace(elf(), **fields)).triplet == triplet
