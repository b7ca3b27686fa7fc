"""Check: a running httpd maps libraries that were replaced or removed on disk."""

from collections.abc import Iterator
from typing import Any

from hostprobe.check import Certainty, Finding, Severity, check
from hostprobe.facts.files import Missing
from hostprobe.model.linkage import Linkage, RunningLinkages
from hostprobe.model.loader.objects import text
from hostprobe.model.ownership import owner
from hostprobe.model.running.mapped import MappedObject
from hostprobe.model.running.processes import started
from hostprobe.model.running.restart import Forecast, Move, Outcome, forecast

REFERENCES = (
    "https://man7.org/linux/man-pages/man5/proc_pid_map_files.5.html",
    "https://modwsgi.readthedocs.io/en/master/user-guides/configuration-issues.html",
)
NAMES_SHOWN, MOVES_SHOWN = 3, 20


@check(Severity.high, REFERENCES)
def library_replaced(linkages: RunningLinkages) -> Iterator[Finding]:
    """A running httpd still uses libraries that were replaced or removed on disk.

    Why it matters
    --------------
    A process keeps the files that it has mapped, whatever a package manager puts in their place.
    Until the restart httpd runs the old code: the fix of a security upgrade is not active. A
    graceful restart is not enough: it opens modules anew, but what the process cannot unload (the
    libraries of httpd itself, libcrypto, with some releases of mod_wsgi libpython) stays as it
    was, and new modules meet old libraries. And the restart, whenever it comes (logrotate asks for
    a graceful one every night), may bind symbols elsewhere or not succeed at all.

    Example
    -------
    `undefined symbol: PyUnicode_...` after `apachectl graceful`; mod_wsgi's WSGI0099: compiled for
    one Python, runs with another. In /proc/PID/maps the library is marked `(deleted)`.

    Remedy
    ------
    Stop and start httpd; a graceful restart is not enough. The finding says what changes then:
    hostprobe simulates the httpd with the files it has mapped and with those on disk. Where a load
    fails, cure that first, or put the old package back. Afterwards
    `hostprobe scan --select library-replaced` is silent.

    Not found by this check
    -----------------------
    A library that was moved to another name and is still there; files that are read and not mapped
    (Python modules, templates); what the old file was, where /proc/PID/map_files may not be read
    (it takes root): then the finding says that the outcome of the restart is not known.

    References
    ----------
    proc_pid_maps(5), proc_pid_map_files(5); mod_wsgi, Configuration Issues; needrestart(1).
    """
    for linkage in linkages.all:
        if linkage.running and linkage.running.replaced:
            yield finding(linkage, forecast(linkage, linkage.running))


def finding(linkage: Linkage, found: Forecast) -> Finding:
    """One httpd; low where the new files are the same build and nothing changes."""
    objects = found.objects.replaced
    parent = found.objects.running.parent
    names = [one.soname for one in objects]
    is_nothing = found.is_harmless and all(is_same_build(linkage, one) for one in objects)
    kinds = {"removed from" if is_removed(linkage, one) else "replaced on" for one in objects}
    return Finding(
        subject=f"instance:{linkage.instance.name}",
        title=f"httpd (pid {parent.pid}, since {started(parent)}) still runs {listing(names)}, "
        f"{' or '.join(sorted(kinds, reverse=True))} disk",
        severity=Severity.low if is_nothing else Severity.high,
        certainty=Certainty.observed,
        detail=" ".join(explain(found)),
        affected=(linkage.instance.name,),
        evidence=evidence(linkage, found),
        remedy=tuple(remedy(linkage, found)),
        identity=tuple(sorted(set(names))),
    )


def listing(names: list[str]) -> str:
    """The first three, and how many more."""
    more = len(names) - NAMES_SHOWN
    return ", ".join(names[:NAMES_SHOWN]) + (f" and {more} more" if more > 0 else "")


