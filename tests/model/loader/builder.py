"""Literal facts in one line each, and a root that holds them."""

from dataclasses import dataclass, replace

from hostprobe.facts.elf import (
    ET_DYN,
    ET_EXEC,
    PF_R,
    PF_W,
    STB_GLOBAL,
    STB_GNU_UNIQUE,
    STB_WEAK,
    STT_FUNC,
    STV_DEFAULT,
    STV_HIDDEN,
    STV_PROTECTED,
    Definition,
    Elf,
    LookupClass,
    Reference,
    VersionNeed,
)
from hostprobe.facts.files import Missing, Stat
from hostprobe.facts.linker import CacheEntry, LinkerCache
from hostprobe.facts.plan import Close, Open, OpenFlags, Plan
from hostprobe.model.loader.process import simulate
from hostprobe.model.loader.rules import GLIBC

MARKS = {"?": "weak", "!": "unique", "-": "hidden", "=": "protected", "~": "undefined"}
VISIBILITY = {"hidden": STV_HIDDEN, "protected": STV_PROTECTED}
BINDING = {"weak": STB_WEAK, "unique": STB_GNU_UNIQUE}
CLASSES = {"plt": LookupClass.PLT, "copy": LookupClass.COPY, "": LookupClass.NORMAL}


def elf(defines="", refers="", needs="", *, soname=None, rpath=None, runpath=None, **changes):
    """An x86-64 object.

    `defines`: "f g@@V1 h@V1 u! w? p= c~": default and hidden version, unique, weak, protected,
    undefined with a value. `refers`: "f g@V1 h@V1:libx.so w? c/copy j/plt". `needs`: sonames.
    """
    nodes = Nodes()
    definitions = {}
    for word in defines.split():
        name, definition = parse_definition(word, nodes)
        definitions[name] = (*definitions.get(name, ()), definition)
    references = tuple(parse_reference(word, definitions) for word in refers.split())
    wanted = {(one.file, one.version) for one in references if one.file is not None}
    version_needs = tuple(
        VersionNeed(file, node, weak=False, index=100 + i)
        for i, (file, node) in enumerate(sorted(wanted))
    )
    made = Elf(
        elf_class=64,
        little_endian=True,
        machine=62,
        flags=0,
        type=ET_DYN,
        interpreter=None,
        is_dynamic=True,
        soname=encoded(soname),
        needed=tuple(name.encode() for name in needs.split()),
        rpath=encoded(rpath),
        runpath=encoded(runpath),
        filters=(),
        dt_symbolic=False,
        text_relocation=False,
        dt_flags=0,
        dt_flags_1=0,
        bind_now=False,
        stack_flags=PF_R | PF_W,
        tls=None,
        build_id=None,
        version_needs=version_needs,
        version_definitions={index: node for node, index in nodes.indexes.items()},
        has_verdef=bool(nodes.indexes),
        has_versym=bool(nodes.indexes or version_needs),
        definitions=definitions,
        references=references,
    )
    return replace(made, **changes)


def program(defines="", refers="", needs="", **changes):
    """A main program at a fixed address without an interpreter of its own in the root."""
    return elf(defines, refers, needs, **{"type": ET_EXEC, **changes})


class Nodes:
    """Version indexes as a linker hands them out: 1 is the base."""

    def __init__(self):
        self.indexes = {}

    def __getitem__(self, node):
        return self.indexes.setdefault(node.encode(), len(self.indexes) + 2)


def parse_definition(word, nodes):
    marks = {MARKS[mark] for mark in word if mark in MARKS}
    plain = "".join(letter for letter in word if letter not in MARKS)
    name, at, node = plain.partition("@")
    hidden = bool(at) and not node.startswith("@")
    versym = (nodes[node.lstrip("@")] if at else 1) | (0x8000 if hidden else 0)
    return name.encode(), Definition(
        next((BINDING[one] for one in marks if one in BINDING), STB_GLOBAL),
        STT_FUNC,
        next((VISIBILITY[one] for one in marks if one in VISIBILITY), STV_DEFAULT),
        "undefined" in marks,
        versym,
    )


def parse_reference(word, definitions):
    word, _, kind = word.partition("/")
    weak = "?" in word
    name, _, rest = word.replace("?", "").partition("@")
    node, _, file = rest.partition(":")
    own = definitions.get(name.encode(), ())
    return Reference(
        name=name.encode(),
        version=node.encode() or None,
        file=file.encode() or None,
        hidden=False,
        lookup_class=CLASSES[kind],
        weak=weak,
        defined=bool(own),
        protected=any(one.visibility == STV_PROTECTED for one in own),
        type=STT_FUNC,
        in_plt=kind == "plt",
    )


def encoded(value):
    return None if value is None else value.encode()


@dataclass
class MemoryFiles:
    """`Files` over a dictionary: path -> Elf, Missing (there but unusable), or a link's target."""

    content: dict
    cache: tuple = ()
    """(soname, path) or (soname, path, capability)."""

    def find(self, path):
        while isinstance(self.content.get(path), str):
            path = self.content[path]
        return path

    def stat(self, path):
        real = self.find(path)
        if real in self.content:
            inode = sorted(self.content).index(real)
            return Stat(real, 1, inode, 0o100755, 0, 0, 1000, 0)
        if any(name.startswith(f"{real.rstrip('/')}/") for name in self.content):
            return Stat(real, 2, 1, 0o040755, 0, 0, 4096, 0)
        return Missing(f"{path}: no such file or directory", not_found=True)

    def list(self, path):
        return Missing(f"{path}: not listed")

    def elf(self, path):
        absent = Missing(f"{path}: no such file or directory", not_found=True)
        return self.content.get(self.find(path), absent)

    def read(self, path, kind):
        if kind is LinkerCache and self.cache:
            return LinkerCache(tuple(cache_entry(*row) for row in self.cache))
        return Missing(f"{path}: no such file or directory", not_found=True)


def cache_entry(soname, path, hwcap="", flags=0x0303):
    return CacheEntry(soname.encode(), path.encode(), flags, hwcap)


def opens(path, flags="NOW", caller=None):
    bits = OpenFlags(0)
    for name in flags.split():
        bits |= OpenFlags[name]
    return Open(path, bits, caller)


def closes(path):
    return Close(path)


def process(content, *operations, environment=None, rules=GLIBC, cache=()):
    """Simulate /main with these operations in a root of these files."""
    files = MemoryFiles({"/main": program(), **content}, cache)
    return simulate(files, Plan("/main", operations, environment or {}), rules)


def providers(one, path):
    """Symbol -> path of its provider, or None, for one loaded object."""
    loaded = next(found for found in one.objects if found.path == path)
    return {
        binding.symbol.decode(): binding.provider and binding.provider.path
        for binding in one.bindings_of(loaded)
    }


def paths(objects):
    return [loaded.path for loaded in objects]
