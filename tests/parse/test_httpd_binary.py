"""Module structures and compiled-in texts of httpd."""

import contextlib
import struct
import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hostprobe.facts.httpd import HttpdBuild, ModuleStructure
from hostprobe.parse.error import ParseError
from hostprobe.parse.httpd_binary import parse_httpd_build, parse_module_structures

BASE = 0x400000


class Image:
    """A shared object of one segment with module structures; pointers go through RELA or not."""

    def __init__(self, *, word=8, order="<", has_rela=True):
        self.word, self.order, self.has_rela = word, order, has_rela
        self.data = bytearray(0x200)
        self.symbols, self.relocations = [(0, 0)], []
        self.strings = b"\0"
        self.tags = []

    def put(self, data):
        self.data += bytes(-len(self.data) % 16)
        self.data += data
        return BASE + len(self.data) - len(data)

    def pack(self, *values):
        return struct.pack(self.order + ("Q" if self.word == 8 else "I") * len(values), *values)

    def point(self, at, to):
        """Let the pointer at address `at` hold `to`."""
        if self.has_rela:
            self.relocations.append((at, 8, to))
        else:
            self.data[at - BASE : at - BASE + self.word] = self.pack(to)

    def text(self, text):
        return self.put(text.encode() + b"\0")

    def module(self, symbol, source, directives, magic=0x41503234, name=None):
        """A `module` with a command table; its symbol's name may share another's tail."""
        table = self.put(bytes((len(directives) + 1) * (4 * self.word + 8)))
        for index, directive in enumerate(directives):
            self.point(table + index * (4 * self.word + 8), self.text(directive))
        head = 16 if self.word == 8 else 12
        place = self.put(bytes(head + 12 * self.word))
        self.point(place + head, self.text(source))
        self.point(place + head + 9 * self.word, table)
        at = place - BASE + head + 3 * self.word
        self.data[at : at + self.word] = self.pack(magic)
        if name is None:
            name, self.strings = len(self.strings), self.strings + symbol.encode() + b"\0"
        self.symbols.append((name, place))
        return self

    def symbol(self, name, value):
        section, order = (7 if value else 0), self.order
        if self.word == 8:
            return struct.pack(order + "IBBHQQ", name, 0x11, 0, section, value, 0)
        return struct.pack(order + "IIIBBH", name, value, 0, 0x11, 0, section)

    def bytes(self):
        symtab = self.put(b"".join(self.symbol(*symbol) for symbol in self.symbols))
        strtab = self.put(self.strings)
        rela = self.put(b"".join(self.pack(*entry) for entry in self.relocations))
        tags = [5, strtab, 6, symtab, 10, len(self.strings)]
        tags += [7, rela, 8, len(self.relocations) * 3 * self.word, *self.tags, 0, 0]
        dynamic = self.put(self.pack(*tags))
        self.header(dynamic - BASE, len(tags) * self.word)
        return bytes(self.data)

    def header(self, dynamic, size):
        word, order, total = self.word, self.order, len(self.data)
        ident = b"\x7fELF" + bytes([2 if word == 8 else 1, 1 if order == "<" else 2, 1])
        rows = [(1, 0, BASE, total), (2, dynamic, BASE + dynamic, size)]
        if word == 8:
            head = struct.pack(order + "HHIQQQIHHHHHH", 3, 62, 1, 0, 64, 0, 0, 64, 56, 2, 0, 0, 0)
            table = [
                struct.pack(order + "IIQQQQQQ", t, 6, o, a, a, n, n, 16) for t, o, a, n in rows
            ]
        else:
            head = struct.pack(order + "HHIIIIIHHHHHH", 3, 20, 1, 0, 52, 0, 0, 52, 32, 2, 0, 0, 0)
            table = [
                struct.pack(order + "IIIIIIII", t, o, a, a, n, n, 6, 16) for t, o, a, n in rows
            ]
        start = ident.ljust(16, b"\0") + head + b"".join(table)
        self.data[: len(start)] = start


SSL = ("ssl_module", "mod_ssl.c", ["SSLEngine", "<SSLThing"])


