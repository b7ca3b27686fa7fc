"""Which Python mod_wsgi brings."""

import pytest

from hostprobe.facts.elf import Banners
from hostprobe.facts.linker import CacheEntry, LinkerCache
from hostprobe.model.python.embedded import embedded_python, version_in
from tests.model.memory_files import FIFO, MemoryFiles, elf

LIB = "libpython3.11.so.1.0"
CACHE = LinkerCache((CacheEntry(b"libpython3.7m.so.1.0", b"/o/l", 0x0303, ""),))


def python(contents, **options):
    return embedded_python(MemoryFiles(contents), "/m/mod_wsgi.so", **options)


@pytest.mark.parametrize(
    ("contents", "version", "libpython", "is_static"),
    [
        (
            {"/m/mod_wsgi.so": elf(needed=[LIB]), f"/usr/lib/{LIB}": elf()},
            "3.11", f"/usr/lib/{LIB}", False,
        ),
        (
            {"/m/mod_wsgi.so": elf(needed=[LIB], runpath=b"$ORIGIN/lib"), f"/m/lib/{LIB}": elf()},
            "3.11", f"/m/lib/{LIB}", False,
        ),
        (
            {
                "/m/mod_wsgi.so": elf(needed=["libpython3.7m.so.1.0"]),
                "/etc/ld.so.cache": (CACHE,),
                "/o/l": elf(),
            },
            "3.7", "/o/l", False,
        ),
        ({"/m/mod_wsgi.so": elf(needed=[LIB])}, "3.11", None, False),
        (
            {"/m/mod_wsgi.so": (elf("Py_Initialize"), Banners((("python", "3.12.4"),)))},
            "3.12", None, True,
        ),
        ({"/m/mod_wsgi.so": elf("Py_InitializeEx")}, "", None, True),
        ({"/m/mod_wsgi.so": elf()}, "", None, False),
        ({"/m/mod_wsgi.so": FIFO}, "", None, False),
        ({}, "", None, False),
    ],
)  # fmt: skip
def test_the_library_names_the_version(contents, version, libpython, is_static):
    found = python(contents)
    assert (found.version, found.libpython, found.is_static) == (version, libpython, is_static)
    assert bool(found.problems) == (not version or (libpython is None and not is_static))


def test_ld_library_path_comes_before_runpath_and_after_rpath():
    contents = {"/m/mod_wsgi.so": elf(needed=[LIB], runpath=b"/run"), f"/run/{LIB}": elf()}
    contents[f"/env/{LIB}"] = elf()
    assert python(contents, library_path=["/env"]).libpython == f"/env/{LIB}"


def test_a_library_of_another_machine_is_passed_over():
    entries = (
        CacheEntry(LIB.encode(), b"/usr/lib/i386-linux-gnu/l", 0x0003, ""),
        CacheEntry(LIB.encode(), b"/o/l", 0x0303, ""),
    )
    contents = {
        "/m/mod_wsgi.so": elf(needed=[LIB], runpath=b"/arm"),
        f"/arm/{LIB}": elf(machine=183),
        "/etc/ld.so.cache": (LinkerCache(entries),),
        "/usr/lib/i386-linux-gnu/l": elf(machine=3),
        "/o/l": elf(),
    }
    assert python(contents).libpython == "/o/l"


def test_glibc_hwcaps_come_before_the_directory_itself():
    best = f"/run/glibc-hwcaps/x86-64-v3/{LIB}"
    contents = {"/m/mod_wsgi.so": elf(needed=[LIB], runpath=b"/run"), f"/run/{LIB}": elf()}
    assert python({**contents, best: elf()}).libpython == best


def test_an_earlier_load_file_may_bring_the_library():
    contents = {"/m/mod_wsgi.so": elf(), f"/o/{LIB}": elf("PyInit_zlib")}
    found = python(contents, loads=["/usr/lib/libz.so", f"/o/{LIB}"])
    assert (found.version, found.libpython) == ("3.11", f"/o/{LIB}")
    assert found.built_in == {"zlib", "sys", "builtins", "marshal", "_warnings"}


@pytest.mark.parametrize(
    ("name", "version"),
    [
        ("/m/mod_wsgi.so-3.11", "3.11"),
        ("/m/mod_wsgi-py39.cpython-39-x86_64-linux-gnu.so", "3.9"),
        ("/m/mod_wsgi-py312.so", "3.12"),
        ("/m/mod_wsgi_python3.so", ""),
        ("/m/mod_wsgi.so", ""),
    ],
)
def test_a_file_name_may_tell_the_version(name, version):
    assert version_in(name) == version


def test_suffixes_are_those_of_the_import_system():
    contents = {"/m/mod_wsgi.so": elf(needed=["libpython3.13t.so.1.0"], machine=183)}
    assert python(contents).suffixes == (".cpython-313t-aarch64-linux-gnu.so", ".so")
    contents = {"/m/mod_wsgi.so": elf(needed=[LIB])}
    assert python(contents).suffixes == (".cpython-311-x86_64-linux-gnu.so", ".abi3.so", ".so")
