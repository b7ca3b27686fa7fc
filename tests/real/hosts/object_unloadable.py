"""An Apache module or an extension that the dynamic linker refuses, and what cures each."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.real.build import apache_module, cached, extension, shared_object
from tests.real.httpd import Httpd
from tests.real.wsgi import wsgi_host

PARTS = 'const char *engine(void) { return "engine"; }\n'
NODES = {"old": "GEAR_1 { global: gear; };", "new": "GEAR_1 { }; GEAR_2 { global: gear; } GEAR_1;"}


def engine_library() -> Path:
    return shared_object("libengine.so.1", PARTS, "-Wl,-soname,libengine.so.1")


def gear_library(age: str) -> Path:
    """libgear.so.1 of this `age`: gear@@GEAR_1 or gear@@GEAR_2."""

    def make(directory: Path) -> None:
        (directory / "nodes.map").write_text(NODES[age] + "\n")

    nodes = cached("gear-nodes", NODES[age], make) / "nodes.map"
    source = 'const char *gear(void) { return "gear"; }\n'
    script = f"-Wl,--version-script={nodes}"
    return shared_object("libgear.so.1", source, "-Wl,-soname,libgear.so.1", script)


def calls(name: str, attribute: str = "") -> str:
    """C that refers to a function through a relocation."""
    return f"""
    extern const char *{name}(void) {attribute};
    const char *ask_{name}(void) {{ return {name} ? {name}() : "nobody"; }}
    """


def linked_with(library: Path) -> tuple[str, ...]:
    return (str(library), "-Wl,--no-as-needed")


@dataclass(frozen=True)
class Fault:
    """One unloadable module and what httpd says of it.

    `before` and `search` (LD_LIBRARY_PATH) is how it fails, `cure` and `cured_search` how it loads.
    """

    module: Path
    says: str
    before: Sequence[str] = ()
    cure: Sequence[str] = ()
    search: Path | None = None
    cured_search: Path | None = None

    @property
    def name(self) -> str:
        return self.module.stem.removeprefix("mod_")

    def failing(self) -> Httpd:
        return self.host(self.before, self.search)

    def cured(self) -> Httpd:
        return self.host(self.cure, self.cured_search)

    def host(self, lines: Sequence[str], search: Path | None) -> Httpd:
        environment = {"LD_LIBRARY_PATH": str(search)} if search else {}
        load = f"LoadModule {self.name}_module {self.module}"
        return Httpd(lines=[*lines, load], environment=environment)


def missing_library() -> Fault:
    """NEEDED libengine.so.1 is nowhere; once it is loaded, its soname is enough."""
    library = engine_library()
    module = apache_module("engine", calls("engine"), *linked_with(library))
    says = "libengine.so.1: cannot open shared object file: No such file or directory"
    return Fault(module, says, cure=[f"LoadFile {library}"])


def missing_version() -> Fault:
    """Linked with the new libgear, and the old one of the same soname is there already."""
    module = apache_module("gear", calls("gear"), *linked_with(gear_library("new")))
    lines = {age: f"LoadFile {gear_library(age)}" for age in NODES}
    says = f"{gear_library('old')}: version `GEAR_2' not found (required by {module})"
    return Fault(module, says, [lines["old"]], [lines["new"]])


def missing_version_on_the_search_path() -> Fault:
    """LD_LIBRARY_PATH leads to the old one, then to the new one."""
    module = apache_module("gear", calls("gear"), *linked_with(gear_library("new")))
    old, new = (gear_library(age).parent for age in NODES)
    says = f"{old}/libgear.so.1: version `GEAR_2' not found (required by {module})"
    return Fault(module, says, search=old, cured_search=new)


def missing_file() -> Fault:
    """A module that is not there, in a package that is not installed."""
    module = Path("/usr/lib/apache2/modules/mod_absent.so")
    return Fault(module, f"{module}: cannot open shared object file: No such file or directory")


def undefined_symbol() -> Fault:
    """Nobody defines `spindle`, until a file that does is loaded first."""
    module = apache_module("spindle", calls("spindle"))
    spindle = shared_object("libspindle.so", 'const char *spindle(void) { return "spindle"; }\n')
    return Fault(module, f"{module}: undefined symbol: spindle", cure=[f"LoadFile {spindle}"])


def near_miss_weak() -> Httpd:
    """Nobody defines it either, but the reference is weak."""
    module = apache_module("feather", calls("feather", "__attribute__((weak))"))
    return Httpd(lines=[f"LoadModule feather_module {module}"])


FAULTS = {
    "library": missing_library,
    "version": missing_version,
    "version, searched": missing_version_on_the_search_path,
    "symbol": undefined_symbol,
}

Make = Callable[[], Httpd]
EXTENSION = """
#include <Python.h>
static PyMethodDef methods[] = {{NULL, NULL, 0, NULL}};
static struct PyModuleDef definition = {
    PyModuleDef_HEAD_INIT, "shopspeed", NULL, 0, methods, NULL, NULL, NULL, NULL};
PyMODINIT_FUNC PyInit_shopspeed(void) { return PyModuleDef_Init(&definition); }
"""
APP = """
import shopspeed

def answer():
    return shopspeed.__name__
"""


def extension_host(reference: str) -> Httpd:
    """An application that imports an extension with this C besides."""
    built = extension("shopspeed", EXTENSION + reference)
    return wsgi_host(APP, path=built.parent)


def failing_extension() -> Httpd:
    """httpd starts; the application is a 500."""
    return extension_host(calls("spindle"))


def cured_extension() -> Httpd:
    return extension_host("")


def near_miss_extension() -> Httpd:
    return extension_host(calls("spindle", "__attribute__((weak))"))


def module_that_is_no_object() -> Httpd:
    """A LoadModule of a text file."""
    httpd = Httpd(lines=["LoadModule note_module htdocs/mod_note.so"])
    (httpd.root / "htdocs/mod_note.so").write_text("not an object\n")
    return httpd


def module_of_another_machine() -> Httpd:
    """mod_env whose ELF header says aarch64 (e_machine 183)."""
    httpd = Httpd(lines=["LoadModule env_module htdocs/mod_env.so"])
    copy = httpd.root / "htdocs/mod_env.so"
    shutil.copyfile("/usr/lib/apache2/modules/mod_env.so", copy)
    image = bytearray(copy.read_bytes())
    image[18:20] = (183).to_bytes(2, "little")
    copy.write_bytes(image)
    return httpd
