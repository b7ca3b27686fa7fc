"""A random graph of small libraries: what each defines and refers to, and where its files lie.

A name's first letter is its kind: f function, d data, t thread-local. Every library has a stub to
link with and one or two files that the loader meets; these differ from the stub here and there.
"""

from dataclasses import dataclass, replace
from functools import partial

NAMES = ("f0", "f1", "f2", "f3", "f4", "f5", "d0", "d1", "d2", "t0", "t1")
NODES = ("V1", "V2", "V3")
FOLDERS = ("a", "b", "c")
USES = {"f": "call call call take got", "d": "take got got", "t": "ie gd gd desc"}
PIE_USES = {"f": "call take got", "d": "take got copy copy", "t": "ie"}
PROGRAM_USES = {**PIE_USES, "f": "call take got address address"}
SPECIAL = {"f": ("function", "ifunc"), "d": ("object", "unique"), "t": ("tls", "tls")}
RPATHS = (
    *("$ORIGIN", "${ORIGIN}/../a", "$ORIGIN/../b", "$ORIGIN/../c", "{d}/b", "{d}/c"),
    *("/nowhere", "{d}/a/$PLATFORM", "{d}/b/${LIB}/.."),
)
SUBFOLDERS = ("glibc-hwcaps/x86-64-v2/", "tls/", "x86_64/", "tls/x86_64/")


@dataclass(frozen=True)
class Symbol:
    """One definition."""

    name: str
    kind: str
    """function, ifunc, object, unique, tls or absolute (of value 0)."""

    weak: bool = False
    hidden: bool = False
    internal: bool = False
    protected: bool = False
    """Patched in, all: linkers refuse what such a definition can meet at run time."""

    node: str = ""
    default: bool = True
    """name@@node, else name@node."""

    hidden_base: bool = False
    """Patched in: bit 15 in the DT_VERSYM entry of a definition without a node."""


@dataclass(frozen=True)
class Use:
    """One reference."""

    name: str
    how: str
    weak: bool = False
    node: str = ""
    """name@node instead of whatever the linker finds."""


@dataclass(frozen=True)
class Library:
    """One file to build."""

    name: str
    soname: str
    symbols: tuple = ()
    uses: tuple = ()
    needs: tuple = ()
    """Names of libraries whose stubs it is linked with."""

    flags: tuple = ()
    """For the linker."""

    symbolic: bool = False
    """DF_SYMBOLIC patched in: the linker's own option leaves no reference to look up."""

    hidden_needs: bool = False
    """Patched in: bit 15 in every vna_other."""


@dataclass(frozen=True)
class Graph:
    """Everything of one seed but what is done with it."""

    stubs: dict
    """Name -> Library."""

    files: dict
    """Path below the directory -> Library."""

    main: Library
    pie: bool
    links: tuple
    """(path, target) symbolic links."""

    copies: tuple
    removed: tuple
    environment: dict


def random_graph(random):
    names = [f"L{number}" for number in range(random.randint(3, 8))]
    stubs = {name: stub(random, name) for name in names}
    files = {}
    for name in names:
        for folder in random.sample(FOLDERS, 1 + chance(random, 0.3)):
            library = edition(random, stubs, name)
            files[f"{folder}/{subfolder(random)}lib{name}.so"] = library
    pie = chance(random, 0.5)
    main = program(random, stubs, PIE_USES if pie else PROGRAM_USES)
    paths = list(files)
    return Graph(
        stubs,
        files,
        main,
        pie=pie,
        links=tuple(
            (f"{random.choice(FOLDERS)}/link{number}.so", random.choice(paths))
            for number in range(random.randint(0, 2))
        ),
        copies=tuple(
            (f"{random.choice(FOLDERS)}/copy{number}.so", random.choice(paths))
            for number in range(random.randint(0, 2))
        ),
        removed=tuple(one for one in paths if chance(random, 0.04)),
        environment=environment(random, paths),
    )


def chance(random, probability):
    return random.random() < probability


def subfolder(random):
    return random.choice(SUBFOLDERS) if chance(random, 0.06) else ""


def environment(random, paths):
    found = {}
    if chance(random, 0.7):
        folders = ["{d}/" + one for one in random.sample(FOLDERS, random.randint(1, 3))]
        found["LD_LIBRARY_PATH"] = random.choice(":;").join(folders)
    if chance(random, 0.15):
        found["LD_PRELOAD"] = random.choice(" :").join(preloads(random, paths))
    return found


def preloads(random, paths):
    """One or two; a name without a slash is searched for."""
    for path in random.sample(paths, random.choice((1, 1, 2))):
        yield path.rpartition("/")[2] if chance(random, 0.3) else "{d}/" + path


def stub(random, name):
    versioned = chance(random, 0.6)
    symbols = []
    for symbol in random.sample(NAMES, random.randint(2, 6)):
        symbols += definitions(random, symbol, versioned=versioned)
    soname = random.choice((f"lib{name}.so",) * 8 + ("", "libL0.so"))
    return Library(name, soname, tuple(symbols))


def definitions(random, name, *, versioned):
    """One definition, or several versions of it with at most one default."""
    if not versioned or chance(random, 0.2):
        return [definition(random, name)]
    nodes = random.sample(NODES, random.choice((1, 1, 1, 2, 3)))
    default = random.choice((*nodes, nodes[0], ""))
    return [
        replace(definition(random, name), node=node, default=node == default, hidden_base=False)
        for node in nodes
    ]


