"""A conflict of the loader model as a finding: the one wording that all linker checks share."""

from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

from hostprobe.check import Certainty, Finding, Severity
from hostprobe.facts.plan import Open
from hostprobe.model.interposition.cure import Cure
from hostprobe.model.interposition.harm import Harm
from hostprobe.model.interposition.partition import Interposition, bundle_of
from hostprobe.model.linkage import Conflict, Linkage, Linkages
from hostprobe.model.loader.objects import FoundBy, LoadedObject, text

SYMBOLS_SHOWN = 40
SEVERITY = {
    Harm.unresolved: Severity.critical,
    Harm.changed_type: Severity.critical,
    Harm.foreign: Severity.critical,
    Harm.split_major: Severity.high,
    Harm.split: Severity.medium,
    Harm.taken_over: Severity.medium,
    Harm.replaced: Severity.low,
}
MEANING = {
    Harm.unresolved: "What is needed is missing there: the import or the first call fails.",
    Harm.changed_type: "A function stands where data is expected: the first use crashes.",
    Harm.foreign: "It is a different library that happens to use the same names: "
    "wrong results, lost data or a crash.",
    Harm.split_major: "Parts of one library run from each copy and exchange structures of "
    "different versions: silently wrong results or a crash on some paths.",
    Harm.split: "Parts of one library run from each copy: state is divided between them.",
    Harm.taken_over: "The whole library is replaced by another build of itself, and no version "
    "nodes promise that the two agree.",
    Harm.replaced: "The whole library is replaced by another release of itself with the same "
    "version nodes: this works, but fixes and features of the replaced one are gone.",
}


def by_harm(conflict: Conflict) -> Severity:
    """What most checks say of a conflict."""
    return SEVERITY[conflict.harm]


def conflict_findings(
    linkages: Linkages, owner: str, severity: Callable[[Conflict], Severity] = by_harm
) -> Iterator[Finding]:
    """One finding per conflict of an owner ("" for those without)."""
    for linkage in linkages.all:
        for conflict in linkage.conflicts(owner):
            yield conflict_finding(linkage, conflict, severity(conflict))


def is_same_release(conflict: Conflict) -> bool:
    """Both sides tell the same release."""
    one = conflict.interposition
    told = [conflict.versions.get(each.real, "") for each in (*one.losers, *one.winners)]
    return "" not in told and len(set(told)) == 1


def conflict_finding(linkage: Linkage, conflict: Conflict, severity: Severity) -> Finding:
    """Word one conflict; what no application imports is low at most."""
    imported = conflict.reach.is_imported
    one = conflict.interposition
    losers = sorted(file_name(loser) for loser in one.losers)
    winners = sorted(file_name(winner) for winner in one.winners)
    return Finding(
        subject=f"object:{bundle_of(one.losers[0].real)}",
        title=title(conflict, winners, losers),
        severity=severity if imported else min(severity, Severity.low),
        certainty=certainty(linkage, conflict),
        detail=explain(conflict),
        affected=conflict.reach.importing or conflict.reach.installed,
        evidence=evidence(linkage, conflict),
        remedy=remedies(conflict),
        identity=(*losers, "->", *winners),
    )


def certainty(linkage: Linkage, conflict: Conflict) -> Certainty:
    """Observed where one running process has mapped an extension and what wins over it."""
    one = conflict.interposition
    if one.winners and linkage.running:
        extensions = (extension.path for extension in one.extensions)
        if linkage.running.share(extensions, (winner.real for winner in one.winners)):
            return Certainty.observed
    surely = conflict.reach.is_imported and not guesses(one)
    return Certainty.likely if surely else Certainty.possible


def title(conflict: Conflict, winners: list[str], losers: list[str]) -> str:
    """Who takes over what."""
    one = conflict.interposition
    modules = listing(sorted({extension.module for extension in one.extensions}))
    inside = {extension.path for extension in one.extensions}
    if all(loser.path in inside for loser in one.losers):
        losers = ["their own copy" if len(one.extensions) > 1 else "its own copy"]
    elif set(losers) & set(winners):
        losers, winners = ([each.real for each in side] for side in (one.losers, one.winners))
    return f"{modules} would use {listing(winners) or 'nothing'} instead of {listing(losers)}"


def listing(names: list[str]) -> str:
    """`a, b and c`."""
    return " and ".join((", ".join(names[:-1]), names[-1])) if len(names) > 1 else "".join(names)


def file_name(loaded: LoadedObject) -> str:
    """The soname, or the file's name for an object without one."""
    return loaded.soname or loaded.real.rpartition("/")[2]


