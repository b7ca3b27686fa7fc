"""The ELF reader on objects that the system's compiler and linker make."""

import subprocess

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hostprobe.facts.elf import LookupClass
from hostprobe.parse.elf import parse_elf
from hostprobe.parse.error import ParseError

pytestmark = pytest.mark.real

LIBRARY = """
    __thread int tls = 1;
    int data[4] = {1};
    __attribute__((weak)) extern int maybe(void);
    extern int other(void);
    __attribute__((visibility("protected"))) int guarded(void) { return 1; }
    int old(void) { return 1; }
    int new(void) { return tls + other() + guarded() + (maybe ? maybe() : 0); }
    __asm__(".symver old,f@V_1"); __asm__(".symver new,f@@V_2");
    int (*pointer)(void) = guarded;
"""
VERSIONS = "V_1 { global: f; data; tls; guarded; pointer; local: *; }; V_2 { f; } V_1;"
PROGRAM = """
    extern int data[4], f(void); extern __thread int tls;
    int main(void) {
        int (*volatile address_in_code)(void) = f;
        return data[0] + f() + tls + (address_in_code == 0);
    }
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    path = tmp_path_factory.mktemp("compiled")
    (path / "v.map").write_text(VERSIONS)
    return path


@pytest.fixture(scope="module")
def library(folder):
    return compiled(folder, "libf.so", LIBRARY, "-shared", "-fPIC", "-Wl,--version-script=v.map")


@pytest.fixture(scope="module")
def program(folder, library):
    flags = ("-no-pie", "-fno-pic", "-Wl,--unresolved-symbols=ignore-all", "./libf.so")
    return compiled(folder, "program", PROGRAM, *flags)


def compiled(folder, name, text, *flags):
    """The object's bytes."""
    (folder / f"{name}.c").write_text(text)
    command = ["gcc", "-O1", "-o", name, f"{name}.c", "-Wl,--build-id=0xc0ffee", *flags]
    subprocess.run(command, cwd=folder, check=True)
    return (folder / name).read_bytes()


def test_a_library(library):
    elf = parse_elf(library)
    versions = {name: [hex(one.versym) for one in found] for name, found in elf.definitions.items()}
    assert versions[b"f"] == ["0x8002", "0x3"]
    assert elf.version_definitions == {2: b"V_1", 3: b"V_2"}
    assert elf.definitions[b"tls"][0].type == 6
    assert elf.definitions[b"guarded"][0].visibility == 3
    assert (elf.tls.size, elf.build_id) == (4, b"\xc0\xff\xee")
    rows = {(one.name, one.lookup_class): one for one in elf.references}
    assert rows[b"tls", LookupClass.PLT].defined
    assert not rows[b"tls", LookupClass.PLT].in_plt
    assert rows[b"other", LookupClass.PLT].in_plt
    assert rows[b"maybe", LookupClass.NORMAL].weak


def test_a_program_that_is_not_position_independent(program):
    elf = parse_elf(program)
    rows = {(one.name, one.lookup_class): one for one in elf.references}
    assert rows[b"data", LookupClass.COPY].defined
    assert rows[b"f", LookupClass.PLT].version == b"V_2"
    assert elf.definitions[b"f"][0].undefined
    assert (b"./libf.so", b"V_2") in {(need.file, need.node) for need in elf.version_needs}
    assert elf.interpreter.startswith(b"/lib")


@pytest.mark.parametrize("style", ["sysv", "gnu", "both"])
def test_the_style_of_the_hash_table_changes_no_fact(folder, library, style):
    flags = ("-shared", "-fPIC", "-Wl,--version-script=v.map", f"-Wl,--hash-style={style}")
    found, expected = parse_elf(compiled(folder, "libf.so", LIBRARY, *flags)), parse_elf(library)
    for name, several in expected.definitions.items():
        assert sorted(found.definitions[name]) == sorted(several)
    assert set(found.references) == set(expected.references)


def test_packed_relative_relocations_are_no_references(folder, library):
    flags = ("-shared", "-fPIC", "-Wl,--version-script=v.map", "-Wl,-z,pack-relative-relocs")
    found = parse_elf(compiled(folder, "libr.so", LIBRARY, *flags))
    assert set(found.references) == set(parse_elf(library).references)


def test_truncation_at_every_length_gives_facts_or_a_parse_error(library):
    for length in range(0, len(library), 7):
        only_parse_error_escapes(library[:length])


@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=800
)
@given(
    damage=st.lists(st.tuples(st.integers(0, 5_000), st.integers(0, 255)), min_size=1, max_size=8),
    machine=st.sampled_from([62, 8]),
)
def test_damage_gives_facts_or_a_parse_error(library, damage, machine):
    damaged = bytearray(library)
    damaged[18] = machine
    for position, value in damage:
        damaged[position % len(library)] = value
    only_parse_error_escapes(bytes(damaged))


def only_parse_error_escapes(data):
    try:
        parse_elf(data)
    except ParseError as error:
        assert str(error)  # noqa: PT017  (much damage is not an error)
