"""What changed between two reports: a line each for people, or JSON (schemas/diff.schema.json)."""

from collections.abc import Iterable, Iterator
from typing import Any

from hostprobe.model.difference import Change, Difference, Finding
from hostprobe.report.formats import Document
from hostprobe.report.lines import Line, plain, record, styled

KEYS = (
    "check", "severity", "certainty", "subject", "title", "affected", "fingerprint", "waived",
)  # fmt: skip
"""Of a finding; a baseline has fewer."""


def difference_data(old: Document | None, new: Document, found: Difference) -> dict[str, Any]:
    """Everything; `old` is None for a baseline."""
    return {
        "schema": 1,
        "old": None if old is None else origin(old),
        "new": origin(new),
        "worse": found.is_worse,
        "appeared": briefs(found.appeared),
        "disappeared": briefs(found.disappeared),
        "changed": [brief(each.finding) | {"before": each.before} for each in found.changed],
        "waived": briefs(found.waived),
        "unknown": briefs(found.unknown),
        "stopped": [dict(each) for each in found.stopped],
    }


def origin(document: Document) -> dict[str, Any]:
    """Which report it is."""
    return {
        "host": document["host"]["name"],
        "started": document["started"],
        "hostprobe": document["hostprobe"],
        "complete": document["complete"],
    }


def briefs(findings: Iterable[Finding]) -> list[dict[str, Any]]:
    """Each as `brief`."""
    return [brief(each) for each in findings]


def brief(finding: Finding) -> dict[str, Any]:
    """What names a finding; all of it stands in the report."""
    return {key: finding[key] for key in KEYS if key in finding}


def render_difference(old: Document | None, new: Document, found: Difference) -> Iterator[Line]:
    """What appeared first."""
    yield styled(heading(old, new), "heading")
    for word, findings in (
        ("APPEARED", found.appeared),
        ("WAIVED", found.waived),
        ("NOT KNOWN, ITS CHECK DID NOT RUN", found.unknown),
        ("DISAPPEARED", found.disappeared),
    ):
        yield from (line(word, each) for each in findings)
    yield from map(changed, found.changed)
    for check in found.stopped:
        reason = f": {check['reason']}" if check["reason"] else ""
        yield styled(f"CHECK STOPPED {check['id']} ({check['outcome']}){reason}", "warning")
    yield plain(summary(found))


def heading(old: Document | None, new: Document) -> str:
    """From where to where."""
    name, time = new["host"]["name"], new["started"]
    if old is None:
        return f"{name}, baseline -> {time}"
    if old["host"]["name"] != name:
        return f"{old['host']['name']}, {old['started']} -> {name}, {time}"
    return f"{name}, {old['started']} -> {time}"


def line(word: str, finding: Finding) -> Line:
    """One finding in a line that grep finds whole."""
    severity = finding["severity"]
    title = f" {finding['title']}" if "title" in finding else ""
    text = f"{word} {severity.upper()}{title} [{finding['check']}] {finding['subject']}"
    return record(text, severity, len(word) + 1 + len(severity))


def changed(change: Change) -> Line:
    """One that is more or less severe."""
    word = "WORSE" if change.is_worse else "LESS SEVERE"
    return line(f"{word}, {change.before.upper()} ->", change.finding)


def summary(found: Difference) -> str:
    """How many of each; a sentence where nothing is left to say."""
    counts = {
        "appeared": len(found.appeared),
        "disappeared": len(found.disappeared),
        "changed severity": len(found.changed),
        "waived": len(found.waived),
        "not known": len(found.unknown),
        f"check{'' if len(found.stopped) == 1 else 's'} stopped": len(found.stopped),
    }
    told = ", ".join(f"{count} {what}" for what, count in counts.items() if count)
    return f"{told[:1].upper()}{told[1:]}." if told else "Nothing changed."
