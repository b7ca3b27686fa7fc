"""Which file a name leads to, and what is said when it leads to none."""

from dataclasses import replace

import pytest

from hostprobe.facts.files import Missing
from hostprobe.model.loader.objects import FailureKind, FoundBy
from hostprobe.model.loader.rules import GLIBC
from tests.model.loader.builder import elf, opens, paths, process, program

LIB = elf("f")
TODAY = replace(GLIBC, version=(2, 41))


def root_of(asker, **places):
    """/ext.so asks for libx.so, which stands in the named directories."""
    return {"/ext.so": asker, **{f"/{name}/libx.so": LIB for name in places}}


FOUND = {
    "RPATH stands before LD_LIBRARY_PATH": (
        elf(needs="libx.so", rpath="/r"), "r e", "/r/libx.so", FoundBy.RPATH,
    ),
    "LD_LIBRARY_PATH stands before RUNPATH": (
        elf(needs="libx.so", runpath="/r"), "r e", "/e/libx.so", FoundBy.LD_LIBRARY_PATH,
    ),
    "RUNPATH stands before the cache": (
        elf(needs="libx.so", runpath="/r"), "r c", "/r/libx.so", FoundBy.RUNPATH,
    ),
    "RUNPATH of the same object makes its RPATH void": (
        elf(needs="libx.so", rpath="/r", runpath="/u"), "r u", "/u/libx.so", FoundBy.RUNPATH,
    ),
    "the cache stands before the default directories": (
        elf(needs="libx.so"), "c lib64", "/c/libx.so", FoundBy.CACHE,
    ),
    "the default directories are the last": (
        elf(needs="libx.so"), "usr/lib64", "/usr/lib64/libx.so", FoundBy.DEFAULT,
    ),
    "an empty element of a path is the working directory": (
        elf(needs="libx.so", rpath="/n::/r"), "r .", "./libx.so", FoundBy.RPATH,
    ),
    "braces around ORIGIN change nothing": (
        elf(needs="libx.so", rpath="${ORIGIN}r//"), "r", "/r/libx.so", FoundBy.RPATH,
    ),
}  # fmt: skip


@pytest.mark.parametrize("claim", FOUND)
def test_found(claim):
    asker, places, path, step = FOUND[claim]
    content = {f"/{place}/libx.so".replace("/./", "/"): LIB for place in places.split()}
    cache = (("libx.so", "/c/libx.so"),)
    one = process(
        {"/ext.so": asker, **content},
        opens("/ext.so"),
        environment={"LD_LIBRARY_PATH": "/e"},
        cache=cache,
    )
    found = one.objects[-1]
    assert (found.path, found.found_by) == (path, step)
    assert found.requester is one.objects[-2]


def test_a_failure_lists_the_paths_that_were_considered_in_their_order():
    asker = elf(needs="libx.so", rpath="/r:$ORIGIN/r")
    one = process({"/a/ext.so": asker}, opens("/a/ext.so"), environment={"LD_LIBRARY_PATH": "/e"})
    (failure,) = one.failures
    assert failure.kind is FailureKind.NOT_FOUND
    assert failure.message == ("libx.so: cannot open shared object file: No such file or directory")
    assert failure.missing == "libx.so"
    assert failure.requesters == ("/a/ext.so",)
    assert failure.searched == (
        "/r/libx.so [rpath]",
        "/a/r/libx.so [rpath]",
        "/e/libx.so [ld_library_path]",
        "/lib64/libx.so [default]",
        "/usr/lib64/libx.so [default]",
    )


def test_the_chain_of_requesters_starts_at_the_opened_object():
    content = {"/ext.so": elf(needs="liba.so"), "/lib64/liba.so": elf(needs="libb.so")}
    (failure,) = process(content, opens("/ext.so")).failures
    assert failure.requesters == ("/ext.so", "/lib64/liba.so")


def test_a_failed_open_is_recorded_and_the_plan_goes_on():
    one = process({"/b.so": LIB}, opens("/a.so"), opens("/b.so"))
    assert [failure.path for failure in one.failures] == ["/a.so"]
    assert paths(one.objects) == ["/main", "/b.so"]


UNUSABLE = {
    "not an ELF file": (
        Missing("/x.so: not an ELF file"), FailureKind.INVALID_HEADER, "/x.so: invalid ELF header",
    ),
    "what hostprobe cannot read is no claim about the loader": (
        Missing("/x.so: permission denied"),
        FailureKind.UNREADABLE,
        "/x.so: could not be read: /x.so: permission denied",
    ),
    "another class alone": (
        elf(elf_class=32), FailureKind.WRONG_CLASS, "/x.so: wrong ELF class: ELFCLASS32",
    ),
    "another machine counts as absent": (
        elf(machine=183),
        FailureKind.NOT_FOUND,
        "/x.so: cannot open shared object file: No such file or directory",
    ),
    "a big-endian file": (
        elf(little_endian=False),
        FailureKind.WRONG_ENCODING,
        "/x.so: ELF file data encoding not little-endian",
    ),
    "an object without a dynamic section": (
        elf(is_dynamic=False),
        FailureKind.NO_DYNAMIC_SECTION,
        "/x.so: object file has no dynamic section",
    ),
    "an executable": (
        program(), FailureKind.IS_EXECUTABLE, "/x.so: cannot dynamically load executable",
    ),
    "a position independent executable": (
        elf(dt_flags_1=0x8000000),
        FailureKind.IS_EXECUTABLE,
        "/x.so: cannot dynamically load position-independent executable",
    ),
}  # fmt: skip


