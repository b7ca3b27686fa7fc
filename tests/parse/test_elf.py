"""The ELF reader gives what the dynamic linker would see, or a ParseError."""

import mmap

import pytest

from hostprobe.facts.elf import Definition, Filter, LookupClass, Tls, VersionNeed
from hostprobe.parse.elf import parse_elf
from tests.parse.elf_image import (
    FLAVOURS,
    GLOB_DAT,
    JUMP_SLOT,
    PT_GNU_STACK,
    PT_INTERP,
    PT_NOTE,
    PT_TLS,
    ElfImage,
    Sym,
    note,
    parse,
    undefined,
)

NORMAL, PLT, COPY = LookupClass
COPY_TYPE, DTPMOD64, TLSDESC, RELATIVE, IRELATIVE = 5, 16, 36, 8, 37

DEFINED = False
"""Definition.undefined of nearly all."""


def definitions(**parts):
    return {name.decode(): several for name, several in parse(**parts).definitions.items()}


def references(*symbols, **parts):
    return parse(symbols=[*symbols], unhashed=len(symbols), **parts).references


@pytest.mark.parametrize("flavour", FLAVOURS)
def test_every_flavour_gives_the_same_facts(flavour):
    elf = parse(
        **flavour,
        flags=5,
        kind=2,
        symbols=[
            undefined("wanted", version=2),
            undefined("plain", bind=2),
            Sym("own", version=0x8003),
            Sym("own", version=4),
        ],
        unhashed=2,
        versym=True,
        needs=[("libc.so.6", [("GLIBC_2.5", 2, 2)])],
        nodes=[("lib.so", 1, 1), ("V1", 0, 3), ("V2", 0, 4)],
        rela=[(1, 0x1D), (2, 0x1D), (1, 0x1D)],
        strings={
            14: "lib.so",
            1: ["libc.so.6", "libm.so.6"],
            15: "/r",
            29: "/u",
            0x7FFFFFFF: "f",
            0x7FFFFFFD: "a",
        },
        segments=[(PT_INTERP, b"/lib/ld.so\0"), (PT_GNU_STACK, None, 7), (PT_TLS, b"1", 4, 64, 16)],
    )
    assert (elf.elf_class, elf.little_endian) == (flavour.get("bits", 64), not flavour.get("big"))
    assert (elf.machine, elf.flags, elf.type) == (flavour.get("machine", 62), 5, 2)
    assert (elf.soname, elf.needed) == (b"lib.so", (b"libc.so.6", b"libm.so.6"))
    assert (elf.rpath, elf.runpath) == (b"/r", b"/u")
    assert elf.filters == (Filter(b"f", is_auxiliary=False), Filter(b"a", is_auxiliary=True))
    assert (elf.interpreter, elf.stack_flags, elf.tls) == (b"/lib/ld.so", 7, Tls(64, 16))
    assert elf.version_needs == (VersionNeed(b"libc.so.6", b"GLIBC_2.5", weak=True, index=2),)
    assert elf.version_definitions == {3: b"V1", 4: b"V2"}
    assert (elf.has_verdef, elf.has_versym, elf.is_dynamic) == (True, True, True)
    assert [(one.name, one.version, one.file, one.weak) for one in elf.references] == [
        (b"wanted", b"GLIBC_2.5", b"libc.so.6", False),
        (b"plain", None, None, True),
    ]
    assert elf.definitions == {
        b"own": (Definition(1, 2, 0, DEFINED, 0x8003), Definition(1, 2, 0, DEFINED, 4))
    }


def test_mmap_and_memoryview_are_read_like_bytes(tmp_path):
    path = tmp_path / "lib.so"
    path.write_bytes(data := ElfImage(symbols=[Sym("f")], strings={14: "lib.so"}).build())
    with path.open("rb") as file:
        image = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    assert parse_elf(image) == parse_elf(memoryview(data)) == parse_elf(data)
    image.close()  # fails if the facts still held a part of it


@pytest.mark.parametrize(
    ("tags", "names"),
    [
        ([(16, 0)], {"dt_symbolic"}),
        ([(30, 2)], {"dt_symbolic"}),
        ([(22, 0)], {"text_relocation"}),
        ([(30, 4)], {"text_relocation"}),
        ([(24, 0)], {"bind_now"}),
        ([(30, 8)], {"bind_now"}),
        ([(0x6FFFFFFB, 1)], {"bind_now"}),
        ([(30, 16), (0x6FFFFFFB, 8)], set()),
        ([(30, 2), (30, 0)], set()),
    ],
)
def test_flags_come_from_their_own_tag_or_from_dt_flags(tags, names):
    elf = parse(tags=tags)
    flags = {"dt_symbolic", "text_relocation", "bind_now"}
    assert {name for name in flags if getattr(elf, name)} == names
    assert elf.dt_flags_1 == dict(tags).get(0x6FFFFFFB, 0)


