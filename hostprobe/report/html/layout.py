"""Where the boxes of a binding graph stand: columns in Python, so that no reader has to wait.

Layout engines in the browser need seconds for 300 boxes; given places need none.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby

from hostprobe.report.html.binding import Column, Graph, Node

LABEL_WIDTH, NOTE_WIDTH, PADDING = 7.3, 5.9, 22
"""Pixels of a character of a label and of a note, and of both margins together."""

NARROWEST, WIDEST, HEIGHT = 84, 196, 44
BESIDE, BELOW, TOP = 72, 18, 30
"""Room between columns, between boxes, and above them for the titles of the columns."""

NUMBERED = 64
"""More room right of the libraries: references are counted there."""

HIGHEST = 20
"""Boxes above each other; more stand in further columns."""


@dataclass(frozen=True, slots=True)
class Box:
    """A node in its place; x and y are those of the upper left corner, in pixels."""

    node: Node
    x: int
    y: int
    width: int

    @property
    def middle(self) -> int:
        """Of the centre, in pixels from above."""
        return self.y + HEIGHT // 2


@dataclass(frozen=True, slots=True)
class Layout:
    """All boxes, and the size of the picture."""

    boxes: Mapping[str, Box]
    columns: tuple[tuple[Column, int], ...]
    """Each column and its left edge."""

    width: int
    height: int


def layout_of(graph: Graph) -> Layout:
    """Columns from left to right, each centred."""
    stacks = list(stacks_of(graph.nodes))
    tallest = max(len(stack) for _, stack in stacks)
    height = TOP + tallest * (HEIGHT + BELOW)
    boxes: dict[str, Box] = {}
    columns: dict[Column, int] = {}
    x = right = 1
    for column, stack in stacks:
        width = max(map(width_of, stack))
        columns.setdefault(column, x)
        top = TOP + (height - TOP - len(stack) * (HEIGHT + BELOW)) // 2
        for number, node in enumerate(stack):
            boxes[node.key] = Box(node, x, top + number * (HEIGHT + BELOW), width)
        right = x + width + 1
        x += width + BESIDE + (NUMBERED if column is Column.library else 0)
    return Layout(boxes, tuple(columns.items()), right, height)


def stacks_of(nodes: Iterable[Node]) -> Iterator[tuple[Column, tuple[Node, ...]]]:
    """Columns, the long ones in several stacks; winners stand above losers."""
    for column, members in groupby(nodes, key=lambda node: node.column):
        ordered = sorted(members, key=lambda node: node.kind == "loser")
        for start in range(0, len(ordered), HIGHEST):
            yield column, tuple(ordered[start : start + HIGHEST])


def width_of(node: Node) -> int:
    """Wide enough for both lines, within limits."""
    needed = max(len(node.label) * LABEL_WIDTH, len(node.note) * NOTE_WIDTH) + PADDING
    return int(min(max(needed, NARROWEST), WIDEST))


def shortened(text: str, room: float) -> str:
    """Text with its middle left out where it is longer than `room` characters."""
    most = int(room)
    if len(text) <= most:
        return text
    head = (most - 1) * 2 // 3
    return f"{text[:head]}…{text[len(text) - (most - 1 - head) :]}"
