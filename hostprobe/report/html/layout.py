"""Where the boxes of a binding graph stand: columns in Python, so that no reader has to wait.

Layout engines in the browser need seconds for 300 boxes; given places need none.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
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

HIGHEST = 30
"""Boxes above each other; what is more stands in further columns."""


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


def layout_of(graphs: Sequence[Graph]) -> Layout:
    """Columns from left to right, each centred; several graphs in bands beside each other.

    A file of several graphs stands where the first one has it.
    """
    stacks = [stack for band in bands_of(graphs) for stack in stacks_of(band)]
    tallest = max(len(stack) for _, stack in stacks)
    height = TOP + tallest * (HEIGHT + BELOW)
    boxes: dict[str, Box] = {}
    columns: dict[Column, int] = {}
    x = right = 1
    for column, stack in stacks:
        width = max(map(width_of, stack))
        columns.setdefault(column, x)
        top = TOP + (tallest - len(stack)) * (HEIGHT + BELOW) // 2
        for number, node in enumerate(stack):
            boxes[node.key] = Box(node, x, top + number * (HEIGHT + BELOW), width)
        right = x + width + 1
        x += width + BESIDE + (NUMBERED if column is Column.library else 0)
    return Layout(boxes, tuple(columns.items()), right, height)


def bands_of(graphs: Sequence[Graph]) -> Iterator[list[Node]]:
    """The new nodes of one graph after the other, until a column is full."""
    placed: set[str] = set()
    band: list[Node] = []
    for graph in graphs:
        added = [node for node in graph.nodes if node.key not in placed]
        filled = Counter(node.column for node in (*band, *added))
        if band and max(filled.values(), default=0) > HIGHEST:
            yield band
            band = []
        band += added
        placed.update(node.key for node in added)
    yield band


def stacks_of(band: Iterable[Node]) -> Iterator[tuple[Column, list[Node]]]:
    """The columns of a band, one that is too long in several stacks."""
    ordered = sorted(band, key=lambda node: node.column)
    for column, members in groupby(ordered, key=lambda node: node.column):
        nodes = list(members)
        for start in range(0, len(nodes), HIGHEST):
            yield column, nodes[start : start + HIGHEST]


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