def test_what_is_absent_is_none_or_empty():
    elf = parse(dynamic=False)
    assert (elf.is_dynamic, elf.soname, elf.needed, elf.rpath) == (False, None, (), None)
    assert (elf.interpreter, elf.stack_flags, elf.tls, elf.build_id) == (None, None, None, None)
    assert (elf.definitions, elf.references, elf.has_versym) == ({}, (), False)


@pytest.mark.parametrize(
    ("notes", "build_id"),
    [
        (note(3, b"GNU\0", b"\1\2\3\4"), b"\1\2\3\4"),
        (note(1, b"GNU\0", b"abcd") + note(3, b"GNU\0", b"\5\6\7\x08"), b"\5\6\7\x08"),
        (note(3, b"Go\0\0", b"abcd"), None),
        (note(3, b"GNU\0", b"abcd")[:-1], None),
        (b"", None),
    ],
)
def test_the_build_id_is_the_gnu_note_of_type_3(notes, build_id):
    assert parse(segments=[(PT_NOTE, notes, 4, None, 4)]).build_id == build_id


@pytest.mark.parametrize(
    ("symbol", "expected"),
    [
        (Sym("f"), Definition(1, 2, 0, DEFINED, 1)),
        (Sym("f", bind=2, type=0), Definition(2, 0, 0, DEFINED, 1)),
        (Sym("f", bind=10, type=1), Definition(10, 1, 0, DEFINED, 1)),
        (Sym("f", type=5), Definition(1, 5, 0, DEFINED, 1)),
        (Sym("f", type=10), Definition(1, 10, 0, DEFINED, 1)),
        (Sym("f", visibility=2), Definition(1, 2, 2, DEFINED, 1)),
        (Sym("f", visibility=3), Definition(1, 2, 3, DEFINED, 1)),
        (Sym("f", visibility=0x63), Definition(1, 2, 3, DEFINED, 1)),
        (Sym("f", value=0, type=6), Definition(1, 6, 0, DEFINED, 1)),
        (Sym("f", value=0, section=0xFFF1), Definition(1, 2, 0, DEFINED, 1)),
        (Sym("f", section=0), Definition(1, 2, 0, not DEFINED, 1)),
        (Sym("f", value=0), None),
        (Sym("f", bind=0), None),
        (Sym("f", bind=11), None),
        (Sym("f", type=3), None),
        (Sym("f", type=4), None),
        (Sym("f", type=7), None),
    ],
)
def test_which_symbols_a_look_up_can_find(symbol, expected):
    assert definitions(symbols=[symbol]).get("f", (None,)) == (expected,)


def test_symbols_in_front_of_the_gnu_hash_table_are_not_found():
    assert set(definitions(symbols=[Sym("a"), Sym("b"), Sym("c")], unhashed=1)) == {"b", "c"}


def test_without_a_hash_table_nothing_is_found():
    assert definitions(symbols=[Sym("a")], hash="none") == {}


@pytest.mark.parametrize(("kind", "order"), [("gnu", [2, 3, 4]), ("sysv", [4, 3, 2])])
def test_definitions_of_one_name_come_in_the_order_of_the_chain(kind, order):
    symbols = [Sym("f", version=number) for number in (2, 3, 4)]
    found = definitions(symbols=symbols, hash=kind, versym=True)
    assert [one.versym for one in found["f"]] == order


def test_equal_symbols_share_one_tuple():
    found = definitions(symbols=[Sym("f"), Sym("g"), Sym("h", bind=2)])
    assert found["f"] is found["g"]
    assert found["f"] != found["h"]


def test_a_name_may_begin_inside_another():
    image = ElfImage(symbols=[Sym("xfree"), Sym("free"), Sym("ee")])
    assert set(parse_elf(image.build()).definitions) == {b"xfree", b"free", b"ee"}


@pytest.mark.parametrize(
    ("types", "expected"),
    [
        ([GLOB_DAT], [(NORMAL, False)]),
        ([1], [(NORMAL, False)]),
        ([COPY_TYPE], [(COPY, False)]),
        ([DTPMOD64, 17], [(PLT, False)]),
        ([TLSDESC], [(PLT, False)]),
        ([0], []),
        ([RELATIVE], []),
        ([38], []),
        ([IRELATIVE], []),
        ([GLOB_DAT, 1, GLOB_DAT], [(NORMAL, False)]),
        ([COPY_TYPE, GLOB_DAT], [(COPY, False), (NORMAL, False)]),
    ],
)
def test_relocations_of_one_symbol(types, expected):
    found = references(undefined("f"), rela=[(1, kind) for kind in types])
    assert [(one.lookup_class, one.in_plt) for one in found] == expected


