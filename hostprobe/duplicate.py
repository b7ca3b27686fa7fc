"""A library that one process holds more than once, as a finding: one wording for all families."""

from collections.abc import Callable, Iterator
from typing import Any

from hostprobe.check import Certainty, Finding, Severity
from hostprobe.conflict import brought, file_name, listing
from hostprobe.model.interposition.copies import Copies, Crossing
from hostprobe.model.interposition.families import Family
from hostprobe.model.interposition.partition import bundle_of
from hostprobe.model.linkage import Linkage, Linkages
from hostprobe.model.loader.objects import text

SYMBOLS_SHOWN, NAMED = 40, 3


def copy_findings(
    linkages: Linkages,
    family: Family,
    severity: Callable[[Linkage, Copies], Severity | None],
    remedy: tuple[str, ...],
) -> Iterator[Finding]:
    """One finding for httpd itself and for each package that brings another copy.

    A copy that loses symbols is no matter of this: its conflict is told. None for a severity
    leaves the copies to another check.
    """
    for linkage in linkages.all:
        losers = {loser.real for one in linkage.interpositions for loser in one.losers}
        for copies in linkage.copies(family):
            judged = severity(linkage, copies)
            if judged is not None and not losers & {one.real for one in copies.objects}:
                yield copy_finding(linkage, copies, judged, remedy)


def copy_finding(
    linkage: Linkage, copies: Copies, severity: Severity, remedy: tuple[str, ...]
) -> Finding:
    """Word one; what no application imports is low at most."""
    reach = linkage.reach(copies.extensions)
    matters = reach.is_imported or not copies.extensions
    names = sorted({file_name(one) for one in copies.objects})
    return Finding(
        subject=f"object:{bundle_of(copies.objects[-1].real)}",
        title=title(copies, names),
        severity=severity if matters else min(severity, Severity.low),
        certainty=certainty(linkage, copies, matters=matters),
        detail=" ".join(explain(copies)),
        affected=affected(linkage, copies),
        evidence=evidence(linkage, copies),
        remedy=remedy,
        identity=tuple(names),
    )


def title(copies: Copies, names: list[str]) -> str:
    """Who holds what."""
    modules = listing(sorted({extension.module for extension in copies.extensions}))
    if modules:
        return f"{modules} would run beside another copy of a library: {listing(names)}"
    return f"httpd holds copies of one library: {listing(names)}"


def certainty(linkage: Linkage, copies: Copies, *, matters: bool) -> Certainty:
    """Observed where one running process has mapped all copies."""
    if linkage.running and linkage.running.share(*((one.real,) for one in copies.objects)):
        return Certainty.observed
    if not copies.extensions:
        return Certainty.certain
    return Certainty.likely if matters else Certainty.possible


def affected(linkage: Linkage, copies: Copies) -> tuple[str, ...]:
    """The applications that import it, or may; the whole httpd where it holds all copies itself."""
    reach = linkage.reach(copies.extensions)
    return (reach.importing or reach.installed) if copies.extensions else (linkage.instance.name,)


def explain(copies: Copies) -> Iterator[str]:
    """Where the copies come from, and what binds across."""
    for one in copies.objects:
        if one.cause and one.cause.by != "python":
            yield f"{one.real} is brought in by {brought(one.cause)}."
    for crossing in copies.crossings:
        own = "it" if crossing.object is crossing.home else crossing.home.real
        yield (
            f"{crossing.object.real} takes {', '.join(map(text, crossing.symbols[:NAMED]))}"
            f"{' and more' if len(crossing.symbols) > NAMED else ''} from {crossing.provider.real} "
            f"although {own} has them ({len(crossing.symbols)} in all; {crossing.kept} stay)."
        )
    if not copies.crossings:
        yield "Each uses its own copy: nothing binds across, and their state is separate."


def evidence(linkage: Linkage, copies: Copies) -> dict[str, Any]:
    """The copies with package and release, and what crosses."""
    owners, versions = linkage.owners(copies.objects), linkage.versions(copies.objects)
    return {
        "copies": [
            {
                "path": one.real,
                "soname": file_name(one),
                "package": str(owners[one.real]) if one.real in owners else None,
                "version": versions.get(one.real),
            }
            for one in copies.objects
        ],
        "crossings": [crossing_row(one) for one in copies.crossings],
        "extensions": [extension.path for extension in copies.extensions],
    }


def crossing_row(one: Crossing) -> dict[str, Any]:
    """One object that uses a foreign copy."""
    return {
        "object": one.object.real,
        "home": one.home.real,
        "provider": one.provider.real,
        "symbols": sorted(map(text, one.symbols))[:SYMBOLS_SHOWN],
    }
