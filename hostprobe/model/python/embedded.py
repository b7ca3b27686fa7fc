"""Which Python mod_wsgi brings into httpd."""

import posixpath
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain

from hostprobe.facts.elf import Banners, Elf
from hostprobe.facts.files import Files, Missing
from hostprobe.model.loader.directories import Directories, cached_paths
from hostprobe.model.loader.objects import text
from hostprobe.model.loader.rules import (
    GLIBC,
    MACHINES,
    UNKNOWN_MACHINE,
    Flavour,
    default_directories,
    flavour,
    lib_token,
    subdirectories,
)

LIBPYTHON = re.compile(r"libpython(\d\.\d+)([a-z]*)\.so(?:[.\d]*)$")
FILE_NAME = re.compile(r"(?:-|-py|cpython-)(\d)\.?(\d+)[a-z]*(?:\.|-|$)")
INIT = b"PyInit_"
ALWAYS_BUILT_IN = frozenset({"builtins", "sys", "marshal", "_warnings"})
"""Built-in modules whose initialisation is not a PyInit_ function (Modules/config.c.in)."""

USUAL_BUILT_IN = frozenset({
    "_abc", "_ast", "_codecs", "_collections", "_functools", "_imp", "_io", "_locale", "_operator",
    "_signal", "_sre", "_stat", "_string", "_symtable", "_thread", "_tokenize", "_tracemalloc",
    "_typing", "_weakref", "atexit", "errno", "faulthandler", "gc", "itertools", "posix", "pwd",
    "time",
})  # fmt: skip
"""What every build of Python 3 has inside, for objects that export no PyInit_ function."""


@dataclass(frozen=True, slots=True)
class EmbeddedPython:
    """The interpreter inside httpd, as far as files tell."""

    version: str
    """X.Y; "" when it could not be established."""

    patch: str | None = None
    """X.Y.Z from the banner inside the object."""

    flags: str = ""
    """ABI flags behind X.Y: "" usually, "t" free-threaded, "d" debug, "m" up to 3.7."""

    libpython: str | None = None
    """Path of the shared library; None when it is static or was not found."""

    is_static: bool = False
    """mod_wsgi contains the interpreter itself."""

    triplet: str = MACHINES[Flavour(62, 64)].triplet
    """Multiarch part of extension file names."""

    built_in: frozenset[str] = ALWAYS_BUILT_IN | USUAL_BUILT_IN
    """Modules inside the interpreter."""

    problems: tuple[str, ...] = ()

    @property
    def suffixes(self) -> tuple[str, ...]:
        """File name endings of extensions, in the order the import system tries them."""
        if self.version.startswith("2."):
            return (f".{self.triplet}.so", ".so", "module.so")
        tag = f".cpython-{self.version.replace('.', '')}{self.flags}-{self.triplet}.so"
        return (tag, ".so") if "t" in self.flags else (tag, ".abi3.so", ".so")


def embedded_python(
    files: Files, mod_wsgi: str, loads: Sequence[str] = (), library_path: Sequence[str] = ()
) -> EmbeddedPython:
    """The Python of the mod_wsgi object; `loads` are other objects that httpd opens before it.

    Without libpython in its own NEEDED, an earlier LoadFile may bring it.
    """
    elf = files.elf(mod_wsgi)
    stat = files.stat(mod_wsgi)
    real = mod_wsgi if isinstance(stat, Missing) else stat.real
    if isinstance(elf, Missing):
        return _unknown(real, elf.reason)
    if b"Py_Initialize" in elf.definitions or b"Py_InitializeEx" in elf.definitions:
        return _python(files, mod_wsgi, elf, version_in(real), static=True)
    if name := _needed_libpython(elf):
        path = locate(files, name, (mod_wsgi, elf), library_path)
        return _shared(files, name, path, elf)
    if has_hidden_python(files, mod_wsgi, elf):
        return _python(files, mod_wsgi, elf, version_in(real), static=True)
    if loaded := next((path for path in loads if LIBPYTHON.search(path)), None):
        return _shared(files, posixpath.basename(loaded), loaded, elf)
    return _unknown(real, f"{mod_wsgi} needs no libpython and defines no Py_Initialize")


def has_hidden_python(files: Files, path: str, elf: Elf) -> bool:
    """An interpreter is linked in without exports: it asks for no Py* and tells its release."""
    banners = files.read(path, Banners)
    has_banner = isinstance(banners, Banners) and "python" in dict(banners.texts)
    return has_banner and not any(one.name.startswith(b"Py") for one in elf.references)


