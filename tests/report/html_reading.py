"""A page as its readers see it: elements with their attributes and the text below them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any

VOID = {"meta", "link", "input", "br", "hr", "img", "wbr"}
UNSEEN = {"script", "style"}


@dataclass
class Node:
    tag: str
    attributes: dict[str, str | None]
    parent: Node | None
    children: list[Node | str] = field(default_factory=list)

    def all(self, tag: str = "", **wanted: str) -> list[Node]:
        """Elements below with this tag and these attributes, `class_` one of several."""
        found = []
        for child in self.children:
            if isinstance(child, Node):
                if tag in ("", child.tag) and all(child.has(*pair) for pair in wanted.items()):
                    found.append(child)
                found += child.all(tag, **wanted)
        return found

    def one(self, tag: str = "", **wanted: str) -> Node:
        (found,) = self.all(tag, **wanted)
        return found

    def has(self, name: str, value: str) -> bool:
        given = self.attributes.get(name.rstrip("_").replace("_", "-")) or ""
        return value in given.split() if name == "class_" else value == given

    @property
    def raw(self) -> str:
        """The text in it, scripts too."""
        return "".join(each if isinstance(each, str) else each.raw for each in self.children)

    @property
    def text(self) -> str:
        """What is read, on one line."""
        return " ".join("".join(self.seen()).split())

    def seen(self) -> Iterator[str]:
        for each in self.children:
            if isinstance(each, str):
                yield each
            elif each.tag not in UNSEEN:
                yield from each.seen()


class Reader(HTMLParser):
    """Fails where a tag is not closed, or closed without being open."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.root = self.at = Node("", {}, None)

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        node = Node(tag, dict(attrs), self.at)
        assert len(node.attributes) == len(attrs), f"{tag} has an attribute twice"
        self.at.children.append(node)
        if tag not in VOID:
            self.at = node

    def handle_endtag(self, tag: str) -> None:
        assert tag == self.at.tag, f"</{tag}> inside <{self.at.tag}>"
        assert self.at.parent is not None
        self.at = self.at.parent

    def handle_data(self, data: str) -> None:
        self.at.children.append(data)


def read(page: str) -> Node:
    reader = Reader()
    reader.feed(page)
    reader.close()
    assert reader.at is reader.root, f"<{reader.at.tag}> is not closed"
    return reader.root
