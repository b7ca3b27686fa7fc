"""The next restart: schemas/preflight.schema.json, and as text."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from hostprobe.check import Severity
from hostprobe.facts.httpd import ModuleLoad
from hostprobe.model.loader.objects import text
from hostprobe.model.ownership import owner
from hostprobe.model.running.present import added, left_over
from hostprobe.model.running.processes import Role, socket_numbers, started
from hostprobe.model.running.restart import Move
from hostprobe.preflight import Change, Effect, Preflight, Restart
from hostprobe.report.json import finding_data, host_data
from hostprobe.report.lines import BLANK, Line, plain, styled
from hostprobe.report.text import headline, render_finding

MOVES_SHOWN = 10

Data = dict[str, Any]


def preflight_data(found: Preflight, fail_on: Severity) -> Data:
    """The whole judgement, shaped as its schema says."""
    report = found.report
    return {
        "schema": 1,
        "hostprobe": report.hostprobe,
        "host": host_data(report.host),
        "started": report.started,
        "complete": found.is_complete,
        "breaks": found.breaks(fail_on),
        "restart": "graceful" if found.is_graceful else "full",
        "unread": list(report.unread),
        "instances": [restart_data(found, one) for one in found.restarts],
        "findings": [change_data(one) for one in found.changes],
    }


def change_data(one: Change) -> Data:
    """One finding and what becomes of it."""
    finding = finding_data(one.check, one.finding)
    return {"effect": one.effect.value, "why": one.why, "finding": finding}


def restart_data(found: Preflight, restart: Restart) -> Data:
    """One httpd."""
    start = restart.instance.configuration.start
    refusals = found.refusals(restart)
    unread = restart.linkage.unread_start
    return {
        "name": restart.instance.name,
        "binary": start.binary,
        "running": running_data(restart),
        "starts": None if unread and not refusals else not refusals,
        "refusals": list(refusals),
        "changes": changes_data(found, restart) if restart.reading else None,
        "not_known": [*restart.unknown, *([unread.message] if unread else [])],
    }


def running_data(restart: Restart) -> Data | None:
    """What runs, and since when with this configuration."""
    running = restart.instance.running
    if running is None or restart.reading is None:
        return None
    return {
        "pid": running.parent.pid,
        "since": started(running.parent),
        "configured": moment(restart.reading.at),
    }


def moment(seconds: float) -> str:
    """RFC 3339 to the second."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def changes_data(found: Preflight, restart: Restart) -> Data:
    """What is on disk beside what runs."""
    reading, instance = restart.reading, restart.instance
    changed = reading.changed if reading else ()
    groups = [one for one in instance.process_groups if one.where.file in changed]
    applications = [one for one in instance.applications if one.where.file in changed]
    return {
        "changed_files": list(changed),
        "process_groups": {
            "running": groups_running(restart),
            "planned": [one.name for one in instance.process_groups],
            "in_changed_files": [one.name for one in groups],
        },
        "applications_in_changed_files": [one.name for one in applications],
        **objects_data(found, restart),
    }


def groups_running(restart: Restart) -> int | None:
    """How many WSGIDaemonProcess the parent has a listener for; None where that is not known."""
    running = restart.instance.running
    if running is None or running.processes[0].role is not Role.PARENT:
        return None
    daemons = {one.group for one in running.processes if one.role is Role.DAEMON}
    return max(len({*socket_numbers(running.parent)}), len(daemons))


def objects_data(found: Preflight, restart: Restart) -> Data:
    """Modules and libraries; nulls where what runs is not known."""
    objects, outcome = restart.linkage.running, found.outcome(restart)
    names = ("modules_added", "modules_removed", "replaced", "failures", "moves", "kept")
    if objects is None or outcome is None:
        return dict.fromkeys(names)
    return {
        "modules_added": [module_data(one) for one in added(restart.linkage, objects)],
        "modules_removed": [module_data(one) for one in left_over(restart.linkage, objects)],
        "replaced": [replaced_data(restart, one.path, one.real) for one in objects.replaced],
        "failures": [failure.message for failure in outcome.failures],
        "moves": [move_data(move) for move in outcome.moves],
        "kept": list(outcome.kept),
    }


def module_data(load: ModuleLoad) -> Data:
    """One module; a removed one stands nowhere."""
    is_planned = load.where.first > 0
    return {
        "path": load.path,
        "symbol": load.symbol,
        "where": str(load.where) if is_planned else None,
    }


def replaced_data(restart: Restart, path: str, real: str) -> Data:
    """One mapped object whose path leads elsewhere now."""
    files = restart.linkage.files
    stat, who = files.stat(real), owner(files, real)
    return {
        "path": path,
        "on_disk": getattr(stat, "real", None),
        "package": str(who) if who else None,
    }


def move_data(move: Move) -> Data:
    """One binding."""
    return {
        "object": move.object,
        "symbol": text(move.symbol),
        "version": text(move.version) if move.version else None,
        "before": move.before,
        "after": move.after,
    }


TITLES = {
    Effect.APPEARS: "Will appear with the restart",
    Effect.DISAPPEARS: "Will disappear with the restart",
}


