"""Files that a finding speaks of: in its subject, and under known names in its evidence."""

import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

FILES = frozenset({
    "application", "configuration", "directive", "egg-cache", "environment", "instance", "log",
    "mount", "object", "path", "script",
})  # fmt: skip
"""Kinds of subject whose name is a path of the host, perhaps with a line."""

KEYS = frozenset({
    "component", "extensions", "file", "files", "libpython", "loaded", "log", "logs", "mapped_file",
    "mod_wsgi", "object", "objects", "open", "path", "paths", "provider", "rightful", "taken",
    "where",
})  # fmt: skip
"""Keys of evidence whose value is a path, or a list of them."""

LINE = re.compile(r"(/.*?):(\d{1,9})(?:: .*)?", re.DOTALL)
"""A line of a file, and perhaps what stands in it."""


MOST = 50


class Place(NamedTuple):
    """A file, perhaps a line of it."""

    path: str
    """Absolute, as the inspected host sees it."""

    line: int
    """From 1; 0 for the whole file."""

    role: str
    """Where in the evidence it stands, in words."""


def places(finding: Mapping[str, Any]) -> tuple[Place, ...]:
    """Each once; in front what a reader looks at first: a line, else the subject."""
    kind, _, name = finding["subject"].partition(":")
    subject = place(name, kind, is_path=kind in FILES)
    found = (*((subject,) if subject else ()), *evidence_places(finding["evidence"]))
    once: dict[tuple[str, int], Place] = {}
    for each in found:
        once.setdefault((each.path, each.line), each)
    return tuple(sorted(once.values(), key=lambda each: not each.line)[:MOST])


def evidence_places(evidence: Mapping[str, Any], role: str = "") -> Iterator[Place]:
    """Each file in the evidence, in its order; the outermost key tells what it is."""
    for key, value in evidence.items():
        said = role or key.replace("_", " ")
        for each in value if isinstance(value, list) else [value]:
            if isinstance(each, dict):
                yield from evidence_places(each, said)
            elif isinstance(each, str) and (found := place(each, said, is_path=key in KEYS)):
                yield found


def place(text: str, role: str, *, is_path: bool) -> Place | None:
    """`path:line`, or a path where one is expected; None for anything else."""
    match = LINE.fullmatch(text)
    if match:
        return Place(match[1], int(match[2]), role)
    return Place(text, 0, role) if is_path and text.startswith("/") else None
