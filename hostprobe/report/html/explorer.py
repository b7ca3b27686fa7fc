"""The graph that a reader moves about in: one conflict first, or all of them together."""

from collections.abc import Sequence
from typing import Any
from xml.etree.ElementTree import Element

from hostprobe.report.escape import escape
from hostprobe.report.html.binding import Edge, Graph
from hostprobe.report.html.findings import Entry
from hostprobe.report.html.layout import HEIGHT, Box, Layout, layout_of, shortened
from hostprobe.report.html.markup import element
from hostprobe.report.html.phrases import labelled
from hostprobe.report.html.reading import word

BUTTONS = (
    ("in", "+", "Zoom in"),
    ("out", "\N{MINUS SIGN}", "Zoom out"),
    ("whole", "Whole graph", None),
)
CHARACTER = 6.4
"""Pixels of a character in the graph, whose boxes have one type for both lines."""


def explorer_section(entries: list[Entry]) -> Element | None:
    """The section, which its script shows; the pictures of the findings tell the same."""
    drawn = [entry for entry in entries if entry.graph]
    if not drawn:
        return None
    together = [element("option", "all conflicts", value=len(drawn))] if len(drawn) > 1 else []
    conflicts = (
        element("option", shortened(escape(word(entry.finding, "title")), 90), value=number)
        for number, entry in enumerate(drawn)
    )
    buttons = (
        element("button", sign, type="button", data_zoom=name, aria_label=label)
        for name, sign, label in BUTTONS
    )
    canvas = element(
        "div", id="canvas", tabindex=0, role="application", aria_describedby="about-object"
    )
    return element(
        "section",
        element("h2", "Who binds to whom"),
        element(
            "div",
            labelled("conflict", "Conflict", *conflicts, *together),
            labelled("object", "Object", element("option", "none", value="")),
            *buttons,
            class_="toolbar",
        ),
        canvas,
        element("p", id="about-object", role="status"),
        id="graph",
        hidden=True,
    )


def graph_data(entries: list[Entry]) -> list[dict[str, Any]]:
    """Each conflict, then all together: boxes in their places and arrows, for cytoscape."""
    drawn = [(entry.anchor, [entry.graph]) for entry in entries if entry.graph]
    if len(drawn) > 1:
        drawn.append(("", [graph for _, graphs in drawn for graph in graphs]))
    return [{"anchor": anchor, "elements": elements_of(graphs)} for anchor, graphs in drawn]


def elements_of(graphs: Sequence[Graph]) -> list[dict[str, Any]]:
    """Nodes with the centre of their boxes, and edges."""
    layout = layout_of(graphs)
    numbers = {key: f"n{number}" for number, key in enumerate(layout.boxes)}
    nodes = [
        {"data": node_data(box, numbers), "position": centre(box)} for box in layout.boxes.values()
    ]
    edges = dict.fromkeys(edge for graph in graphs for edge in graph.edges)
    return [*nodes, *({"data": edge_data(edge, layout, numbers)} for edge in edges)]


def edge_data(edge: Edge, layout: Layout, numbers: dict[str, str]) -> dict[str, Any]:
    """An arrow, and between which sides of its boxes it goes."""
    return {
        "source": numbers[edge.source],
        "target": numbers[edge.target],
        "kind": edge.kind,
        "text": f"{edge.references} refs" if edge.references else "",
        "way": way(layout.boxes[edge.source], layout.boxes[edge.target]),
    }


def node_data(box: Box, numbers: dict[str, str]) -> dict[str, Any]:
    """What a node shows, and its whole name."""
    lines = (box.node.label, box.node.note)
    return {
        "id": numbers[box.node.key],
        "name": escape(box.node.key),
        "label": escape(box.node.label),
        "kind": box.node.kind,
        "text": "\n".join(
            shortened(escape(text), (box.width - 8) / CHARACTER) for text in lines if text
        ),
        "width": box.width,
        "height": HEIGHT,
    }


def centre(box: Box) -> dict[str, int]:
    """Where cytoscape puts a node."""
    return {"x": box.x + box.width // 2, "y": box.middle}


def way(source: Box, target: Box) -> str:
    """Where an arrow goes; the script lets it leave and arrive at sides that face each other."""
    if source.x == target.x:
        return "beside"
    return "right" if source.x < target.x else "left"
