"""Small graphs of compiled objects: built, simulated from the files, run through the real ld.so."""

import os
import subprocess
from dataclasses import dataclass, field, replace
from itertools import zip_longest
from pathlib import Path

from elftools.elf.elffile import ELFFile

from hostprobe.collect.files import LiveFiles
from hostprobe.facts.elf import STV_PROTECTED
from hostprobe.facts.plan import Close, Open, OpenFlags, Plan
from hostprobe.model.loader.objects import FailureKind
from hostprobe.model.loader.process import simulate
from tests.oracle.compare import assert_same_bindings, predicted_history, recorded_history
from tests.oracle.ld_debug import run

DRIVER = Path(__file__).parent / "driver.c"
MAIN = "main"
GLOBAL, DEEP = "NOW GLOBAL", "NOW DEEPBIND"
RUNPATH = ("-Wl,-rpath,$ORIGIN", "-Wl,--enable-new-dtags")
NOT_PIE = ("-fno-pic", "-no-pie", "-O0")
DT_DEBUG = 21


@dataclass
class Object:
    """One object to compile; `{d}` in flags and `links` stands for the scenario's directory."""

    file: str
    source: str = ""
    links: tuple = ()
    """Files of the scenario to link with; they become NEEDED by their sonames."""

    flags: tuple = ()
    versions: str = ""
    """Version script."""

    soname: str | None = None
    """None: the file's name; "": no soname."""

    compiled: tuple = ("-fPIC", "-O0")


def user(file, links, source, flags=RUNPATH, **more):
    """An object that is linked with others of its directory."""
    return Object(file, source, links=tuple(links.split()), flags=flags, **more)


@dataclass
class Scenario:
    """Objects in the order they are built, what is done to the directory, what is opened."""

    objects: tuple
    operations: tuple = ()
    main: Object = field(default_factory=lambda: Object(MAIN))
    environment: dict = field(default_factory=dict)
    shell: str = ""
    """Run in the directory after the objects are built."""

    protected: tuple = ()
    """(file, symbol) whose definition is made protected after everything is linked: linkers
    refuse what such a definition can meet at run time."""

    unneeded: tuple = ()
    """(file, soname) whose DT_NEEDED entry is taken out after everything is linked."""

    fails: tuple = ()
    """Kinds of the failures expected, in order; what glibc says is compared word for word."""

    aborts: bool = False


def opens(path, flags="NOW"):
    bits = OpenFlags(0)
    for name in flags.split():
        bits |= OpenFlags[name]
    return Open(path, bits)


def closes(path):
    return Close(path)


def defines(names, prefix=""):
    return "".join(f"{prefix} int {name}(void) {{ return 1; }}\n" for name in names.split())


def calls(names, prefix=""):
    """Functions that call these: JUMP_SLOT relocations."""
    return "".join(
        f"{prefix} extern int {name}(void);\n"
        f"__attribute__((used)) static int call_{name}(void) {{ return {name}(); }}\n"
        for name in names.split()
    )


def takes(names, prefix=""):
    """Pointers to these: R_*_64 relocations."""
    return "".join(
        f"{prefix} extern int {name}(void);\n"
        f"__attribute__((used)) static int (*take_{name})(void) = {name};\n"
        for name in names.split()
    )


def all_ways(names):
    """Call the functions, and take their addresses."""
    return calls(names) + takes(names)


def unique(name):
    return (
        f'__asm__(".globl {name}\\n.type {name},@gnu_unique_object\\n.size {name},4\\n'
        f'.data\\n{name}: .long 1\\n.text\\n");\n'
        f"extern int {name};\n__attribute__((used)) static int *use_{name} = &{name};\n"
    )


def build(scenario, directory):
    """Compile everything; the program is the driver with the scenario's additions."""
    for one in scenario.objects:
        compile_object(one, directory, ("-shared",), ())
    compile_object(scenario.main, directory, (), (str(DRIVER),))
    for file, symbol in scenario.protected:
        protect(directory / file, symbol)
    for file, soname in scenario.unneeded:
        take_out_need(directory / file, soname)
    if scenario.shell:
        subprocess.run(["/bin/sh", "-ec", scenario.shell], cwd=directory, check=True)


