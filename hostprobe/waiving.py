"""Findings that the administrator lives with: they stay in the report and count no more."""

from collections.abc import Collection, Iterable
from dataclasses import replace
from datetime import date
from fnmatch import fnmatchcase

from hostprobe.check import Finding
from hostprobe.engine import JudgedWaiver, Outcome, Result, Standing
from hostprobe.facts.settings import Waiver


def waived(
    results: Iterable[Result], waivers: Collection[Waiver], today: date
) -> tuple[Result, ...]:
    """The same results; a finding has the first waiver that holds for it today."""
    holding = tuple(each for each in waivers if not is_expired(each, today))
    if not holding:
        return tuple(results)
    return tuple(
        replace(
            result,
            findings=tuple(
                replace(each, waived=first(holding, result.id, each)) for each in result.findings
            ),
        )
        for result in results
    )


def first(waivers: Iterable[Waiver], check: str, finding: Finding) -> Waiver | None:
    """The one that a reader of the file meets first."""
    return next((each for each in waivers if holds(each, check, finding)), None)


def holds(waiver: Waiver, check: str, finding: Finding) -> bool:
    """Both globs match."""
    return fnmatchcase(check, waiver.check) and fnmatchcase(finding.subject, waiver.subject)


def is_expired(waiver: Waiver, today: date) -> bool:
    """Its last day is before today."""
    return waiver.expires is not None and waiver.expires < today


def standings(
    waivers: Iterable[Waiver],
    results: Collection[Result],
    ids: Collection[str],
    today: date,
    *,
    is_whole: bool = True,
) -> tuple[JudgedWaiver, ...]:
    """Every waiver with its standing; `ids` are those of all checks that there are.

    A scan that is not whole looked at one httpd or application only.
    """
    judged = []
    for each in waivers:
        found = standing(each, results, ids, today)
        hidden = found is Standing.unused and not is_whole
        judged.append(JudgedWaiver(each, Standing.not_judged if hidden else found))
    return tuple(judged)


def standing(
    waiver: Waiver, results: Collection[Result], ids: Collection[str], today: date
) -> Standing:
    """What has become of one waiver."""
    meant = {name for name in ids if fnmatchcase(name, waiver.check)}
    own = [each for each in results if each.id in meant]
    if is_expired(waiver, today):
        return Standing.expired
    if any(holds(waiver, result.id, each) for result in own for each in result.findings):
        return Standing.used
    if not meant:
        return Standing.unknown
    ran = {each.id for each in own if each.outcome not in (Outcome.not_run, Outcome.failed)}
    return Standing.unused if ran == meant else Standing.not_judged
