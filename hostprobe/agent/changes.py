"""What is new and what is gone since the agent last told: entries of the journal."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from hostprobe.agent.journal import Journal, Kind, Priority
from hostprobe.facts.report import JUDGED
from hostprobe.report.escape import escape

Document = Mapping[str, Any]
Finding = Mapping[str, Any]

PRIORITIES = {
    "critical": Priority.CRITICAL,
    "high": Priority.ERROR,
    "medium": Priority.WARNING,
    "low": Priority.NOTICE,
    "info": Priority.INFO,
}
KEPT = ("check", "severity", "subject", "title", "fingerprint")
"""What of a finding is remembered."""


def told_next(told: Mapping[str, Finding], document: Document) -> dict[str, Finding]:
    """Fingerprint -> what is so by this report.

    Findings of a check that could not judge this time stay as they were: they are not gone.
    """
    judged = {check["id"] for check in document["checks"] if check["outcome"] in JUDGED}
    now = {finding["fingerprint"]: finding for finding in document["findings"]}
    return {mark: one for mark, one in told.items() if one["check"] not in judged} | now


def tell_changes(journal: Journal, told: Mapping[str, Finding], now: Mapping[str, Finding]) -> None:
    """An entry for each finding that appeared, worst first as in the report, and that is gone."""
    for mark, finding in now.items():
        if mark not in told:
            tell_appeared(journal, finding)
    for mark, finding in told.items():
        if mark not in now:
            message = f"gone: {line(finding)}"
            journal.tell(Kind.FINDING_GONE, Priority.NOTICE, message, dict(fields(finding)))


def tell_appeared(journal: Journal, finding: Finding) -> None:
    """One that was not there before; a waived one is no reason to wake anybody."""
    waived = finding.get("waived")
    priority = Priority.INFO if waived else PRIORITIES[finding["severity"]]
    message = f"{'waived' if waived else 'appeared'}: {line(finding)}"
    journal.tell(Kind.FINDING_APPEARED, priority, message, dict(fields(finding)))


def line(finding: Finding) -> str:
    """A finding in one line."""
    severity, subject = finding["severity"].upper(), finding["subject"]
    return f"{severity} {finding['title']} [{finding['check']}] {subject}"


def fields(finding: Finding) -> Iterator[tuple[str, str]]:
    """Fields of a journal entry; lists have a line for each item."""
    for name in ("check", "severity", "fingerprint", "subject", "certainty", "detail"):
        if name in finding:
            yield f"HOSTPROBE_{name.upper()}", escape(finding[name])
    for name in ("affected", "remedy"):
        if finding.get(name):
            yield f"HOSTPROBE_{name.upper()}", "\n".join(escape(str(one)) for one in finding[name])


def parse_told(data: bytes) -> dict[str, Finding]:
    """What an earlier agent wrote; nothing for a file that is damaged: all is told again."""
    try:
        kept = json.loads(data)["findings"]
        return {str(one["fingerprint"]): {key: str(one[key]) for key in KEPT} for one in kept}
    except (ValueError, KeyError, TypeError, RecursionError):
        return {}


def render_told(now: Mapping[str, Finding]) -> bytes:
    """The other way round."""
    kept = [{key: finding[key] for key in KEPT} for finding in now.values()]
    return json.dumps({"schema": 1, "findings": kept}, indent=1).encode()
