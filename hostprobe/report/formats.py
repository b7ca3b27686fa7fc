"""The formats for programs and pages: each is a function of the report's document.

A document is what `hostprobe scan --format json` prints, as data: schemas/report.schema.json. A
fresh scan and a stored report go through the same door. Its text has no lone surrogates, but may
hold any other character: each format neutralises what its readers would obey.
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module

TYPE_CHECKING = False  # see report/escape.py
if TYPE_CHECKING:
    from typing import Any

Document = Mapping[str, "Any"]

FORMATS = {
    "html": "hostprobe.report.html",
    "json": "hostprobe.report.json",
    "jsonl": "hostprobe.report.jsonl",
    "junit": "hostprobe.report.junit",
    "markdown": "hostprobe.report.markdown",
    "prometheus": "hostprobe.report.prometheus",
    "sarif": "hostprobe.report.sarif",
}
"""Format -> module whose function `render` makes its text; only that one is imported."""


def render(name: str, document: Document) -> str:
    """The text of a document in one of FORMATS."""
    text: str = import_module(FORMATS[name]).render(document)
    return text