def explain(found: Forecast) -> Iterator[str]:
    """What each kind of restart does."""
    if found.full is None or found.graceful is None:
        why = f"the old files cannot be read: {found.unknown[0]}"
        yield f"What a restart changes is not known, {why}."
        return
    yield f"A stop and start: {effect(found.full)}."
    kept = [path.rpartition("/")[2] for path in found.graceful.kept]
    stays = f"; {listing(kept)} would stay in the old state" if kept else ""
    yield f"A graceful restart: {effect(found.graceful)}{stays}."


def effect(outcome: Outcome) -> str:
    """In a few words."""
    if outcome.failures:
        return f"fails: {outcome.failures[0].message}"
    if outcome.moves:
        count = len(outcome.moves)
        return f"{count} binding{'s' if count > 1 else ''} will move to another library"
    return "everything loads, nothing will bind differently"


def is_same_build(linkage: Linkage, one: MappedObject) -> bool:
    """The file on disk has the build id of the mapped one."""
    now = linkage.files.elf(one.real)
    if isinstance(now, Missing) or isinstance(one.elf, Missing):
        return False
    return now.build_id is not None and now.build_id == one.elf.build_id


def is_removed(linkage: Linkage, one: MappedObject) -> bool:
    """Nothing stands in its place."""
    return isinstance(linkage.files.stat(one.real), Missing)


def evidence(linkage: Linkage, found: Forecast) -> dict[str, Any]:
    """Enough to see it by hand."""
    pid = found.objects.running.parent.pid
    holders = [
        f"{one.title} since {started(one.facts)}"
        for one in found.objects.running.processes
        if any(one in each.processes for each in found.objects.replaced)
    ]
    return {
        "replaced": [described(linkage, one) for one in found.objects.replaced],
        "processes": holders,
        **outcome_data("restart", found.full),
        **outcome_data("graceful", found.graceful),
        "not_known": list(found.unknown),
        "repeat": f"grep '(deleted)' /proc/{pid}/maps; hostprobe bindings --pid {pid}",
    }


def described(linkage: Linkage, one: MappedObject) -> dict[str, str | None]:
    """One object with the package that is installed now."""
    who = owner(linkage.files, one.real)
    now = linkage.files.stat(one.real)
    return {
        "path": one.path,
        "soname": one.soname,
        "on_disk": "removed" if isinstance(now, Missing) else f"another file, {now.real}",
        "package": str(who) if who else None,
        "held_by": f"{len(one.processes)} processes",
        "mapped_file": one.link,
    }


def outcome_data(kind: str, outcome: Outcome | None) -> dict[str, Any]:
    """One kind of restart; its moves in full up to a limit. Nothing where it is not known."""
    if outcome is None:
        return {}
    return {
        f"{kind}_failures": [failure.message for failure in outcome.failures],
        f"{kind}_moves": [move_data(move) for move in outcome.moves[:MOVES_SHOWN]],
        f"{kind}_moved": len(outcome.moves),
        f"{kind}_keeps": list(outcome.kept),
    }


def move_data(move: Move) -> dict[str, str | None]:
    """One binding."""
    return {
        "symbol": text(move.symbol),
        "object": move.object,
        "version": text(move.version) if move.version else None,
        "before": move.before,
        "after": move.after,
    }


def remedy(linkage: Linkage, found: Forecast) -> Iterator[str]:
    """Cure what fails first, then stop and start."""
    for failure in found.full.failures if found.full else ():
        yield (
            f"Before any restart: httpd would not load {failure.path} ({failure.message}). Put the "
            f"earlier package back, or upgrade what asks for {failure.missing}."
        )
    start, parent = linkage.instance.configuration.start, found.objects.running.parent
    unit = start.binary.rpartition("/")[2]
    command = " ".join(parent.command)
    how = (
        f"systemctl restart {unit}"
        if start.origin.endswith((".service", "/apache2ctl"))
        else f"kill {parent.pid}, then start it as it was: {command}"
    )
    yield f"Stop and start httpd ({how}); a graceful restart or reload is not enough."
