"""Space for static TLS, as elf/dl-tls.c and elf/dl-reloc.c count it."""

from dataclasses import replace

import pytest

from hostprobe.facts.elf import DF_STATIC_TLS, STT_TLS, Tls
from hostprobe.facts.plan import Open, OpenFlags, Plan
from hostprobe.model.loader.process import start
from hostprobe.model.loader.static_tls import Space, shortage, space_at_start, surplus
from tests.model.linked_host import thing
from tests.model.memory_files import MemoryFiles


@pytest.mark.parametrize(
    ("tunables", "expected"),
    [
        ("", 1664),
        ("glibc.rtld.optional_static_tls=0", 1152),
        ("glibc.malloc.check=1:glibc.rtld.optional_static_tls=0x200", 1664),
        ("glibc.rtld.nns=1", 1664 - 3 * 288),
        ("glibc.rtld.nns=0", 1664),
        ("glibc.rtld.nns=17", 1664),
        ("glibc.rtld.optional_static_tls=many", 1664),
    ],
)
def test_the_surplus_follows_the_tunables(tunables, expected):
    assert surplus({"GLIBC_TUNABLES": tunables}) == expected


@pytest.mark.parametrize(
    ("block", "used"),
    [
        (Tls(1, 1), 101),
        (Tls(100, 1), 200),
        (Tls(10, 8), 112),
        (Tls(924, 4), 1024),
        (Tls(925, 1), None),
        (Tls(8, 128), None),
    ],
)
def test_a_block_takes_up_to_the_next_step_from_the_end(block, used):
    after = Space(1024, 100, 64).take(block)
    assert (after and after.used) == used


def tls(size, *, static=True, refers=(), defines=(), needed=(), alignment=1):
    one = thing(defines, needed=needed)
    references = tuple(replace_type(reference) for reference in thing(refers=refers).references)
    return replace(
        one,
        tls=Tls(size, alignment) if size else None,
        dt_flags=DF_STATIC_TLS if static else 0,
        references=references,
        definitions={
            name: tuple(each._replace(type=STT_TLS) for each in found)
            for name, found in one.definitions.items()
        },
    )


def replace_type(reference):
    return reference._replace(type=STT_TLS)


def short(*objects):
    """The first of these, opened one after the other, that gets no space."""
    paths = [f"/lib64/lib{number}.so" for number, _ in enumerate(objects)]
    files = MemoryFiles({"/bin/program": thing(), **dict(zip(paths, objects, strict=True))})
    process = start(files, Plan("/bin/program"))
    space = space_at_start(process.objects, {})
    for path in paths:
        process.open(Open(path, OpenFlags.NOW))
    found = shortage(space, [one for one in process.objects if one.cause])
    return found and (found.object.real, found.free, [one.real for one in found.takers])


def test_the_sum_counts_and_the_one_that_does_not_fit_is_told():
    assert short(tls(1000), tls(600)) is None
    assert short(tls(1000), tls(600), tls(65)) == (
        "/lib64/lib2.so",
        64,
        ["/lib64/lib0.so", "/lib64/lib1.so"],
    )


def test_the_dynamic_model_takes_nothing():
    assert short(tls(100_000, static=False), tls(1664)) is None


def test_a_variable_that_another_wants_in_static_tls_counts():
    owner = tls(5000, static=False, defines=["pool"])
    assert short(owner) is None
    user = tls(0, refers=["pool"], needed=["lib0.so"])
    assert short(owner, user) == ("/lib64/lib0.so", 1664, [])