@pytest.mark.parametrize("claim", UNUSABLE)
def test_unusable(claim):
    content, kind, message = UNUSABLE[claim]
    (failure,) = process({"/x.so": content}, opens("/x.so")).failures
    assert (failure.kind, failure.message) == (kind, message)


STACK = {
    "an executable stack is refused from 2.41 on": (elf(stack_flags=7), TODAY, False),
    "an absent stack header asks for one too": (elf(stack_flags=None), TODAY, False),
    "before, the stack becomes executable": (elf(stack_flags=7), GLIBC, True),
    "a plain stack": (elf(), TODAY, True),
}


@pytest.mark.parametrize("claim", STACK)
def test_executable_stack(claim):
    content, rules, loads = STACK[claim]
    one = process({"/x.so": content}, opens("/x.so"), rules=rules)
    assert bool(one.failures) != loads
    assert all(failure.kind is FailureKind.EXECUTABLE_STACK for failure in one.failures)


def test_a_process_that_has_an_executable_stack_may_open_more():
    content = {"/main": program(stack_flags=7), "/x.so": elf(stack_flags=7)}
    assert not process(content, opens("/x.so"), rules=TODAY).failures


HWCAPS = {
    "the best supported level": (("x86-64-v2", "x86-64-v3"), GLIBC, "/c/x86-64-v3/libx.so"),
    "an unsupported level is passed over": (("x86-64-v4",), GLIBC, "/c/libx.so"),
    "the level is a parameter": (
        ("x86-64-v3", "x86-64-v4"),
        replace(GLIBC, levels=("x86-64-v4",)),
        "/c/x86-64-v4/libx.so",
    ),
}


@pytest.mark.parametrize("claim", HWCAPS)
def test_the_cache_holds_capability_entries(claim):
    levels, rules, expected = HWCAPS[claim]
    rows = [("libx.so", f"/c/{level}/libx.so", level) for level in levels]
    content = {path: LIB for _, path, _ in rows} | {"/c/libx.so": LIB}
    cache = (*rows, ("libx.so", "/c/libx.so"))
    one = process(content, opens("libx.so"), rules=rules, cache=cache)
    assert one.objects[-1].path == expected


def test_cache_entries_of_another_machine_do_not_count():
    content = {"/c32/libx.so": elf(elf_class=32), "/c/libx.so": LIB}
    cache = (("libx.so", "/c32/libx.so", "", 0x0803), ("libx.so", "/c/libx.so"))
    assert process(content, opens("libx.so"), cache=cache).objects[-1].path == "/c/libx.so"


LAYOUTS = {
    "Debian's loader knows the multiarch directories": (
        "/usr/lib/x86_64-linux-gnu/ld.so", "/lib/x86_64-linux-gnu/libx.so",
    ),
    "other loaders know lib64": ("/usr/lib64/ld.so", "/lib64/libx.so"),
}  # fmt: skip


@pytest.mark.parametrize("claim", LAYOUTS)
def test_default_directories_follow_from_where_the_loader_is(claim):
    interpreter, expected = LAYOUTS[claim]
    content = {
        "/main": program(interpreter=b"/lib64/ld.so", needs="libx.so"),
        "/lib64/ld.so": interpreter,
        interpreter: elf(soname="ld.so"),
        "/lib64/libx.so": LIB,
        "/lib/x86_64-linux-gnu/libx.so": LIB,
    }
    assert expected in paths(process(content).objects)


def test_legacy_subdirectories_end_with_2_36():
    content = {
        "/r/tls/libx.so": LIB,
        "/r/libx.so": LIB,
        "/ext.so": elf(needs="libx.so", rpath="/r"),
    }
    for rules, expected in ((GLIBC, "/r/tls/libx.so"), (TODAY, "/r/libx.so")):
        assert process(content, opens("/ext.so"), rules=rules).objects[-1].path == expected


def test_origin_is_where_a_link_stands():
    content = {
        "/real/ext.so": elf(needs="libx.so", runpath="$ORIGIN/l"),
        "/links/ext.so": "/real/ext.so",
        "/links/l/libx.so": LIB,
    }
    one = process(content, opens("/links/ext.so"))
    assert [(found.path, found.real) for found in one.objects[1:]] == [
        ("/links/ext.so", "/real/ext.so"),
        ("/links/l/libx.so", "/links/l/libx.so"),
    ]


def test_the_callers_paths_are_searched_for_a_bare_name():
    content = {"/a/liba.so": elf(runpath="$ORIGIN/p"), "/a/p/plugin.so": LIB}
    one = process(content, opens("/a/liba.so"), opens("plugin.so", caller="/a/liba.so"))
    assert one.objects[-1].path == "/a/p/plugin.so"
    assert one.objects[-1].requester is one.objects[-2]
