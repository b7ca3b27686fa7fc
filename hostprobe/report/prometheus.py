"""Metrics: the text format of Prometheus, for the textfile collector of the node exporter.

Labels are checks, severities and sonames only: their number does not grow with applications,
processes or paths. A zero is exported for whatever was looked for and not found, so that an absent
series means that nobody looked.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from prometheus_client.core import GaugeMetricFamily, InfoMetricFamily, Metric
from prometheus_client.exposition import generate_latest
from prometheus_client.registry import Collector

from hostprobe.facts.report import SEVERITIES
from hostprobe.report.escape import escape
from hostprobe.report.formats import Document

STATES = {"clean": 0, "found": 1, "not-applicable": 2, "not-run": 3, "failed": 4}
"""Outcome of a check -> value of its gauge; one that is not known here counts as failed."""

FINISHED = ("clean", "found", "not-applicable")
MOST_SONAMES = 50
MOST_CHECKS = 1000
MOST_CHARACTERS = 128
"""Of a label's value."""


def render(document: Document) -> str:
    """The whole text; ValueError for a scan whose time is none."""
    return generate_latest(Families(document)).decode("utf-8")


class Families(Collector):
    """What the encoders of prometheus_client take."""

    def __init__(self, document: Document) -> None:
        self._document = document

    def collect(self) -> Iterable[Metric]:
        """Every family of one report."""
        return families(self._document)


def families(document: Document) -> Iterator[Metric]:
    """Every metric of a report."""
    build = {"version": label(document["hostprobe"])}
    yield InfoMetricFamily("hostprobe_build", "The hostprobe that made the report.", value=build)
    yield from finding_families(document)
    yield from check_families(document["checks"])
    yield from scan_families(document)
    yield from conflict_families(document["findings"])


def finding_families(document: Document) -> Iterator[Metric]:
    """How many findings each check has, and how many are waived."""
    counts = Counter(
        (label(finding["check"]), finding["severity"]) for finding in unwaived(document["findings"])
    )
    text = "Findings that are not waived."
    found = GaugeMetricFamily("hostprobe_findings", text, labels=("check", "severity"))
    for check in ids(document["checks"]):
        for severity in SEVERITIES:
            found.add_metric((check, severity), counts[check, severity])
    yield found
    waived = sum(finding["waived"] is not None for finding in document["findings"])
    yield gauge("hostprobe_findings_waived", "Findings that a waiver covers.", waived)


def check_families(checks: list[Mapping[str, Any]]) -> Iterator[Metric]:
    """How each check ended, as a number of STATES, and how many ran."""
    names = ", ".join(f"{value} {name}" for name, value in STATES.items())
    state = GaugeMetricFamily(
        "hostprobe_check_state", f"How the check ended: {names}.", labels=("check",)
    )
    outcomes = {label(check["id"]): check["outcome"] for check in checks}
    for check in ids(checks):
        state.add_metric((check,), STATES.get(outcomes[check], STATES["failed"]))
    yield state
    ran = sum(check["outcome"] in FINISHED for check in checks)
    text = "Of the selected checks, the part that ran to its end."
    yield gauge("hostprobe_scan_coverage_ratio", text, ran / len(checks) if checks else 0)


def scan_families(document: Document) -> Iterator[Metric]:
    """When the last scan was, how long it took and whether it saw everything."""
    seconds = document["duration_seconds"]
    yield gauge("hostprobe_scan_duration_seconds", "Time that the last scan took.", seconds)
    ended = datetime.fromisoformat(document["started"]).astimezone(UTC).timestamp() + seconds
    yield gauge("hostprobe_last_scan_timestamp_seconds", "End of the last scan.", ended)
    text = "1 when every check ran and everything could be read in the last scan."
    yield gauge("hostprobe_last_scan_complete", text, int(document["complete"]))


def conflict_families(findings: list[Mapping[str, Any]]) -> Iterator[Metric]:
    """Findings for each library that another one displaces; the most frequent ones only."""
    counts = Counter(soname for finding in unwaived(findings) for soname in losers(finding))
    text = "Findings in which another library takes the place of this one."
    conflicts = GaugeMetricFamily("hostprobe_library_conflicts", text, labels=("soname",))
    for soname, count in sorted(counts.most_common(MOST_SONAMES)):
        conflicts.add_metric((soname,), count)
    yield conflicts
    left_out = max(0, len(counts) - MOST_SONAMES)
    text = f"Libraries left out of hostprobe_library_conflicts, which holds {MOST_SONAMES}."
    yield gauge("hostprobe_library_conflicts_dropped", text, left_out)


def losers(finding: Mapping[str, Any]) -> set[str]:
    """Sonames that the evidence of a linker finding names; empty for every other finding."""
    named = finding["evidence"].get("losers")
    objects = [each for each in named if isinstance(each, dict)] if isinstance(named, list) else []
    return {label(each["soname"]) for each in objects if isinstance(each.get("soname"), str)}


def unwaived(findings: list[Mapping[str, Any]]) -> Iterator[Mapping[str, Any]]:
    """What is still to be done."""
    return (finding for finding in findings if finding["waived"] is None)


def ids(checks: list[Mapping[str, Any]]) -> list[str]:
    """Each check as a label, once, in the order of the report."""
    return list(dict.fromkeys(label(check["id"]) for check in checks))[:MOST_CHECKS]


def gauge(name: str, text: str, value: float) -> Metric:
    """A family of one sample."""
    return GaugeMetricFamily(name, text, value=value)


def label(text: str) -> str:
    """Foreign text as a label's value: one visible line of bounded length."""
    return escape(text)[:MOST_CHARACTERS]
