"""Run checks, each alone: what it needs is provided, what it raises is hostprobe's own failure."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from time import perf_counter
from traceback import extract_tb
from typing import Any, Generic, TypeVar

from hostprobe.check import Check, Finding, Severity
from hostprobe.facts.files import Absent, Missing, Progress
from hostprobe.facts.host import HostIdentity
from hostprobe.facts.settings import Waiver
from hostprobe.model.instance import Instance

Subject = TypeVar("Subject")
Providers = Mapping[type, Callable[[Subject], object]]
"""Fact or model type -> how to get it from what is inspected; it may give Missing or Absent."""


class Outcome(Enum):
    """How a check ended."""

    clean = "clean"
    found = "found"
    not_applicable = "not-applicable"
    not_run = "not-run"
    failed = "failed"


@dataclass(frozen=True, slots=True)
class Result:
    """One check and what became of it."""

    id: str
    outcome: Outcome
    check: Check | None = None
    """None for a check that could not be loaded."""

    reason: str | None = None
    """Why it is not-applicable, not-run or failed."""

    duration: float = 0.0
    """Seconds, what it needed first included."""

    findings: tuple[Finding, ...] = ()


class Standing(Enum):
    """What has become of a waiver."""

    used = "used"
    """It holds for a finding of this scan."""

    unused = "unused"
    """Its checks ran, and it holds for nothing: the fault is gone, or a glob is wrong."""

    expired = "expired"
    """Its last day is over; what it held for counts again."""

    unknown = "unknown"
    """No check of this hostprobe has such an id."""

    not_judged = "not-judged"
    """This scan did not look everywhere, or a check that it is about did not run."""


@dataclass(frozen=True, slots=True)
class JudgedWaiver:
    """A waiver of the settings, and what has become of it."""

    waiver: Waiver
    standing: Standing


class Novelty(Enum):
    """What a baseline knows of a finding; named as in SARIF."""

    new = "new"
    unchanged = "unchanged"
    updated = "updated"
    """Known, but not as severe as it is now."""


@dataclass(frozen=True, slots=True)
class Report:
    """Everything one scan has to say."""

    hostprobe: str
    host: HostIdentity
    started: str
    """RFC 3339."""

    duration: float
    """Seconds."""

    instances: tuple[Instance, ...]
    results: tuple[Result, ...]
    notes: tuple[str, ...] = ()
    """What stands above everything else: no httpd, not root, another host's snapshot."""

    unread: tuple[str, ...] = ()
    """Of each file or directory that is there and could not be read: its path, and why."""

    waivers: tuple[JudgedWaiver, ...] = ()
    """Those of the settings."""

    known: Mapping[str, Severity] | None = None
    """Fingerprint -> severity of what a baseline knows; None without a baseline."""

    @property
    def is_complete(self) -> bool:
        """Every selected check ran, and everything that was asked for could be read."""
        open_ends = {Outcome.not_run, Outcome.failed}
        ran = not any(result.outcome in open_ends for result in self.results)
        has_problems = any(True for instance in self.instances for _ in instance.all_problems())
        return ran and not has_problems and not self.unread

    def findings(self) -> Iterator[tuple[Check, Finding]]:
        """Findings with their check, worst and surest first."""
        found = [
            (result.check, finding)
            for result in self.results
            if result.check
            for finding in result.findings
        ]
        yield from sorted(found, key=lambda pair: (-pair[1].severity, -pair[1].certainty))

    def novelty(self, check: Check, finding: Finding) -> Novelty | None:
        """How it stands to the baseline; None without one."""
        if self.known is None:
            return None
        before = self.known.get(check.fingerprint(finding))
        if before is None:
            return Novelty.new
        return Novelty.updated if finding.severity > before else Novelty.unchanged

    def counts(self, check: Check, finding: Finding) -> bool:
        """Neither waived nor known before."""
        return finding.waived is None and self.novelty(check, finding) is not Novelty.unchanged

    def exit_status(self, fail_on: Severity) -> int:
        """1: a finding at or above `fail_on` that counts; else 3: incomplete; else 0."""
        severe = (pair for pair in self.findings() if pair[1].severity >= fail_on)
        if any(self.counts(*pair) for pair in severe):
            return 1
        return 0 if self.is_complete else 3


class Needs(Generic[Subject]):
    """What checks ask for, each provided once; a failing provider fails alike for all of them."""

    def __init__(self, subject: Subject, providers: Providers[Subject]) -> None:
        self._subject = subject
        self._providers = providers
        self._answers: dict[type, object] = {}

    def provide(self, kind: type) -> object:
        """The value, Missing, Absent, or the Exception that the provider raised."""
        if kind not in self._answers:
            self._answers[kind] = self._ask(kind)
        return self._answers[kind]

    def _ask(self, kind: type) -> object:
        provider = self._providers.get(kind)
        if provider is None:
            return LookupError(f"nothing provides {getattr(kind, '__name__', kind)}")
        try:
            return provider(self._subject)
        except Exception as error:  # noqa: BLE001  isolation is the purpose
            return error


def run(
    checks: Iterable[Check], needs: Needs[Any], progress: Progress | None = None
) -> Iterator[Result]:
    """Each check with what it needs; never raises for what a check or a provider does."""
    for check in checks:
        if progress:
            progress(check.id)
        began = perf_counter()
        outcome, reason, findings = judge(check, needs)
        yield Result(check.id, outcome, check, reason, perf_counter() - began, findings)


def judge(check: Check, needs: Needs[Any]) -> tuple[Outcome, str | None, tuple[Finding, ...]]:
    """Outcome, reason and findings of one check."""
    arguments = {name: needs.provide(kind) for name, kind in check.needs.items()}
    for kinds, outcome in OBSTACLES:
        for value in arguments.values():
            if isinstance(value, kinds):
                return outcome, reason_of(value), ()
    try:
        findings = tuple(check.body(**arguments))
    except Exception as error:  # noqa: BLE001  isolation is the purpose
        return Outcome.failed, reason_of(error), ()
    return (Outcome.found if findings else Outcome.clean), None, findings


OBSTACLES: tuple[tuple[type, Outcome], ...] = (
    (Exception, Outcome.failed),
    (Absent, Outcome.not_applicable),
    (Missing, Outcome.not_run),
)
"""What stands in the way of a check, gravest first."""


def reason_of(value: object) -> str:
    """The reason in words; of an exception also where in hostprobe it arose."""
    if isinstance(value, Missing | Absent):
        return value.reason
    assert isinstance(value, Exception)
    frames = extract_tb(value.__traceback__)
    place = f" ({frames[-1].filename.rpartition('/')[2]}:{frames[-1].lineno})" if frames else ""
    return f"{type(value).__name__}: {value}{place}"


def broken_results(broken: Mapping[str, str]) -> Iterator[Result]:
    """Checks that could not be loaded stand in the report as failed."""
    for name, reason in broken.items():
        yield Result(name, Outcome.failed, reason=reason)