def protect(path, symbol):
    """Set st_other of one dynamic symbol to STV_PROTECTED."""
    with path.open("r+b") as file:
        table = ELFFile(file).get_section_by_name(".dynsym")
        (number,) = (i for i, one in enumerate(table.iter_symbols()) if one.name == symbol)
        file.seek(table["sh_offset"] + number * table["sh_entsize"] + 5)
        file.write(bytes([STV_PROTECTED]))


def take_out_need(path, soname):
    """Turn one DT_NEEDED entry into a DT_DEBUG, which means nothing in a shared object."""
    with path.open("r+b") as file:
        table = ELFFile(file).get_section_by_name(".dynamic")
        entries = [getattr(one, "needed", None) for one in table.iter_tags()]
        file.seek(table["sh_offset"] + entries.index(soname) * table["sh_entsize"])
        file.write(DT_DEBUG.to_bytes(8, "little"))


def compile_object(one, directory, kind, sources):
    target = directory / one.file
    target.parent.mkdir(parents=True, exist_ok=True)
    (directory / "source.c").write_text(one.source)
    soname = target.name if one.soname is None else one.soname
    flags = [flag.replace("{d}", str(directory)) for flag in one.flags]
    if kind and soname:
        flags.append(f"-Wl,-soname,{soname}")
    if one.versions:
        (directory / "versions.map").write_text(one.versions)
        flags.append(f"-Wl,--version-script={directory}/versions.map")
    links = [str(directory / link) for link in one.links]
    command = ["gcc", "-w", *one.compiled, *kind, "-o", target, directory / "source.c", *sources]
    unresolved = ["-Wl,--unresolved-symbols=ignore-all", "-Wl,-z,lazy", "-Wl,--no-as-needed"]
    subprocess.run([*command, *unresolved, *flags, *links], check=True)


def located(operation, directory):
    """A path of the scenario where the operation names one of its files."""
    if operation.path and (directory / operation.path).exists():
        return replace(operation, path=str(directory / operation.path))
    return operation


def check(scenario, directory):
    """Build, run, simulate, compare; returns the simulated process."""
    build(scenario, directory)
    operations = tuple(located(one, directory) for one in scenario.operations)
    environment = {
        name: value.replace("{d}", str(directory)) for name, value in scenario.environment.items()
    }
    main = str(directory / MAIN)
    words = [word for one in operations for word in words_of(one)]
    record, result = run([main, *words], directory, environment=environment, check=False)
    process = simulate(LiveFiles(), Plan(main, operations, {**environment, "LD_BIND_NOW": "1"}))
    assert tuple(one.kind for one in process.failures) == scenario.fails, (
        f"{process.failures} {result.stdout} {result.stderr}"
    )
    assert (process.died is not None) == scenario.aborts
    if scenario.aborts:
        assert_same_end(process.died, result)
    else:
        assert_same_answers(process, operations, result)
        assert_same_bindings(process, record)
        ours, theirs = predicted_history(process), recorded_history(record)
        assert ours == theirs, "\n".join(
            f"{one} | {other}" for one, other in zip_longest(ours, theirs)
        )
    return process


def words_of(operation):
    if isinstance(operation, Open):
        return str(int(operation.flags)), operation.path
    return "-", operation.path


def assert_same_answers(process, operations, result):
    """The same operations fail with the same words."""
    failures = iter(process.failures)
    failed = {id(one.cause): one for one in failures}
    for operation, answer in zip(operations, result.stdout.splitlines(), strict=True):
        failure = failed.get(id(operation))
        if failure is None:
            assert answer == "ok", operation
        elif failure.kind is not FailureKind.NOT_LOADED:
            assert answer == f"error {failure.message}"


def assert_same_end(failure, result):
    """The process ends; a failed assertion of ld.so has words of its own."""
    assert result.returncode == 127, result
    if failure.kind is FailureKind.ABORT:
        assert "Inconsistency detected by ld.so" in result.stderr
    else:
        assert failure.message in result.stderr


def has_gcc():
    return any((Path(part) / "gcc").exists() for part in os.environ["PATH"].split(os.pathsep))