def explain(conflict: Conflict) -> str:
    """Count what moves, say who caused it and what it does."""
    one = conflict.interposition
    total = len(one.rebindings) + one.kept
    start = ", through LD_LIBRARY_PATH" if is_of_variable(one) else ""
    cause = " and ".join(brought(open_) for open_ in one.brought_by) or f"httpd itself{start}"
    return (
        f"{len(one.rebindings)} of {total} references bind to another library in httpd than in "
        f"the standalone interpreter. The library that wins was brought into the process by "
        f"{cause}, before Python. {MEANING[conflict.harm]}"
        + "".join(f" Not certain: {guess}." for guess in guesses(one))
    )


def is_of_variable(one: Interposition) -> bool:
    """A winner was found where only the environment of httpd's start points."""
    return any(winner.found_by is FoundBy.LD_LIBRARY_PATH for winner in one.winners)


def guesses(one: Interposition) -> tuple[str, ...]:
    """Why a dlopen that brings a winner in does not simply follow from files."""
    return tuple(dict.fromkeys(open_.guess for open_ in one.brought_by if open_.guess))


def brought(open_: Open) -> str:
    """Name one dlopen and the line that asks for it."""
    return f"{open_.path} ({open_.where})" if open_.where else open_.path


def evidence(linkage: Linkage, conflict: Conflict) -> dict[str, Any]:
    """Everything needed to repeat the judgement by hand."""
    one = conflict.interposition
    symbols = sorted({text(rebinding.symbol) for rebinding in one.rebindings})
    extension = one.extensions[0].path
    root = "" if linkage.root == "/" else f"--root {linkage.root} "
    return {
        "losers": [describe(conflict, loser) for loser in one.losers],
        "winners": [describe(conflict, winner) for winner in one.winners],
        "brought_by": [
            {
                "open": open_.path,
                "by": open_.by,
                "where": open_.where,
                "brings": brings(one, open_),
            }
            for open_ in one.brought_by
        ],
        "judgement": {
            "harm": conflict.harm.name,
            "family": one.family or None,
            "rebound": len(one.rebindings),
            "kept": one.kept,
            "symbols": len(symbols),
        },
        "rebound_by_object": list(moves(one)),
        "symbols": symbols[:SYMBOLS_SHOWN],
        "extensions": [extension.path for extension in one.extensions],
        "repeat": f"hostprobe bindings {root}--config {linkage.instance.name} "
        f"--extension {extension} --interposed",
    }


def brings(one: Interposition, opening: Open) -> list[str]:
    """The winners that one dlopen brings in."""
    return [
        file_name(each)
        for each in one.winners
        if each.cause is not None and each.cause.path == opening.path
    ]


def moves(one: Interposition) -> Iterator[dict[str, Any]]:
    """How many references of which object move from where to where; None: to nothing."""
    counts = Counter(
        (each.object, each.winner.real if each.winner else None, each.loser.real)
        for each in one.rebindings
    )
    for (path, winner, loser), count in counts.items():
        yield {"object": path, "references": count, "binds_to": winner, "instead_of": loser}


def describe(conflict: Conflict, loaded: LoadedObject) -> dict[str, str | None]:
    """One library with the package that owns it and the release its file tells."""
    who = conflict.owners.get(loaded.real)
    return {
        "path": loaded.real,
        "soname": file_name(loaded),
        "package": str(who) if who else None,
        "version": conflict.versions.get(loaded.real),
    }


def remedies(conflict: Conflict) -> tuple[str, ...]:
    """Cures that work, or the least bad one, then what the model cannot try."""
    tried = sorted(conflict.cures, key=lambda cure: (cure.left, len(cure.breaks)))
    shown = [cure for cure in tried if cure.works] or tried[:1]
    return (*(word(cure) for cure in shown), *untried(conflict))


def word(cure: Cure) -> str:
    """One tried cure with the simulation's verdict."""
    if cure.works:
        return f"{cure.change}: clears it; all else still loads and binds as before (simulated)."
    left = f"leaves {cure.left} references" if cure.left else "clears it"
    breaks = f", but {'; '.join(cure.breaks[:3])}" if cure.breaks else ""
    return f"{cure.change}: {left}{breaks} (simulated)."


def untried(conflict: Conflict) -> Iterator[str]:
    """What changes files that do not exist yet."""
    wheels = {
        who.name
        for loser in conflict.interposition.losers
        if (who := conflict.owners.get(loser.real)) and who.manager == "wheel"
    }
    for wheel in sorted(wheels):
        yield (
            f"pip install --force-reinstall --no-binary {wheel} {wheel}: builds it against the "
            "system's library, so that both sides use one copy."
        )
    if not conflict.reach.is_imported:
        path = conflict.interposition.extensions[0].path
        yield (
            "No application imports it. Before one does: hostprobe scan --extension "
            f"{path} tries the cures for this host."
        )
        return
    yield (
        "Run the Python applications in an httpd of their own without the module that brings the "
        "library in. WSGIDaemonProcess does not help: daemons are forked from the same parent."
    )