@pytest.mark.parametrize("has_rela", [True, False])
@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("word", [4, 8])
def test_structures_are_found_in_every_class_and_byte_order(word, order, has_rela):
    image = Image(word=word, order=order, has_rela=has_rela)
    image.module(*SSL).module("x_module", "/build/dir/mod_x.c", [])
    assert parse_module_structures(image.bytes()).modules == (
        ModuleStructure("ssl_module", "mod_ssl.c", ("SSLEngine", "<SSLThing")),
        ModuleStructure("x_module", "mod_x.c", ()),
    )


def test_a_symbol_that_is_no_module_structure_is_left_out():
    assert parse_module_structures(Image().module(*SSL, magic=1).bytes()).modules == ()


def test_the_magic_of_another_httpd_release_counts():
    assert parse_module_structures(Image().module(*SSL, magic=0x41503232).bytes()).modules


def test_a_name_that_shares_the_tail_of_another_is_found():
    image = Image()
    image.strings += b"my_ssl_module\0"
    image.module(*SSL, name=4)
    assert [module.symbol for module in parse_module_structures(image.bytes()).modules] == [
        "ssl_module"
    ]


def test_the_build_is_read_from_what_httpd_would_print():
    image = Image().module("core_module", "core.c", [])
    image.text("Apache/2.4.71 (Debian)")
    image.text(' -D HTTPD_ROOT="/etc/apache2"\n')
    image.text(' -D SERVER_CONFIG_FILE="apache2.conf"\n')
    assert parse_httpd_build(image.bytes()) == HttpdBuild(
        "2.4.71", "/etc/apache2", "apache2.conf", ("core_module",)
    )


@pytest.mark.parametrize("data", [b"", b"#!/bin/sh\n", Image().bytes()])
def test_something_else_is_no_httpd(data):
    with pytest.raises(ParseError, match="not an Apache httpd"):
        parse_httpd_build(data)


@pytest.mark.parametrize("data", [b"", b"\x7fELF", b"\x7fELF\x03\x01", b"\x7fELF\x02\x01\x01"])
def test_what_is_not_elf_is_refused(data):
    with pytest.raises(ParseError):
        parse_module_structures(data)


GOOD = Image().module(*SSL).bytes()


@given(st.integers(0, len(GOOD)))
def test_a_truncated_object_is_refused_or_read_in_part(length):
    tolerated(GOOD[:length])


@given(st.lists(st.tuples(st.integers(0, len(GOOD) - 1), st.integers(0, 255)), max_size=8))
def test_changed_bytes_are_refused_or_read_in_part(changes):
    data = bytearray(GOOD)
    for place, value in changes:
        data[place] = value
    tolerated(bytes(data))


def tolerated(data):
    with contextlib.suppress(ParseError):
        parse_module_structures(data)


MODULES = Path("/usr/lib/apache2/modules")
LOADED = ("mpm_prefork", "authz_core", "alias", "ssl", "wsgi", "ldap", "rewrite")


@pytest.mark.real
def test_httpd_lists_the_same_directives_of_static_and_loaded_modules():
    paths = [MODULES / f"mod_{name}.so" for name in LOADED]
    command = ["/usr/sbin/apache2", "-f", "/dev/null", "-C", "DefaultRuntimeDir /tmp"]
    command += ["-C", "ErrorLog /dev/null", "-C", "ServerName x"]
    for name, path in zip(LOADED, paths, strict=True):
        command += ["-C", f"LoadModule {name}_module {path}"]
    said = subprocess.run([*command, "-L"], capture_output=True, text=True, check=True)
    theirs = {line for line in said.stdout.splitlines() if line[:1].strip()}
    ours = {
        f"{directive} ({module.source})"
        for path in (Path(command[0]), *paths)
        for module in parse_module_structures(path.read_bytes()).modules
        for directive in module.directives
    }
    assert ours == theirs


@pytest.mark.real
def test_every_module_of_the_distribution_is_found():
    for path in sorted(MODULES.glob("*.so")):
        assert parse_module_structures(path.read_bytes()).modules, path
