"""Who binds to whom in one finding, as a graph: from the evidence that all linker checks share.

httpd opens modules, these bring libraries in, and objects of Python's side refer to them. The
columns of the graph meet at the libraries: what comes before Python on the left, Python on the
right.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import IntEnum
from itertools import chain

from hostprobe.report.html.reading import Row, applications, modules, row, rows, texts, word

APPLICATIONS_DRAWN = 6
TAG = re.compile(r"\.(?:cpython-|abi3|pypy)[^/]*$")


class Column(IntEnum):
    """From left to right."""

    httpd, opened, library, object, application = range(5)


@dataclass(frozen=True, slots=True)
class Node:
    """One box: a process, a file or an application."""

    key: str
    """A path; findings that name the same file share it."""

    column: Column
    kind: str
    """httpd, opened, winner, loser, object, extension or application."""

    label: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Edge:
    """One arrow."""

    source: str
    target: str
    kind: str
    """opens, brings, binds (in httpd), standalone (elsewhere), imports or offers."""

    references: int = 0


@dataclass(frozen=True, slots=True)
class Graph:
    """Boxes and arrows; every end of an arrow is a box."""

    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]


@dataclass(frozen=True, slots=True)
class Scene:
    """What of a document a picture needs beside the finding."""

    httpd: Node
    modules: dict[str, str]
    imported: dict[str, frozenset[str]]
    """Application -> paths of the extensions that its imports reach."""


def scene_of(document: Row) -> Scene:
    """Read a document once for all pictures."""
    instances = [row(instance, "httpd") for instance in rows(document, "instances")]
    note = word(instances[0], "config_file") if len(instances) == 1 else ""
    imported = {
        word(one, "name"): frozenset(word(each, "path") for each in rows(one, "reachable"))
        for one in applications(document)
    }
    httpd = Node("httpd", Column.httpd, "httpd", "httpd", file_name(note))
    return Scene(httpd, modules(document), imported)


def moves(evidence: Row) -> list[Row]:
    """What binds elsewhere in httpd: object, references, binds_to, instead_of."""
    crossings = (
        {
            "object": word(one, "object"),
            "references": len(texts(one, "symbols")),
            "binds_to": word(one, "provider"),
            "instead_of": word(one, "home"),
        }
        for one in rows(evidence, "crossings")
    )
    moved = [one for one in rows(evidence, "rebound_by_object") if word(one, "instead_of")]
    return [*moved, *crossings]


def graph_of(finding: Row, scene: Scene) -> Graph | None:
    """The picture of a linker conflict; None for any other finding."""
    evidence = row(finding, "evidence")
    moved = moves(evidence)
    if not moved:
        return None
    edges = [*bringing(evidence), *binding(moved), *importing(finding, scene)]
    nodes: dict[str, Node] = {}
    for node in boxes(finding, moved, scene):
        nodes.setdefault(node.key, node)
    ordered = sorted(nodes.values(), key=lambda node: node.column)
    kept = (edge for edge in edges if edge.source in nodes and edge.target in nodes)
    return Graph(tuple(ordered), tuple(dict.fromkeys(kept)))


def boxes(finding: Row, moved: list[Row], scene: Scene) -> Iterator[Node]:
    """Every box; of a file that is several things the first one counts."""
    evidence = row(finding, "evidence")
    if "winners" in evidence:
        yield scene.httpd
    known = (rows(evidence, key) for key in ("winners", "losers", "copies"))
    described = {word(one, "path"): one for one in chain.from_iterable(known)}
    extensions = texts(evidence, "extensions")
    objects = dict.fromkeys(word(one, "object") for one in moved)
    winners = dict.fromkeys(word(one, "binds_to") for one in moved)
    yield from (library(path, "winner", described) for path in winners if path)
    yield from (extension(path, described, scene) for path in objects if path in extensions)
    yield from (extension(path, described, scene) for path in extensions)
    yield from (library(word(one, "instead_of"), "loser", described) for one in moved)
    yield from (Node(path, Column.object, "object", file_name(path), "library") for path in objects)
    yield from map(opened_box, rows(evidence, "brought_by"))
    yield from application_boxes(finding)


def opened_box(opened: Row) -> Node:
    """A module that httpd or PHP opens, with the line that asks for it."""
    path = word(opened, "open")
    where = file_name(word(opened, "where"))
    return Node(path, Column.opened, "opened", file_name(path), where)


def library(path: str, kind: str, described: dict[str, Row]) -> Node:
    """A library by its soname, with the package that owns it."""
    about = described.get(path, {})
    label = word(about, "soname") or file_name(path)
    return Node(path, Column.library, kind, label, word(about, "package"))


def extension(path: str, described: dict[str, Row], scene: Scene) -> Node:
    """A Python extension by the name it is imported by."""
    label = scene.modules.get(path) or TAG.sub("", file_name(path)).removesuffix(".so")
    package = word(described.get(path, {}), "package")
    return Node(path, Column.object, "extension", label, package or "Python extension")


def application_boxes(finding: Row) -> Iterator[Node]:
    """The first ones that are hit, and one box for the rest."""
    names = texts(finding, "affected")
    for name in names[:APPLICATIONS_DRAWN]:
        label, _, script = name.partition(" (")
        yield Node(name, Column.application, "application", label, file_name(script.rstrip(")")))
    if len(names) > APPLICATIONS_DRAWN:
        more = f"and {len(names) - APPLICATIONS_DRAWN} more"
        yield Node(more, Column.application, "application", more)


def bringing(evidence: Row) -> Iterator[Edge]:
    """From httpd to the winners; what no dlopen brings was there when httpd started."""
    paths = {word(one, "soname"): word(one, "path") for one in rows(evidence, "winners")}
    left = dict(paths)
    for one in rows(evidence, "brought_by"):
        opened = word(one, "open")
        yield Edge("httpd", opened, "opens")
        for name in texts(one, "brings"):
            if name in paths and paths[name] != opened:
                yield Edge(opened, paths[name], "brings")
            left.pop(name, None)
    for path in left.values():
        yield Edge("httpd", path, "brings")


def binding(moved: Iterable[Row]) -> Iterator[Edge]:
    """Where references go in httpd, and where they go elsewhere."""
    for one in moved:
        source, references = word(one, "object"), one.get("references")
        count = references if isinstance(references, int) else 0
        if word(one, "binds_to"):
            yield Edge(source, word(one, "binds_to"), "binds", count)
        if word(one, "instead_of") != source:
            yield Edge(source, word(one, "instead_of"), "standalone")


def importing(finding: Row, scene: Scene) -> Iterator[Edge]:
    """From the applications to the extensions."""
    extensions = texts(row(finding, "evidence"), "extensions")
    for name in texts(finding, "affected")[:APPLICATIONS_DRAWN]:
        reached = scene.imported.get(name, frozenset())
        for path in extensions:
            yield Edge(name, path, "imports" if path in reached else "offers")


def file_name(path: str) -> str:
    """The last part of a path."""
    return path.rpartition("/")[2]
