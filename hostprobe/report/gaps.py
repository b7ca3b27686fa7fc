"""What a document leaves open: without it no output may look like a clean host."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from hostprobe.report.formats import Document

TYPE_CHECKING = False  # see report/escape.py
if TYPE_CHECKING:
    from typing import Any


REMARKS = {
    "expired": "a waiver has expired, and what it held for counts again",
    "unused": "a waiver holds for no finding",
    "unknown": "a waiver names a check that does not exist",
}
"""Standing of a waiver -> what to say of it; of the others there is nothing to say."""


def unread(document: Document) -> tuple[str, ...]:
    """What was there and could not be read or understood, a sentence each, each once."""
    problems = (text for instance in document["instances"] for text in instance_problems(instance))
    return tuple(dict.fromkeys((*problems, *document["unread"])))


def instance_problems(instance: Mapping[str, Any]) -> Iterator[str]:
    """Of its configuration, of what that names, and of its Python environments."""
    for problem in (*instance["configuration"]["problems"], *instance["problems"]):
        where = problem["where"]
        yield (
            f"{where['file']}:{where['first']}: {problem['message']}"
            if where
            else str(problem["message"])
        )
    for environment in instance["environments"]:
        yield from environment["problems"]


def idle_waivers(document: Document) -> tuple[str, ...]:
    """Waivers that somebody should look at, a sentence each."""
    return tuple(
        f"{REMARKS[each['standing']]}: {each['check']} {each['subject']} ({each['reason']})"
        for each in document.get("waivers", ())
        if each["standing"] in REMARKS
    )


def judged(document: Document, *outcomes: str) -> list[Mapping[str, Any]]:
    """The checks that ended as one of `outcomes`, in the order of the document."""
    return [check for check in document["checks"] if check["outcome"] in outcomes]
