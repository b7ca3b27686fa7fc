"""pyelftools is the judge on other processors too: both classes, both byte orders, REL and RELA."""

import os
import subprocess
from pathlib import Path

import pytest

from hostprobe.collect.elf import read_elf
from hostprobe.facts.elf import LookupClass
from hostprobe.model.loader.rules import GLIBC
from hostprobe.parse.elf import assemble, parse_elf
from hostprobe.parse.elf.foreign import Foreign
from hostprobe.parse.elf.image import Image
from hostprobe.parse.linker import parse_ld_so_cache
from tests.oracle.test_elf_pyelftools import differences
from tests.real import release_debs
from tests.real.build import run
from tests.real.foreign_debs import (
    ARCHITECTURES,
    CROSS_ARCHITECTURES,
    PACKAGES,
    assembler,
    objects,
    of_cross_compiler,
    of_release,
)

pytestmark = pytest.mark.real
SMALL = 40 << 10

LIBRARY = """
.globl data, function
.type data STT_OBJECT
.size data, 8
.type function STT_FUNC
.data
.balign 8
data: .dc.a 0, 0
.text
function: .dc.l 0
"""

PROGRAM = """
.globl _start
.type function STT_FUNC
.text
_start: {call}
.section .rodata
.balign 8
.dc.a data
.data
.balign 8
.dc.a function
"""

TARGETS = [
    ("i686-linux-gnu", "call function@PLT"),
    ("aarch64-linux-gnu", "bl function"),
    ("arm-linux-gnueabihf", "bl function"),
    ("powerpc-linux-gnu --secure-plt", "bl function"),
    ("powerpc-linux-gnu --bss-plt", "bl function@plt"),
    ("powerpc64le-linux-gnu", "bl function\nnop"),
    ("s390x-linux-gnu", "brasl %r14, function@PLT"),
    ("riscv64-linux-gnu", "call function"),
]
"""GNU target with options of its linker, and a call through the PLT."""


RENAMED = {"libssl3": "libssl3t64", "libapr1": "libapr1t64"}
"""Since the change of time_t."""


def agreed(paths):
    """How many objects were compared; every field of each is as pyelftools says."""
    wrong = {path: found for path in paths if (found := differences(path)) != []}
    assert not wrong, "\n".join(f"{path}: {found}"[:400] for path, found in wrong.items())
    return len(paths)


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_every_field_of_every_object_of_the_release_equals_pyelftools(architecture):
    assert agreed(objects(of_release(architecture))) >= 400


@pytest.mark.parametrize("architecture", CROSS_ARCHITECTURES)
def test_every_field_of_every_library_for_cross_compilers_equals_pyelftools(architecture):
    assert agreed(objects(of_cross_compiler(architecture))) >= 20


def test_every_field_of_every_riscv64_object_of_debian_13_equals_pyelftools():
    packages = [RENAMED.get(name, name) for name in PACKAGES]
    tree = release_debs.of_release("trixie", *packages, architecture="riscv64")
    assert agreed(objects(tree)) >= 390


def everything():
    for architecture in ARCHITECTURES:
        yield from objects(of_release(architecture))
    for architecture in CROSS_ARCHITECTURES:
        yield from objects(of_cross_compiler(architecture))


def test_the_ranges_that_are_read_are_enough():
    large = [path for path in everything() if path.stat().st_size > 128 << 10]
    assert len(large) > 100
    for path in large:
        with path.open("rb") as file:
            image = read_elf(file.fileno(), path.stat().st_size)
        assert not isinstance(image, bytes)
        assert parse_elf(image) == parse_elf(path.read_bytes()), path


def test_the_slow_reader_gives_what_the_fast_one_gives():
    for path in [path for path in everything() if path.stat().st_size < SMALL][::20]:
        data = path.read_bytes()
        assert assemble(Image(data, Foreign(data))) == parse_elf(data), path


@pytest.mark.parametrize("name", ["i386", "x32"])
def test_the_flags_in_a_cache_are_those_of_the_machine(tmp_path, name):
    """ldconfig of amd64 knows these two besides its own."""
    tree = of_release(name) if name in ARCHITECTURES else of_cross_compiler(name)
    libraries = {path.parent for path in objects(tree) if path.name.startswith("libc.so")}
    (tmp_path / "conf").write_text("".join(f"{one}\n" for one in libraries))
    run("ldconfig", "-X", "-C", tmp_path / "cache", "-f", tmp_path / "conf")
    entries = parse_ld_so_cache((tmp_path / "cache").read_bytes()).entries
    found = {one.path: one.flags for one in entries if os.fsdecode(one.path).startswith(str(tree))}
    (path,) = (path for path in found if path.endswith(b"/libm.so.6"))
    library = parse_elf(Path(os.fsdecode(path)).read_bytes())
    assert found[path] == GLIBC.machine(library).cache_flags


@pytest.mark.parametrize(("target", "call"), TARGETS)
@pytest.mark.parametrize("style", ["gnu", "sysv"])
def test_copy_and_plt_relocations_of_a_linked_program(tmp_path, target, call, style):
    paths = linked(tmp_path, target, call, style)
    agreed(paths)
    library, program = (parse_elf(path.read_bytes()) for path in paths)
    assert {b"data", b"function"} <= set(library.definitions)
    found = {(one.name, one.lookup_class, one.in_plt) for one in program.references}
    assert (b"data", LookupClass.COPY, False) in found
    assert (b"function", LookupClass.PLT, True) in found


def linked(directory, target, call, style):
    """A library and a program that is not position independent and needs it."""
    target, *options = target.split()
    prefix, environment = assembler(target)

    def run(tool, *arguments):
        command = [f"{prefix}{tool}", *arguments]
        subprocess.run(
            command, cwd=directory, env=os.environ | environment, check=True, stderr=subprocess.PIPE
        )

    for name, source in (("lib", LIBRARY), ("main", PROGRAM.format(call=call))):
        (directory / f"{name}.s").write_text(source)
        run("as", "-o", f"{name}.o", f"{name}.s")
    link = ["ld", f"--hash-style={style}", *options]
    run(*link, "-shared", "-o", "lib.so", "lib.o")
    run(*link, "-no-pie", "-dynamic-linker", "/ld.so", "-o", "main", "main.o", "lib.so")
    return [directory / "lib.so", directory / "main"]
