"""lxml's wheel, with a private libxml2 2.14, beside a module that brings the system's libxml2."""

from __future__ import annotations

import mmap
import shutil
import struct
from pathlib import Path

from tests.real.build import cached
from tests.real.debs import unpacked
from tests.real.httpd import Httpd, Module
from tests.real.wsgi import wsgi_host
from tests.wheels import wheels_venv

# What a visitor typed into a textarea: text for libxml2 2.14, an element for 2.9.
TEXTAREA = """
from lxml import html

def answer():
    page = html.fromstring("<div><textarea><b>x</b></textarea></div>")
    return page.find("textarea").text, len(page.find("textarea"))
"""
WORKING, BROKEN = "('<b>x</b>', 0)", "(None, 1)"
SYSTEM_LIBXML2 = "/lib/x86_64-linux-gnu/libxml2.so.2"


def failing(*modules: Module, lines: tuple[str, ...] = (), daemon: bool = False) -> Httpd:
    """The wheel in a virtual environment beside these modules; daemon mode is no cure.

    Debian's mod_php itself needs libxml2, so no ini file of PHP helps.
    """
    home = wheels_venv()
    return wsgi_host(TEXTAREA, [*modules, "wsgi"], lines, home=home, daemon=daemon)


def failing_preloaded() -> Httpd:
    httpd = failing()
    httpd.environment["LD_PRELOAD"] = SYSTEM_LIBXML2
    return httpd


def cured_without_php() -> Httpd:
    return failing()


def distribution_lxml(*modules: Module) -> Httpd:
    """python3-lxml of Debian, which shares the system's libxml2."""
    packages = unpacked("python3-lxml") / "usr/lib/python3/dist-packages"
    return wsgi_host(TEXTAREA, [*modules, "wsgi"], path=packages)


def near_miss_symbolic(*modules: Module) -> Httpd:
    """The same wheel with DT_SYMBOLIC: the same exports and relocations, and nothing moves."""
    return wsgi_host(TEXTAREA, [*modules, "wsgi"], path=symbolic_lxml())


def symbolic_lxml() -> Path:
    """A directory with a copy of the wheel whose objects are as if linked with -Bsymbolic."""

    def make(directory: Path) -> None:
        packages = next(wheels_venv().glob("lib/python3.*/site-packages"))
        shutil.copytree(packages / "lxml", directory / "lxml")
        for built in (directory / "lxml").rglob("*.so"):
            make_symbolic(built)

    return cached("lxml-symbolic", (wheels_venv() / "installed.txt").read_text(), make)


DT_SYMBOLIC, DT_RELACOUNT = 16, 0x6FFFFFF9


def make_symbolic(path: Path) -> None:
    """Turn the dynamic entry DT_RELACOUNT, a mere hint, into DT_SYMBOLIC."""
    with path.open("r+b") as file, mmap.mmap(file.fileno(), 0) as image:
        at = image.find(struct.pack("<Q", DT_RELACOUNT), dynamic_offset(image))
        image[at : at + 16] = struct.pack("<QQ", DT_SYMBOLIC, 0)


def dynamic_offset(image: mmap.mmap) -> int:
    """Offset of PT_DYNAMIC (type 2) in an ELF64 little-endian file."""
    (table,) = struct.unpack_from("<Q", image, 32)
    (count,) = struct.unpack_from("<H", image, 56)
    starts = [table + 56 * index for index in range(count)]
    found = next(start for start in starts if struct.unpack_from("<I", image, start)[0] == 2)
    offset: int = struct.unpack_from("<Q", image, found + 8)[0]
    return offset