def _unknown(mod_wsgi: str, reason: str) -> EmbeddedPython:
    return EmbeddedPython(version_in(mod_wsgi), problems=(reason,))


def version_in(path: str) -> str:
    """X.Y in a file name: mod_wsgi.so-3.11, mod_wsgi-py311.cpython-311-x86_64-linux-gnu.so."""
    match = FILE_NAME.search(posixpath.basename(path))
    return f"{match[1]}.{match[2]}" if match else ""


def _needed_libpython(elf: Elf) -> str | None:
    names = (name.decode("utf-8", "surrogateescape") for name in elf.needed)
    return next((name for name in names if LIBPYTHON.search(name)), None)


def _shared(files: Files, name: str, path: str | None, requester: Elf) -> EmbeddedPython:
    match = LIBPYTHON.search(name)
    version, flags = (match[1], match[2]) if match else ("", "")
    elf = files.elf(path) if path else Missing(f"{name}: not found in the library search path")
    if isinstance(elf, Missing):
        triplet = triplet_of(requester)
        return EmbeddedPython(
            version, flags=flags, libpython=path, triplet=triplet, problems=(elf.reason,)
        )
    return _python(files, str(path), elf, version, flags=flags)


def _python(
    files: Files, path: str, elf: Elf, version: str, *, static: bool = False, flags: str = ""
) -> EmbeddedPython:
    banners = files.read(path, Banners)
    texts = dict(banners.texts) if isinstance(banners, Banners) else {}
    patch = texts.get("python")
    if patch and not version:
        version = ".".join(patch.split(".")[:2])
    return EmbeddedPython(
        version=version,
        patch=patch if patch and patch.startswith(f"{version}.") else None,
        flags=flags,
        libpython=None if static else path,
        is_static=static,
        triplet=triplet_of(elf),
        built_in=built_in_modules(elf),
        problems=() if version else (f"{path}: the version of the static Python is unknown",),
    )


def built_in_modules(elf: Elf) -> frozenset[str]:
    """Modules whose PyInit_ function an interpreter exports, with those that have none."""
    names = {name[7:].decode() for name in elf.definitions if name.startswith(INIT)}
    return frozenset(names or USUAL_BUILT_IN) | ALWAYS_BUILT_IN


def locate(
    files: Files, name: str, requester: tuple[str, Elf], library_path: Sequence[str]
) -> str | None:
    """The path of a needed library as ld.so(8) would find it; one of another machine is no match.

    Without the DT_RPATH of httpd itself, which no distribution's has.
    """
    wanted = flavour(requester[1])
    for path in _candidates(files, name, requester, library_path):
        elf = files.elf(path)
        is_there = not isinstance(files.stat(path), Missing)
        if is_there and (isinstance(elf, Missing) or flavour(elf) == wanted):
            return path
    return None


def _candidates(
    files: Files, name: str, requester: tuple[str, Elf], library_path: Sequence[str]
) -> Iterator[str]:
    path, elf = requester
    search, origin = _directories(files, elf), posixpath.dirname(path)
    before, after = (elf.rpath or b"", b"") if elf.runpath is None else (b"", elf.runpath)
    own = (search.split(text(value), origin) for value in (before, after))
    given = (f"{one.rstrip('/')}/" for one in library_path if one)
    for directory in chain(next(own), given, next(own)):
        yield from search.candidates(directory, name)
    if name in search.cache:
        yield search.cache[name]
    for directory in search.defaults:
        yield from search.candidates(directory, name)


def _directories(files: Files, elf: Elf) -> Directories:
    """The loader's own, for either layout: the program, and so its interpreter, is not known."""
    machine = GLIBC.machine(elf)
    layouts = (default_directories(machine, machine.triplet), default_directories(machine, ""))
    return Directories(
        files,
        {"LIB": lib_token(machine, machine.triplet), "PLATFORM": machine.platform},
        tuple(dict.fromkeys(chain.from_iterable(layouts))),
        subdirectories(GLIBC, machine),
        cached_paths(files, GLIBC, machine),
    )


def triplet_of(elf: Elf) -> str:
    """The multiarch part of an extension's file name; "" for an unknown machine."""
    machine = GLIBC.machine(elf)
    return "" if machine is UNKNOWN_MACHINE else machine.triplet
