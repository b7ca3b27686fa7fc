"""What the next restart of httpd changes: findings of what is on disk beside those of what runs."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from hostprobe.check import Check, Finding, Severity
from hostprobe.engine import Needs, Report, run
from hostprobe.facts.files import Absent
from hostprobe.facts.host import HostIdentity
from hostprobe.facts.httpd import Problem
from hostprobe.model.instance import Instance
from hostprobe.model.linkage import Linkage, Linkages, PythonLinkages, RunningLinkages
from hostprobe.model.running.changed_files import Reading, last_reading
from hostprobe.model.running.present import present
from hostprobe.model.running.restart import Forecast, forecast
from hostprobe.model.running.restart import Outcome as Restarted

LINKER = {Linkages, PythonLinkages, HostIdentity}
"""What a check may need to be run on the running httpd as well."""


class Effect(StrEnum):
    """What the restart does to a finding."""

    APPEARS = "appears"
    DISAPPEARS = "disappears"
    REMAINS = "remains"


@dataclass(frozen=True, slots=True)
class Change:
    """One finding, and why it is thought to appear, remain or disappear."""

    effect: Effect
    check: Check
    finding: Finding
    why: str


@dataclass(frozen=True, slots=True)
class Restart:
    """The next start of one httpd."""

    linkage: Linkage
    reading: Reading | None
    """None where it does not run."""

    now: Linkage | None
    """The httpd as it runs; None where it does not, or where that is not known."""

    forecast: Forecast | None
    unknown: tuple[str, ...] = ()
    """Why something is not known of the running httpd."""

    @property
    def instance(self) -> Instance:
        """As planned, with its processes."""
        return self.linkage.instance


@dataclass(frozen=True, slots=True)
class Preflight:
    """The next restart of every httpd that was asked for."""

    report: Report
    """Of what is on disk."""

    restarts: tuple[Restart, ...]
    changes: tuple[Change, ...]
    is_graceful: bool = False

    @property
    def is_complete(self) -> bool:
        """The report is, and what runs is known."""
        return self.report.is_complete and not any(one.unknown for one in self.restarts)

    def refusals(self, restart: Restart) -> tuple[str, ...]:
        """Why an httpd would not start: each cause once."""
        fatal = {str(one): cause(one) for one in restart.instance.all_problems() if one.fatal}
        stops = [
            f"{one.title}. {one.detail}"
            for one in (change.finding for change in self.changes)
            if one.stops and is_about(one, restart.instance) and not is_told(one, fatal)
        ]
        outcome = self.outcome(restart)
        modules = {load.path for load in restart.instance.configuration.loads}
        lost = [one.message for one in (outcome.failures if outcome else ()) if one.path in modules]
        told = "\n".join(stops)
        rest = (one for one in lost if one not in told)
        return tuple(dict.fromkeys((*fatal.values(), *stops, *rest)))

    def outcome(self, restart: Restart) -> Restarted | None:
        """What this kind of restart does; None where nothing runs or the old files are unknown."""
        found = restart.forecast
        if found is None:
            return None
        return found.graceful if self.is_graceful else found.full

    def breaks(self, fail_on: Severity) -> bool:
        """Some httpd would not start, or something that bad appears."""
        if any(self.refusals(restart) for restart in self.restarts):
            return True
        return any(self.is_bad(one, fail_on) for one in self.changes)

    def is_bad(self, change: Change, fail_on: Severity) -> bool:
        """It appears with the restart, is that severe, and nobody has waived it."""
        appears = change.effect is Effect.APPEARS and change.finding.severity >= fail_on
        return appears and change.finding.waived is None

    def exit_status(self, fail_on: Severity) -> int:
        """1: the restart breaks something; else 3: incomplete; else 0."""
        if self.breaks(fail_on):
            return 1
        return 0 if self.is_complete else 3


def cause(problem: Problem) -> str:
    """Where, and what."""
    return f"{problem.where}: {problem.message}" if problem.where else problem.message


def is_told(finding: Finding, fatal: Mapping[str, str]) -> bool:
    """It says no more than problems of the configuration that are known."""
    problems = finding.evidence.get("problems", ())
    return bool(problems) and all(one in fatal for one in problems)


def preflight(report: Report, linkages: Iterable[Linkage], *, is_graceful: bool) -> Preflight:
    """Judge the next restart; `report` is the judgement of the files on disk."""
    restarts = tuple(next_start(linkage) for linkage in linkages)
    checks = tuple(result.check for result in report.results if result.check)
    now = findings_now(report.host, restarts, [one for one in checks if is_linker(one)])
    changes = (*changed(report, restarts, now), *gone(report, now))
    order = list(Effect)
    return Preflight(
        report,
        restarts,
        tuple(sorted(changes, key=lambda one: (order.index(one.effect), -one.finding.severity))),
        is_graceful,
    )


def next_start(linkage: Linkage) -> Restart:
    """What runs, and what was changed under it."""
    objects, running = linkage.running, linkage.instance.running
    if objects is None or running is None:
        return Restart(linkage, None, None, None)
    reading = last_reading(linkage.files, linkage.instance, running)
    if objects.unread:
        return Restart(linkage, reading, None, None, objects.unread)
    found = forecast(linkage, objects)
    now = None if found.unknown else present(linkage, objects, reading.changed)
    return Restart(linkage, reading, now, found, found.unknown)


def is_linker(check: Check) -> bool:
    """It judges nothing but what a process has loaded."""
    kinds = {*check.needs.values()}
    return kinds <= LINKER and kinds != {HostIdentity}


Pair = tuple[Check, Finding]


def findings_now(
    host: HostIdentity, restarts: Iterable[Restart], checks: Iterable[Check]
) -> tuple[Pair, ...]:
    """What linker checks find in the httpds that run."""
    linkages = Linkages(tuple(one.now for one in restarts if one.now))
    embedding = tuple(one for one in linkages.all if one.instance.mod_wsgi or one.extra)
    subject: Needs[object] = Needs(
        None,
        {
            HostIdentity: lambda _: host,
            Linkages: lambda _: linkages,
            PythonLinkages: lambda _: PythonLinkages(embedding) if embedding else Absent("none"),
        },
    )
    results = run(checks, subject)
    return tuple((one.check, each) for one in results if one.check for each in one.findings)


def changed(
    report: Report, restarts: tuple[Restart, ...], now: tuple[Pair, ...]
) -> Iterator[Change]:
    """Every finding of the files on disk with what the restart does to it."""
    before = by_fingerprint(now)
    for check, finding in report.findings():
        about = [one for one in restarts if is_about(finding, one.instance)] or list(restarts)
        running = [one for one in about if one.reading]
        if RunningLinkages in check.needs.values():
            effect, why = Effect.DISAPPEARS, "the new process maps the files that are on disk"
        elif not running:
            effect, why = Effect.APPEARS, "no httpd runs so now"
        elif is_linker(check):
            effect, why = compared(finding, before.get(check.fingerprint(finding), []), running)
        else:
            effect, why = resting(finding, running)
        yield Change(effect, check, finding, why)


def compared(finding: Finding, before: list[Finding], running: list[Restart]) -> tuple[Effect, str]:
    """A finding of a linker check against the same one of the httpd that runs."""
    if any(one.now is None for one in running):
        return Effect.REMAINS, "not known: what runs cannot be read"
    hit = {name for one in before for name in one.affected if one.severity >= finding.severity}
    if before and hit.issuperset(finding.affected):
        return Effect.REMAINS, "the httpd that runs has it too"
    return Effect.APPEARS, "the httpd that runs does not have it"


def resting(finding: Finding, running: list[Restart]) -> tuple[Effect, str]:
    """A finding of the configuration is new where it names what was changed since it was read."""
    for one in running:
        assert one.reading
        hit = {*finding.affected}
        lines = [str(each.where) for each in one.instance.applications if each.name in hit]
        text = f"{finding.subject} {finding.detail} {finding.evidence!r} {lines}"
        files = one.reading.rests_on(text)
        if files:
            return Effect.APPEARS, f"{files[0]} was changed since httpd has read it"
    return Effect.REMAINS, "nothing that it names was changed since httpd has read it"


def gone(report: Report, now: tuple[Pair, ...]) -> Iterator[Change]:
    """What only the httpd that runs has."""
    planned = {check.fingerprint(finding) for check, finding in report.findings()}
    for fingerprint, findings in by_fingerprint(now).items():
        if fingerprint not in planned:
            check = next(check for check, finding in now if finding is findings[0])
            yield Change(Effect.DISAPPEARS, check, findings[0], "the files on disk do not have it")


def by_fingerprint(pairs: Iterable[Pair]) -> dict[str, list[Finding]]:
    """The same fault of several httpds stands together."""
    found: dict[str, list[Finding]] = {}
    for check, finding in pairs:
        found.setdefault(check.fingerprint(finding), []).append(finding)
    return found


def is_about(finding: Finding, instance: Instance) -> bool:
    """It hits the httpd or one of its applications."""
    return not names_of(instance).isdisjoint(finding.affected)


def names_of(instance: Instance) -> frozenset[str]:
    """What findings call it and its applications."""
    return frozenset({instance.name, *(one.name for one in instance.applications)})
