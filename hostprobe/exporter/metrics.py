"""The metrics of the exporter: those of the report, and what it knows of reports itself."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Self

from prometheus_client.core import CounterMetricFamily, Metric
from prometheus_client.exposition import choose_encoder
from prometheus_client.registry import Collector

from hostprobe.exporter.answer import Body
from hostprobe.report.formats import Document
from hostprobe.report.prometheus import FINISHED, families, gauge

STAGES = ("report", "check", "read")
"""Where a scan fails: its report cannot be used, a check does not end, a file cannot be read."""


@dataclass(frozen=True, slots=True)
class Counts:
    """Since the exporter started."""

    scans: int = 0
    errors: Mapping[str, int] = field(default_factory=lambda: dict.fromkeys(STAGES, 0))

    def after(self, document: Document | None) -> Self:
        """With one more report; None is one that cannot be used."""
        if document is None:
            return replace(self, errors={**self.errors, "report": self.errors["report"] + 1})
        unfinished = sum(check["outcome"] not in FINISHED for check in document["checks"])
        errors = {
            **self.errors,
            "check": self.errors["check"] + unfinished,
            "read": self.errors["read"] + len(document["unread"]),
        }
        return replace(self, scans=self.scans + 1, errors=errors)


@dataclass(frozen=True, slots=True)
class Exported(Collector):
    """What the encoders of prometheus_client take."""

    document: Document | None
    counts: Counts

    def collect(self) -> Iterable[Metric]:
        """Every family."""
        yield from own_families(self.document is not None, self.counts)
        if self.document is not None:
            yield from families(self.document)


def own_families(has_report: bool, counts: Counts) -> Iterator[Metric]:  # noqa: FBT001
    """What is known without a report."""
    text = "1 when there is a report that this hostprobe can use; without one all others are gone."
    yield gauge("hostprobe_report_available", text, int(has_report))
    text = "Reports that the exporter has read since it started."
    yield CounterMetricFamily("hostprobe_scans", text, value=counts.scans)
    text = "What went wrong in them, by stage."
    errors = CounterMetricFamily("hostprobe_scan_errors", text, labels=("stage",))
    for stage in STAGES:
        errors.add_metric((stage,), counts.errors[stage])
    yield errors


def encoded(document: Document | None, counts: Counts) -> tuple[Body, Body]:
    """The text format of Prometheus and OpenMetrics."""
    exported = Exported(document, counts)
    first, second = (
        encode(exported, accept)
        for accept in ("text/plain", "application/openmetrics-text; version=1.0.0")
    )
    return first, second


def encode(exported: Exported, accept: str) -> Body:
    """One format, with the type that the library gives it."""
    encoder, kind = choose_encoder(accept)
    return Body.of(kind, encoder(exported))
