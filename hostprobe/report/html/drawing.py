"""The picture of a binding graph as inline SVG: it needs no script, prints, and can be zoomed."""

from collections import Counter
from collections.abc import Iterator
from xml.etree.ElementTree import Element

from hostprobe.report.html.binding import Column, Edge, Graph
from hostprobe.report.html.layout import (
    HEIGHT,
    LABEL_WIDTH,
    NOTE_WIDTH,
    PADDING,
    Box,
    Layout,
    layout_of,
    shortened,
)
from hostprobe.report.html.markup import element

TITLES = {
    Column.httpd: "process",
    Column.opened: "opened before Python",
    Column.library: "libraries",
    Column.object: "refers to them",
    Column.application: "applications",
}
HEAD, BEND, GAP = 7, 44, 9
"""Pixels: an arrow's head, how far an arrow within a column swings out, between arrows."""

LABELS = (0.74, 0.24, 0.5)
"""Where on its way the label of an arrow stands: of the first that arrives at a box, the second."""


def draw(graph: Graph, description: str) -> Element:
    """The whole picture; what it shows is its text for those who do not see it."""
    layout = layout_of([graph])
    edges = [*drawn_edges(graph, layout)]
    return element(
        "svg",
        element("title", description),
        *(
            element("text", TITLES[column], x=x, y=12, class_="column")
            for column, x in layout.columns
        ),
        *(line for line, _ in edges),
        *(label for _, label in edges if label is not None),
        *map(draw_box, layout.boxes.values()),
        role="img",
        viewBox=f"0 0 {layout.width} {layout.height}",
        width=layout.width,
        height=layout.height,
    )


def draw_box(box: Box) -> Element:
    """One node: a name, and a line below."""
    node, left = box.node, box.x + PADDING // 2
    label = shortened(node.label, (box.width - PADDING) / LABEL_WIDTH + 0.5)
    note = shortened(node.note, (box.width - PADDING) / NOTE_WIDTH + 0.5)
    return element(
        "g",
        element("title", node.key),
        element("rect", x=box.x, y=box.y, width=box.width, height=HEIGHT, rx=3),
        element("text", label, x=left, y=box.y + (19 if note else 27), class_="name"),
        element("text", note, x=left, y=box.y + 35, class_="note") if note else None,
        class_=f"node {node.kind}",
    )


def drawn_edges(graph: Graph, layout: Layout) -> Iterator[tuple[Element, Element | None]]:
    """Each arrow with its label; those of arrows to one box stand at different places."""
    arrived: Counter[str] = Counter()
    for edge, curve in curves(graph, layout):
        label = None
        if edge.references:
            is_loop = curve[0][0] == curve[3][0]
            share = 0.5 if is_loop else LABELS[arrived[edge.target] % len(LABELS)]
            label = draw_label(f"{edge.references} refs", at(curve, share))
            arrived[edge.target] += not is_loop
        yield draw_edge(edge, curve), label


def draw_label(text: str, middle: tuple[int, int]) -> Element:
    """A number of references, on a ground that hides the line behind it."""
    (x, y), width = middle, len(text) * NOTE_WIDTH + 6
    return element(
        "g",
        element("rect", x=round(x - width / 2), y=y - 8, width=round(width), height=16),
        element("text", text, x=x, y=y + 4),
        class_="references",
    )


Point = tuple[float, float]
Curve = tuple[Point, Point, Point, Point]
Port = tuple[str, bool]
"""The key of a box, and whether its right side is meant."""


def curves(graph: Graph, layout: Layout) -> Iterator[tuple[Edge, Curve]]:
    """Cubic Bezier curves that leave and arrive horizontally, side by side at each box."""
    ends = {
        edge: ports(layout.boxes[edge.source], layout.boxes[edge.target]) for edge in graph.edges
    }
    used: dict[Port, list[tuple[int, Edge]]] = {}
    for edge, (leaving, arriving) in ends.items():
        used.setdefault(leaving, []).append((layout.boxes[edge.target].middle, edge))
        used.setdefault(arriving, []).append((layout.boxes[edge.source].middle, edge))
    places = {
        (port, edge): layout.boxes[port[0]].middle + (number - (len(members) - 1) / 2) * GAP
        for port, members in used.items()
        for number, (_, edge) in enumerate(sorted(members, key=lambda member: member[0]))
    }
    for edge, (leaving, arriving) in ends.items():
        start = (edge_of(layout, leaving), places[leaving, edge])
        end = (edge_of(layout, arriving), places[arriving, edge])
        yield edge, curve_between(start, end, is_loop=leaving[1] == arriving[1])


def ports(source: Box, target: Box) -> tuple[Port, Port]:
    """The sides that face each other; within a column both left."""
    is_right = target.x > source.x
    return (source.node.key, is_right), (target.node.key, target.x < source.x)


def edge_of(layout: Layout, port: Port) -> int:
    """Pixels from the left to a side of a box."""
    box = layout.boxes[port[0]]
    return box.x + box.width if port[1] else box.x


def curve_between(start: Point, end: Point, *, is_loop: bool) -> Curve:
    """The two points and the controls between them."""
    if is_loop:
        return start, (start[0] - BEND, start[1]), (end[0] - BEND, end[1]), end
    half = (start[0] + end[0]) / 2
    return start, (half, start[1]), (half, end[1]), end


def at(curve: Curve, share: float) -> tuple[int, int]:
    """The point of a curve at a share of its way."""
    rest = 1 - share
    weights = (rest**3, 3 * rest**2 * share, 3 * rest * share**2, share**3)
    x, y = (
        sum(w * point[axis] for w, point in zip(weights, curve, strict=True)) for axis in (0, 1)
    )
    return round(x), round(y)


def draw_edge(edge: Edge, curve: Curve) -> Element:
    """The line and its head."""
    start, first, second, end = (f"{x:g} {y:g}" for x, y in curve)
    (x, y), back = curve[3], HEAD if curve[2][0] > curve[3][0] else -HEAD
    return element(
        "g",
        element("path", d=f"M{start}C{first} {second} {end}"),
        element("path", d=f"M{x:g} {y:g}l{back} -4v8z", class_="head"),
        class_=f"edge {edge.kind}",
    )
