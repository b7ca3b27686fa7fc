"""`Files` over a dictionary: bytes are parsed as on a real host, facts are given as they are."""

import posixpath

from hostprobe.collect.kinds import PARSERS
from hostprobe.facts.elf import Elf
from hostprobe.facts.files import Missing, Stat
from hostprobe.parse.error import ParseError

REGULAR, DIRECTORY, FIFO, SOCKET = 0o100755, 0o040755, 0o010644, 0o140755


def elf(*definitions, needed=(), runpath=None, machine=62):
    """An object with these defined names."""
    return Elf(
        elf_class=64, little_endian=True, machine=machine, flags=0, type=3, interpreter=None,
        is_dynamic=True, soname=None, needed=tuple(name.encode() for name in needed), rpath=None,
        runpath=runpath, filters=(), dt_symbolic=False, text_relocation=False, dt_flags=0,
        dt_flags_1=0, bind_now=False, stack_flags=None, tls=None, build_id=None, version_needs=(),
        version_definitions={}, has_verdef=False, has_versym=False,
        definitions={name.encode(): () for name in definitions}, references=(),
    )  # fmt: skip


class MemoryFiles:
    """Path -> bytes, str, a tuple of facts, an Elf, or a Missing; directories follow from paths.

    `links` maps a path to the path it points to.
    """

    def __init__(self, contents, links=()):
        self.contents = dict(contents)
        self.links = dict(links)
        self.children = {}
        for path in [*self.contents, *self.links]:
            self._enter(path)

    def _enter(self, path):
        while path != "/":
            parent, name = posixpath.split(path)
            self.children.setdefault(parent, set()).add(name)
            path = parent

    def real(self, path):
        for _ in range(40):
            parts = path.split("/")
            heads = ["/".join(parts[:count]) for count in range(2, len(parts) + 1)]
            link = next((head for head in heads if head in self.links), None)
            if link is None:
                return path
            path = posixpath.normpath(
                posixpath.join(posixpath.dirname(link), self.links[link]) + path[len(link) :]
            )
        return None

    def stat(self, path):
        real = self.real(path)
        if real is None:
            return Missing(f"{path}: too many symbolic links")
        if real in self.contents or real in self.children:
            mode = DIRECTORY if real in self.children else REGULAR
            content = self.contents.get(real)
            if content in (FIFO, SOCKET):
                mode = content
            size = len(content) if isinstance(content, bytes | str) else 0
            return Stat(real, 1, hash(real), mode, 0, 0, size, 0)
        return Missing(f"{path}: no such file", not_found=True)

    def list(self, path):
        real = self.real(path)
        if real is None or real not in self.children:
            return Missing(f"{path}: not a directory", not_found=True)
        return tuple(sorted(self.children[real]))

    def read(self, path, kind):
        content = self.contents.get(self.real(path))
        if content is None:
            return Missing(f"{path}: no such file", not_found=True)
        if content in (FIFO, SOCKET):
            return Missing(f"{path}: not a regular file")
        for fact in content if isinstance(content, tuple) else (content,):
            if isinstance(fact, kind | Missing):
                return fact
        if not isinstance(content, bytes | str):
            return Missing(f"{path}: no {kind.__name__}")
        try:
            return PARSERS[kind](content.encode() if isinstance(content, str) else content)
        except ParseError as error:
            return Missing(f"{path}: {error}")

    def elf(self, path):
        return self.read(path, Elf)
