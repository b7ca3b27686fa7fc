"""A running httpd whose libraries are replaced or removed on disk."""

from __future__ import annotations

import os
import shutil
from collections.abc import Sequence
from pathlib import Path

from tests.oracle import ld_debug
from tests.real.build import apache_module, cached, shared_object
from tests.real.httpd import Httpd, Module, public_directory

Bindings = dict[tuple[str, str, str | None], str]
BOLT = 'const char *bolt(void) { return "bolt"; }\n'
NUT = 'const char *nut(void) { return "nut"; }\n'
NODES = {
    "new": "GEAR_1 { global: gear; local: *; }; GEAR_2 { global: cog; } GEAR_1;",
    "old": "GEAR_1 { global: gear; cog; local: *; };",
}
GEAR = 'const char *gear(void) { return "gear"; } const char *cog(void) { return "cog"; }\n'
SYSTEM = Path("/usr/lib/x86_64-linux-gnu")


def nut_library(source: str) -> Path:
    return shared_object("libnut.so.1", source, "-Wl,-soname,libnut.so.1")


def screw_library() -> Path:
    return shared_object("libscrew.so.1", BOLT, "-Wl,-soname,libscrew.so.1")


def gear_library(age: str) -> Path:
    """libgear.so.1 with the node GEAR_2, or its predecessor without."""

    def make(directory: Path) -> None:
        (directory / "nodes.map").write_text(NODES[age] + "\n")

    nodes = cached("cog-nodes", NODES[age], make) / "nodes.map"
    flags = ("-Wl,-soname,libgear.so.1", f"-Wl,--version-script={nodes}")
    return shared_object("libgear.so.1", GEAR, *flags)


def calling(name: str, *libraries: Path) -> Module:
    """A module that calls a function `name`, linked with these."""
    source = f"extern const char *{name}(void); const char *ask(void) {{ return {name}(); }}"
    flags = ("-Wl,--no-as-needed", *map(str, libraries))
    return f"{name}_module", apache_module(name, source, *flags)


class Upgraded(Httpd):
    """An httpd that finds `libraries` in a directory of its own, and logs what it binds."""

    def __init__(
        self, modules: Sequence[Module], libraries: Sequence[Path], **options: object
    ) -> None:
        self.folder = public_directory("hostprobe-lib-")
        for path in libraries:
            shutil.copy(path, self.folder)
        environment = {"LD_LIBRARY_PATH": str(self.folder), "LD_BIND_NOW": "1"}
        environment |= {"LD_DEBUG": "files,bindings,reloc,scopes"}
        environment |= {"LD_DEBUG_OUTPUT": f"{self.folder}/ld_debug"}
        super().__init__(modules, environment=environment, single=False, **options)  # type: ignore[arg-type]

    def replace(self, new: Path, name: str = "") -> None:
        """As a package manager does it: a new file is renamed over the old one."""
        target = self.folder / (name or new.name)
        fresh = target.with_name(f"{target.name}.dpkg-new")
        shutil.copy(new, fresh)
        fresh.rename(target)

    def remove(self, name: str) -> None:
        (self.folder / name).unlink()

    def bindings(self) -> Bindings:
        """What glibc says the parent is bound to now."""
        record = ld_debug.read(self.folder / "ld_debug", self.pid, str(self.binary))
        return {
            (os.path.realpath(object_), symbol, version): os.path.realpath(provider)
            for object_, rows in record.bindings.items()
            for symbol, version, provider in rows
        }

    def close(self) -> None:
        super().close()
        shutil.rmtree(self.folder, ignore_errors=True)


def moving() -> Upgraded:
    """Its `bolt` comes from libnut, until a libnut without one is installed."""
    old, other = nut_library(BOLT + NUT), screw_library()
    return Upgraded([calling("bolt", old, other)], [old, other])


def losing_a_version() -> Upgraded:
    """Its `cog` needs the node GEAR_2 that an older libgear has not."""
    new = gear_library("new")
    return Upgraded([calling("cog", new)], [new])


# Copies of the system's libraries, each used by httpd itself or by one of these modules.
STOCK = {
    "pcre": ([], ["libpcre2-8.so.0"]),
    "openssl": (["socache_shmcb", "ssl"], ["libssl.so.3", "libcrypto.so.3"]),
    "python": (["wsgi"], ["libpython3.11.so.1.0"]),
}


def with_copies(name: str) -> Upgraded:
    """One of STOCK."""
    modules, libraries = STOCK[name]
    return Upgraded(modules, [SYSTEM / library for library in libraries])


def reinstall(httpd: Upgraded, name: str) -> None:
    """The same files again."""
    for library in STOCK[name][1]:
        httpd.replace(SYSTEM / library)