@pytest.mark.parametrize(
    ("rela", "jmprel", "expected"),
    [
        ([], [JUMP_SLOT], [(PLT, True)]),
        ([GLOB_DAT], [JUMP_SLOT], [(NORMAL, False), (PLT, True)]),
        ([DTPMOD64], [JUMP_SLOT], [(PLT, False)]),
        ([], [TLSDESC], [(PLT, False)]),
        ([], [JUMP_SLOT, IRELATIVE], [(PLT, True)]),
        ([JUMP_SLOT], [], [(PLT, False)]),
    ],
)
def test_only_jump_slots_of_jmprel_are_lazy(rela, jmprel, expected):
    found = references(
        undefined("f"), rela=[(1, one) for one in rela], jmprel=[(1, one) for one in jmprel]
    )
    assert [(one.lookup_class, one.in_plt) for one in found] == expected


@pytest.mark.parametrize("use_rel", [False, True])
def test_references_come_in_the_order_of_first_use_rela_before_jmprel(use_rel):
    found = references(
        *map(undefined, "abcd"),
        rela=[(4, 0), (3, GLOB_DAT), (1, GLOB_DAT), (3, GLOB_DAT)],
        jmprel=[(4, JUMP_SLOT), (2, JUMP_SLOT)],
        use_rel=use_rel,
    )
    assert [one.name for one in found] == [b"c", b"a", b"d", b"b"]


def test_relative_relocations_that_are_counted_are_not_looked_at():
    found = references(*map(undefined, "ab"), rela=[(1, GLOB_DAT), (2, GLOB_DAT)], rela_count=1)
    assert [one.name for one in found] == [b"b"]


@pytest.mark.parametrize("count", [2, 1_000_000_000])
def test_a_count_of_relative_relocations_that_takes_all_leaves_none(count):
    assert references(undefined("a"), rela=[(1, 6), (1, 6)], rela_count=count) == ()


def test_jump_slots_that_rela_counts_in_are_read_once_and_stay_lazy():
    found = references(
        *map(undefined, "ab"),
        rela=[(1, GLOB_DAT)],
        jmprel=[(2, JUMP_SLOT)],
        is_jmprel_inside_rela=True,
    )
    assert [(one.name, one.in_plt) for one in found] == [(b"a", False), (b"b", True)]


@pytest.mark.parametrize(
    ("symbol", "expected"),
    [
        (undefined("f"), (False, False, False, 2)),
        (undefined("f", bind=2, type=0), (True, False, False, 0)),
        (Sym("f", type=1), (False, True, False, 1)),
        (Sym("f", visibility=3), (False, True, True, 2)),
        (Sym("f", visibility=2), None),
        (Sym("f", visibility=1), None),
        (Sym("f", bind=0), None),
    ],
)
def test_which_symbols_a_relocation_looks_up(symbol, expected):
    found = references(symbol, rela=[(1, GLOB_DAT)])
    rows = [(one.weak, one.defined, one.protected, one.type) for one in found]
    assert rows == ([expected] if expected else [])


def test_symbol_0_is_looked_up_nowhere():
    assert references(undefined("f"), rela=[(0, GLOB_DAT)]) == ()


@pytest.mark.parametrize(
    ("index", "expected"),
    [
        (0, (None, None, False)),
        (1, (None, None, False)),
        (2, (b"V_2", b"libneed.so", False)),
        (3, (b"V_3", b"libneed.so", True)),
        (0x8002, (b"V_2", b"libneed.so", False)),
        (4, (b"OWN", None, False)),
        (5, (None, None, False)),
    ],
)
def test_the_version_of_a_reference(index, expected):
    (found,) = references(
        undefined("f", version=index),
        rela=[(1, GLOB_DAT)],
        versym=True,
        needs=[("libneed.so", [("V_2", 0, 2), ("V_3", 0, 0x8003), ("LOST", 0, 4)])],
        nodes=[("lib.so", 1, 1), ("OWN", 0, 4)],
    )
    assert (found.version, found.file, found.hidden) == expected


def test_needs_keep_file_order_and_their_weak_flag():
    elf = parse(needs=[("b.so", [("B1", 0, 2), ("B2", 2, 3)]), ("a.so", [("A", 0, 4)])])
    assert [(one.file, one.node, one.weak) for one in elf.version_needs] == [
        (b"b.so", b"B1", False),
        (b"b.so", b"B2", True),
        (b"a.so", b"A", False),
    ]


def test_a_base_definition_alone_is_a_verdef_without_nodes():
    elf = parse(nodes=[("lib.so", 1, 1)])
    assert (elf.has_verdef, elf.version_definitions) == (True, {})


def test_relocations_may_use_symbols_that_no_hash_table_knows():
    symbols = [undefined("a"), undefined("b")]
    image = ElfImage(symbols=symbols, hash="none", rela=[(2, GLOB_DAT)])
    assert [one.name for one in parse_elf(image.build()).references] == [b"b"]
