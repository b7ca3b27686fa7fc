"""pyelftools is the judge of the fast reader, on the objects of this machine.

HOSTPROBE_ALL_OBJECTS=1 compares every object found instead of the 2,100 smallest and a few large
ones; it takes a long time.
"""

import dataclasses
import functools
import mmap
import os
import re
from pathlib import Path

import pytest
from elftools.elf import enums

from hostprobe.facts.elf import Elf
from hostprobe.parse.elf import assemble, parse_elf
from hostprobe.parse.elf.foreign import Foreign
from hostprobe.parse.elf.image import Image
from hostprobe.parse.elf.machines import machine_of
from tests.oracle.pyelftools_reading import PREFIXES, Reading, class_of, numbers_in_header
from tests.wheels import wheels_venv

pytestmark = pytest.mark.real

FOLDERS = ("/usr/lib", "/usr/bin", "/usr/sbin")
WANTED = 2_100
LARGE = (
    "/usr/sbin/apache2",
    "/usr/lib/x86_64-linux-gnu/libc.so.6",
    "/usr/lib/x86_64-linux-gnu/libstdc++.so.6",
    "/usr/lib/x86_64-linux-gnu/libcrypto.so.3",
    "/usr/lib/x86_64-linux-gnu/libxml2.so.2",
    "/usr/bin/python3",
)
"""Taken whatever their size: many versions, unique symbols, TLS, COPY relocations."""


@functools.cache
def objects():
    """Paths of ELF files of this host and of wheels, small ones first."""
    folders = [*map(Path, FOLDERS), wheels_venv() / "lib"]
    found = {path for folder in folders for path in elf_files(folder)}
    return sorted(found, key=lambda path: (path.stat().st_size, path))


def chosen():
    """The small ones and some large ones, a symbolic link's target once; or all."""
    if os.environ.get("HOSTPROBE_ALL_OBJECTS"):
        return objects()
    large = {path.resolve() for path in map(Path, LARGE) if path.exists()}
    return [*objects()[:WANTED], *(large - set(objects()[:WANTED]))]


def elf_files(folder):
    """Executables and shared objects; separate debug files have headers but no contents."""
    for path in folder.rglob("*"):
        if path.suffix == ".debug" or path.is_symlink() or not path.is_file():
            continue
        if os.access(path, os.R_OK):
            with path.open("rb") as file:
                if file.read(4) == b"\x7fELF" and file.seek(16) and file.read(1) in b"\2\3":
                    yield path


def differences(path):
    """What differs between the two readers, as (field, ours, theirs); None without sections."""
    with path.open("rb") as file:
        with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
            ours = parse_elf(data)
        theirs = Reading(file)
        if not theirs.has_sections:
            return None
        expected = theirs.scalars() | {
            "version_needs": [need[:4] for need in theirs.needs()],
            "version_definitions": theirs.nodes(),
            "definitions": theirs.definitions(),
            "references": theirs.references(),
        }
    found = as_text(ours)
    assert set(found) == set(expected) == {field.name for field in dataclasses.fields(Elf)}
    return [
        (name, found[name], expected[name]) for name in expected if found[name] != expected[name]
    ]


def as_text(elf):
    """The fields of Elf with str for bytes and list for tuple, as pyelftools gives them."""
    fields = {one.name: getattr(elf, one.name) for one in dataclasses.fields(Elf)}
    fields["build_id"] = elf.build_id.hex() if elf.build_id is not None else None
    fields["tls"] = (elf.tls.size, elf.tls.alignment) if elf.tls else None
    fields["version_needs"] = [
        (n.file.decode(), n.node.decode(), n.weak, n.index) for n in elf.version_needs
    ]
    fields["version_definitions"] = {i: n.decode() for i, n in elf.version_definitions.items()}
    fields["definitions"] = {
        name.decode(): [tuple(one) for one in several] for name, several in elf.definitions.items()
    }
    fields["references"] = [tuple(map(plain, one)) for one in elf.references]
    for name in ("interpreter", "soname", "rpath", "runpath", "needed", "filters"):
        fields[name] = plain(fields[name])
    return fields


def plain(value):
    if isinstance(value, tuple):
        return [plain(one) for one in value]
    return value.decode() if isinstance(value, bytes) else value


def test_every_field_of_two_thousand_objects_equals_pyelftools():
    compared, wrong = 0, {}
    for path in chosen():
        different = differences(path)
        compared += different is not None
        if different:
            wrong[path] = different
    assert not wrong, "\n".join(f"{path}: {found[:2]}"[:400] for path, found in wrong.items())
    assert compared >= min(2_000, len(objects()) * 0.99)  # a few have no sections
    print(f"{compared} objects, no difference")


def test_the_slow_reader_gives_what_the_fast_one_gives():
    for path in objects()[:WANTED:16]:
        data = path.read_bytes()
        assert assemble(Image(data, Foreign(data))) == parse_elf(data), path


DYNAMIC = re.compile(
    r"COPY|GLOB_DAT|JU?MP_SLOT?|I?RELATIVE(64)?|(TLS_)?(DTPMOD|DTPOFF|DTPREL|TPOFF|TPREL)(64)?|TLS_?DESC"
)
"""Names, without the machine's prefix, of the types that ld.so meets."""


@pytest.mark.parametrize("machine", PREFIXES)
def test_relocation_types_are_those_of_the_system_header(machine):
    types, prefix = machine_of(enums.ENUM_E_MACHINE[machine]), PREFIXES[machine]
    checked = 0
    for name, number in numbers_in_header(prefix).items():
        if DYNAMIC.fullmatch(name.removeprefix(f"{prefix}_")):
            ours = None if number in types.skipped else types.classes.get(number, 0)
            assert ours == class_of(name), name
            is_slot = name.endswith(("JUMP_SLOT", "JMP_SLOT"))
            assert (number == types.jump_slot) == is_slot, name
            checked += 1
    assert checked >= 4
