"""What became of a host from one report to another, or from a baseline to a report.

Findings are the same when their fingerprints are. A waived finding does not count, so one whose
waiver ended appears; a finding of a check that did not run again has not disappeared.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from hostprobe.facts.report import JUDGED, SEVERITIES

Finding = Mapping[str, Any]
"""As in schemas/report.schema.json; a baseline holds less of it."""

RANKS = {name: rank for rank, name in enumerate(reversed(SEVERITIES))}


@dataclass(frozen=True, slots=True)
class Change:
    """A finding with another severity than before."""

    finding: Finding
    before: str
    """The severity that it had."""

    @property
    def is_worse(self) -> bool:
        """It is more severe now."""
        return RANKS[self.finding["severity"]] > RANKS[self.before]


@dataclass(frozen=True, slots=True)
class Difference:
    """From an older state to a newer one; findings in the order of their reports."""

    appeared: tuple[Finding, ...]
    disappeared: tuple[Finding, ...]
    changed: tuple[Change, ...]
    waived: tuple[Finding, ...]
    """Those that counted before and are waived now."""

    unknown: tuple[Finding, ...]
    """Those of which it is not known: their checks did not run again."""

    stopped: tuple[Mapping[str, Any], ...]
    """Checks that gave an answer before and give none now: id, outcome, reason."""

    @property
    def is_worse(self) -> bool:
        """Something appeared, or is more severe than it was."""
        return bool(self.appeared) or any(each.is_worse for each in self.changed)


def difference(
    old: Iterable[Finding], new: Mapping[str, Any], before: Iterable[str] = ()
) -> Difference:
    """From findings to a report; `before` are ids of the checks that had given an answer."""
    was, now = worst(each for each in old if not each.get("waived")), worst(new["findings"])
    ran = {check["id"] for check in new["checks"] if check["outcome"] in JUDGED}
    counting = {key: each for key, each in now.items() if not each["waived"]}
    gone = [each for key, each in was.items() if key not in now]
    return Difference(
        appeared=tuple(each for key, each in counting.items() if key not in was),
        disappeared=tuple(each for each in gone if each["check"] in ran),
        changed=tuple(changes(was, counting)),
        waived=tuple(each for key, each in now.items() if key in was and each["waived"]),
        unknown=tuple(each for each in gone if each["check"] not in ran),
        stopped=tuple(stopped(before, new)),
    )


def between(old: Mapping[str, Any], new: Mapping[str, Any]) -> Difference:
    """From one report to another."""
    answered = (check["id"] for check in old["checks"] if check["outcome"] in JUDGED)
    return difference(old["findings"], new, answered)


def worst(findings: Iterable[Finding]) -> dict[str, Finding]:
    """One finding per fingerprint: one that counts before one that is waived, then the worst."""
    found: dict[str, Finding] = {}
    for each in findings:
        other = found.setdefault(each["fingerprint"], each)
        if weight(each) > weight(other):
            found[each["fingerprint"]] = each
    return found


def weight(finding: Finding) -> tuple[bool, int]:
    """What a reader must hear of first."""
    return not finding.get("waived"), RANKS[finding["severity"]]


def changes(was: Mapping[str, Finding], now: Mapping[str, Finding]) -> Iterator[Change]:
    """Findings of both with two severities."""
    for key, each in now.items():
        before = was[key]["severity"] if key in was else each["severity"]
        if before != each["severity"]:
            yield Change(each, before)


def stopped(before: Iterable[str], new: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Checks without an answer now; one that is not in the report at all was left out."""
    now = {check["id"]: check for check in new["checks"]}
    for name in before:
        check = now.get(name, {"outcome": "left-out", "reason": None})
        if check["outcome"] not in JUDGED:
            yield {"id": name, "outcome": check["outcome"], "reason": check["reason"]}