def render_preflight(
    found: Preflight, fail_on: Severity, *, verbose: bool = False, quiet: bool = False
) -> Iterator[Line]:
    """The whole judgement as text; `quiet`: only what breaks, a line each."""
    if quiet:
        yield from render_breaks(found, fail_on)
        return
    for note in found.report.notes:
        yield styled(note, "warning")
    for restart in found.restarts:
        yield from render_restart(found, restart_data(found, restart))
    for effect, title in TITLES.items():
        yield from render_changes(found, effect, title, verbose=verbose)
    yield BLANK
    yield from render_verdict(found, fail_on)


def render_breaks(found: Preflight, fail_on: Severity) -> Iterator[Line]:
    """Why the exit status is 1, or 3."""
    for restart in found.restarts:
        for reason in found.refusals(restart):
            yield styled(f"{restart.instance.name} would not start: {reason}", "high")
    for one in found.changes:
        if found.is_bad(one, fail_on) and not one.finding.stops:
            yield headline(found.report, one.check, one.finding)
    if not found.is_complete:
        yield styled("INCOMPLETE: without -q preflight says what is not known.", "warning")


def render_restart(found: Preflight, data: Data) -> Iterator[Line]:
    """One httpd: whether it starts, and what changes."""
    running = data["running"]
    state = (
        f"pid {running['pid']} since {running['since']}, configured {running['configured']}"
        if running
        else "not running: its start is judged alone"
    )
    yield styled(f"{data['binary']} with {data['name']} ({state})", "heading")
    kind = "reload" if found.is_graceful else "start"
    if data["refusals"]:
        yield styled(f"  It would not {kind}:", "critical")
    yield from (plain(f"    {reason}") for reason in data["refusals"])
    if data["starts"]:
        yield styled(f"  It would {kind}.", "good")
    for reason in data["not_known"]:
        yield styled(f"  Not known: {reason}", "warning")
    yield from render_differences(data["changes"]) if running else ()


def render_differences(data: Data) -> Iterator[Line]:
    """What is on disk beside what runs, a line each."""
    yield from (plain(f"  changed: {path}") for path in data["changed_files"])
    groups = data["process_groups"]
    if groups["running"] not in {None, len(groups["planned"])}:
        names = ", ".join(groups["planned"]) or "none"
        yield plain(f"  process groups: {groups['running']} now, then {names}")
    for key, label in LABELS.items():
        for one in data[key] or ():
            yield plain(f"  {label}: {one if isinstance(one, str) else described(one)}")
    yield from render_moves(data["moves"] or [])


LABELS = {
    "applications_in_changed_files": "configured in a changed file",
    "modules_added": "module added",
    "modules_removed": "module removed",
    "replaced": "library changed on disk",
    "kept": "stays in the old state",
    "failures": "will not load",
}


def described(one: Data) -> str:
    """A module, or a library."""
    if "symbol" in one:
        place = f" ({one['where']})" if one["where"] else ""
        return f"{one['symbol'] or 'LoadFile'} {one['path']}{place}"
    now = "removed" if one["on_disk"] is None else "replaced"
    return f"{one['path']} ({', '.join(filter(None, (now, one['package'])))})"


def render_moves(moves: list[Data]) -> Iterator[Line]:
    """Bindings that answer elsewhere afterwards."""
    for one in moves[:MOVES_SHOWN]:
        before, after = one["before"] or "nothing", one["after"] or "nothing"
        yield plain(f"  binding moves: {one['symbol']} of {one['object']}: {before} -> {after}")
    if len(moves) > MOVES_SHOWN:
        yield plain(f"  ... and {len(moves) - MOVES_SHOWN} more bindings (--format json has all)")


def render_changes(
    found: Preflight, effect: Effect, title: str, *, verbose: bool
) -> Iterator[Line]:
    """Findings of one kind; those that appear in full."""
    least = Severity.info if verbose else Severity.low
    changes = [
        one for one in found.changes if one.effect is effect and one.finding.severity >= least
    ]
    if changes:
        yield BLANK
        yield styled(f"{title}:", "heading")
    for one in changes:
        if effect is Effect.APPEARS:
            yield from render_finding(found.report, one.check, one.finding, verbose=verbose)
        else:
            yield headline(found.report, one.check, one.finding)
        yield plain(f"  Because: {one.why}.")


def render_verdict(found: Preflight, fail_on: Severity) -> Iterator[Line]:
    """What the exit status says, in words."""
    remain = sum(one.effect is Effect.REMAINS for one in found.changes)
    if remain:
        yield plain(f"Findings that the restart does not change: {remain} (hostprobe scan).")
    reasons = [problem for one in found.restarts for problem in one.unknown]
    yield from (styled(f"Not read: {reason}", "warning") for reason in found.report.unread)
    if not found.restarts:
        yield plain("There is no httpd to restart.")
    elif found.breaks(fail_on):
        yield styled("The restart would break something.", "critical")
    elif found.is_complete:
        yield styled("The restart breaks nothing that hostprobe knows of.", "good")
    if not found.is_complete:
        more = "" if reasons else " (hostprobe scan says what)"
        yield styled(f"INCOMPLETE: something could not be judged{more}.", "warning")
