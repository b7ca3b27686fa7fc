"""Findings of one check that another one saw happen become observed."""

from collections.abc import Iterable
from dataclasses import replace

from hostprobe.check import Certainty, Finding
from hostprobe.engine import Result


def confirmed(results: Iterable[Result], instances: Iterable[str]) -> tuple[Result, ...]:
    """The same results, in their order, with certainties raised where a witness says so.

    `instances` are the names of the httpds, which stand in `affected` of what hits all of one.
    """
    given, whole = tuple(results), frozenset(instances)
    witnesses = [one for result in given for one in result.findings if one.confirms]
    return tuple(raised(result, witnesses, whole) for result in given) if witnesses else given


def raised(result: Result, witnesses: Iterable[Finding], whole: frozenset[str]) -> Result:
    """One check's findings; a witness about a whole httpd needs the only one of its check."""
    own = [one for one in witnesses if result.id in one.confirms]
    if len(result.findings) > 1:
        own = [one for one in own if one.objects or not whole.issuperset(one.affected)]
    return replace(result, findings=tuple(observed(one, own, whole) for one in result.findings))


def observed(finding: Finding, witnesses: Iterable[Finding], whole: frozenset[str]) -> Finding:
    """With the line of the first witness that is about it."""
    for one in witnesses:
        if finding.severity >= one.severity and is_about(one, finding, whole):
            evidence = {**finding.evidence, "seen_in_error_log": one.evidence.get("line")}
            return replace(finding, certainty=Certainty.observed, evidence=evidence)
    return finding


def is_about(witness: Finding, finding: Finding, whole: frozenset[str]) -> bool:
    """Both name the same file or, where the witness names none, hit the same applications."""
    if witness.objects:
        names = f"{finding.subject} {finding.evidence!r}"
        return any(name in names for name in witness.objects)
    return whole.issuperset(witness.affected) or not set(witness.affected).isdisjoint(
        finding.affected
    )