def definition(random, name):
    usual, special = SPECIAL[name[0]]
    kind = special if chance(random, 0.2) else usual
    if chance(random, 0.03) and name[0] == "f":
        kind = "absolute"
    return Symbol(
        name,
        kind,
        weak=kind != "unique" and chance(random, 0.2),
        protected=chance(random, 0.12),
        hidden=chance(random, 0.04),
        internal=chance(random, 0.02),
        hidden_base=chance(random, 0.05),
    )


def edition(random, stubs, name):
    """What the loader meets instead of the stub."""
    base = stubs[name]
    symbols = dict.fromkeys(one for old in base.symbols for one in changed(random, old))
    if chance(random, 0.1):
        symbols = {replace(one, node="", default=True): None for one in symbols}
    if chance(random, 0.4):
        extra = random.choice(NAMES)
        symbols |= {definition(random, extra): None}
    unrepeated = {(one.name, one.node): one for one in symbols}
    needs = tuple(random.sample(sorted(stubs), random.choice((0, 0, 1, 1, 2, 3))))
    needs = tuple(one for one in needs if one != name)
    defined = one_default(unrepeated.values())
    return Library(
        name,
        base.soname,
        defined,
        uses(random, stubs, needs, defined, USES),
        needs,
        flags(random, list(stubs)),
        symbolic=chance(random, 0.12),
        hidden_needs=chance(random, 0.05),
    )


def changed(random, symbol):
    """Nothing, the same, or something a bit different."""
    draw = random.random()
    if draw < 0.06:
        return []
    if draw < 0.12:
        return [replace(symbol, node=random.choice(NODES), hidden_base=False)]
    if draw < 0.2:
        other = definition(random, symbol.name)
        return [replace(other, node=symbol.node, default=symbol.default, hidden_base=False)]
    return [symbol]


def one_default(symbols):
    """A second default version of a name becomes an old one; so does one beside a base."""
    seen = set()
    found = []
    for one in sorted(symbols, key=lambda symbol: symbol.node != ""):
        is_default = one.default or not one.node
        found.append(replace(one, default=is_default and one.name not in seen))
        if is_default:
            seen.add(one.name)
    return tuple(found)


def uses(random, stubs, needs, own, ways):
    """References, mostly to what the object or its needs define.

    Linkers want definitions for a COPY, and no plain name for an absolute symbol of the object.
    """
    near = [
        one for need in needs for one in stubs[need].symbols if not (one.hidden or one.internal)
    ]
    found = [random_use(random, random.choice(near), ways) for _ in near[:4]]
    own_names = {one.name for one in own}
    found = [replace(one, node="") if one.name in own_names else one for one in found]
    found += [replace(random_use(random, one, USES), node="") for one in own if chance(random, 0.5)]
    for name in random.sample(NAMES, random.randint(0, 2)):
        way = random.choice(USES[name[0]].split())
        found.append(Use(name, way, weak=chance(random, 0.85)))
    random.shuffle(found)
    absolute = {one.name for one in own if one.kind == "absolute"}
    return tuple(one for one in found if one.name not in absolute)


def random_use(random, symbol, ways):
    node = symbol.node if symbol.node and chance(random, 0.3) else ""
    way = random.choice(ways[symbol.name[0]].split())
    return Use(symbol.name, way, weak=chance(random, 0.15), node=node)


def flags(random, names):
    found = [f"--hash-style={random.choice(('sysv', 'gnu', 'gnu', 'both'))}"]
    found += search_path(random, random.sample(RPATHS, random.randint(1, 4)), 0.7)
    likely = partial(chance, random)
    found += ["-z", "nodelete"] * likely(0.08)
    found += ["-z", "nocombreloc"] * likely(0.1)
    found += ["-z", "now"] * likely(0.1)
    found += ["-Bsymbolic"] * likely(0.04)
    found += ["-z", "nodefaultlib"] * likely(0.03)
    found += ["-z", "initfirst"] * likely(0.03)
    found += ["-z", "interpose"] * likely(0.03)
    found += ["-z", "global"] * likely(0.05)
    found += ["-z", "execstack"] * likely(0.02)
    found += ["-z", "nodlopen"] * likely(0.02)
    if likely(0.12):
        found += [random.choice(("-f", "-F")), f"lib{random.choice(names)}.so"]
    return tuple(found)


def search_path(random, folders, probability):
    if not chance(random, probability):
        return []
    tags = random.choice(("--enable-new-dtags", "--disable-new-dtags"))
    return ["-rpath", ":".join(folders), tags]


def program(random, stubs, ways):
    needs = tuple(random.sample(sorted(stubs), random.choice((0, 0, 1, 2))))
    symbols = one_default(definition(random, name) for name in random.sample(NAMES, 2))
    plain = tuple(
        replace(one, kind=SPECIAL[one.name[0]][0], protected=False, hidden_base=False)
        for one in symbols
    )
    folders = random.sample(("$ORIGIN/a", "$ORIGIN/b", "{d}/c"), random.choice((1, 3, 3, 3)))
    return Library(
        "main",
        "",
        plain,
        uses(random, stubs, needs, plain, ways),
        needs,
        (
            f"--hash-style={random.choice(('sysv', 'gnu'))}",
            *search_path(random, folders, 0.9),
            *(["--export-dynamic"] * chance(random, 0.5)),
        ),
    )
