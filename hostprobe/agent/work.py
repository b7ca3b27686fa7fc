"""What the scan's process does: scan, tell the journal what changed, answer the agent.

Nothing of this is imported by the agent itself, which stays small.
"""

import os
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any

from hostprobe.agent.changes import parse_told, render_told, tell_changes, told_next
from hostprobe.agent.journal import Journal
from hostprobe.agent.places import places_of
from hostprobe.agent.state import State, StateError
from hostprobe.collect.root import Root
from hostprobe.reading import read_file
from hostprobe.writing import replace_file

MAX_TOLD = 1 << 26
"""Bytes."""


def scan_and_tell(
    scan: Callable[[], int], state: State, journal: Journal, root: str
) -> Mapping[str, Any]:
    """One scan; `scan` keeps its report in the state directory."""
    scan()
    try:
        document = state.last()
        tell(journal, state, document)
    except (StateError, OSError) as error:
        return {"failed": ("report", str(error))}
    return {
        "started": document["started"],
        "duration": document["duration_seconds"],
        "complete": document["complete"],
        "summary": document["summary"],
        "places": places_of(document, Root(root)),
    }


def tell(journal: Journal, state: State, document: Mapping[str, Any]) -> None:
    """Entries first, memory second: what is killed between tells twice rather than never."""
    path = os.path.join(state.directory, "told.json")  # noqa: PTH118
    told: Mapping[str, Any] = {}
    with suppress(FileNotFoundError, ValueError):
        told = parse_told(read_file(path, MAX_TOLD))
    now = told_next(told, document)
    tell_changes(journal, told, now)
    replace_file(path, render_told(now), 0o640)
