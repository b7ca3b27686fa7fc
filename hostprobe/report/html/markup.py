"""HTML as a tree: every text goes through escape.py, every tag is closed, nothing is pasted.

The serialiser is the standard library's: `xml.etree.ElementTree` with its method `html`.
"""

import json
from collections.abc import Iterable
from typing import Any
from xml.etree.ElementTree import Element, tostring

from hostprobe.report.escape import escape

Child = Element | str | None
INSIDE_LINES = frozenset(("a", "bdi", "code", "label", "option", "small", "span", "strong", "text"))
"""Elements that a line goes on after; after all others one ends, so that reports compare."""


def element(tag: str, *children: Child, **attributes: str | int | bool | None) -> Element:
    """One element; `class_` and `data_x` are the attributes class and data-x.

    A text is foreign: whatever is not printable becomes visible. True is an attribute without a
    value; with None or False there is none.
    """
    node = Element(tag)
    node.tail = None if tag in INSIDE_LINES else "\n"
    for name, value in attributes.items():
        if value is not None and value is not False:
            text = "" if value is True else escape(str(value))
            node.set(name.rstrip("_").replace("_", "-"), text)
    add(node, children)
    return node


def add(node: Element, children: Iterable[Child]) -> None:
    """Append elements and texts."""
    for child in children:
        if isinstance(child, Element):
            node.append(child)
        elif child:
            append_text(node, escape(child))


def append_text(node: Element, text: str) -> None:
    """Text after whatever the node holds."""
    if len(node):
        node[-1].tail = (node[-1].tail or "").removesuffix("\n") + text
    else:
        node.text = (node.text or "") + text


def own(tag: str, text: str, **attributes: str) -> Element:
    """A script or style of hostprobe's own, as it is."""
    node = element(tag, **attributes)
    node.text = text
    return node


def data(identifier: str, value: Any) -> Element:
    """Data for the scripts; no text in it can end the element."""
    text = json.dumps(value, separators=(",", ":"))
    for sign in "<>&":
        text = text.replace(sign, f"\\u{ord(sign):04x}")
    return own("script", text, type="application/json", id=identifier)


def to_html(root: Element) -> str:
    """The whole page."""
    return f"<!DOCTYPE html>\n{tostring(root, encoding='unicode', method='html')}\n"
