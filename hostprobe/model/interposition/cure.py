"""Cures tried on the model: what a changed plan clears, and what it would break."""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace

from hostprobe.facts.plan import Close, Open, OpenFlags, Plan
from hostprobe.model.interposition.partition import Interposition, bundle_of, partition
from hostprobe.model.interposition.rebinding import ExtensionLoad, behind, is_equivalent
from hostprobe.model.loader.objects import LoadedObject, Reason
from hostprobe.model.loader.process import Process

DEBIAN_PHP = re.compile(r"^/etc/php/([\d.]+)/(apache2)/conf\.d/\d+-(\w+)\.ini:")
DEBIAN_MODULE = re.compile(r"^/etc/apache2/mods-enabled/(\w[\w.-]*)\.(?:load|conf):")
ROUNDS = 4

Trial = Callable[[Plan, Iterable[ExtensionLoad]], tuple[Process, tuple[ExtensionLoad, ...]]]
"""Simulate a plan and load the same extensions in it again."""


@dataclass(frozen=True, slots=True)
class Cure:
    """One change, and what the simulation says of it."""

    change: str
    """What to do on this host, as a command or directive."""

    left: int
    """References of the same losers that would still be rebound; 0: cleared."""

    breaks: tuple[str, ...]
    """What would stop loading or bind to another library than before."""

    @property
    def works(self) -> bool:
        """It clears the conflict and breaks nothing."""
        return self.left == 0 and not self.breaks


def try_cures(
    conflict: Interposition,
    loads: tuple[ExtensionLoad, ...],
    plan: Plan,
    parent: Process,
    trial: Trial,
) -> Iterator[Cure]:
    """Try to load the rightful copy first, then to drop what brings the winner in."""
    first = load_first(conflict, plan)
    if first:
        yield judge(conflict, *first, loads, parent, trial)
    dropped = drop(conflict, loads, plan, trial) or without_variables(conflict.winners, plan)
    if dropped:
        yield judge(conflict, *dropped, loads, parent, trial)


def try_cures_of_refusal(
    load: ExtensionLoad, plan: Plan, parent: Process, trial: Trial
) -> Iterator[Cure]:
    """The same for an extension that does not load because needed libraries are displaced."""
    paths = dict.fromkeys(one.rightful.path for one in load.displaced)
    causes = [one.taken.cause for one in load.displaced if one.taken.cause]
    changes = []
    if paths and len(causes) == len(load.displaced):
        changes.append(opened_first(paths, plan))
        dropped = {cause.path for cause in causes}
        what = dict.fromkeys(removal_of(cause) for cause in causes if cause.caller not in dropped)
        changes.append((" and ".join(what), without(plan, dropped)))
    if plain := without_variables([one.taken for one in load.displaced], plan):
        changes.append(plain)
    for change, changed in changes:
        process, again = trial(changed, (load,))
        left = sum(one.failure is not None for one in again)
        breaks = dict.fromkeys((*newly_failing(parent, process, ()), *moved(parent, process)))
        yield Cure(change, left, tuple(breaks))


def opened_first(paths: Iterable[str], plan: Plan) -> tuple[str, Plan]:
    """`LoadFile` of these before everything else, in words and as a plan."""
    opens = tuple(Open(path, OpenFlags.NOW | OpenFlags.GLOBAL, by="apr") for path in paths)
    change = ", ".join(f"LoadFile {path}" for path in paths)
    return f"{change} before the first LoadModule", prepend(plan, opens)


def load_first(conflict: Interposition, plan: Plan) -> tuple[str, Plan] | None:
    """`LoadFile` of the losers, when they are libraries of their own and not the extensions.

    Nothing comes before what httpd itself starts with.
    """
    if conflict.winners and not conflict.brought_by:
        return None
    paths = {loser.path: None for loser in conflict.losers if loser.reason is Reason.NEEDED}
    if len(paths) != len(conflict.losers):
        return None
    return opened_first(paths, plan)


def prepend(plan: Plan, opens: tuple[Open, ...]) -> Plan:
    """Open first in every reading of the configuration, close last."""
    operations: list[Open | Close] = [*opens]
    previous: Open | Close | None = None
    for operation in plan.operations:
        if isinstance(previous, Close) and isinstance(operation, Open):
            operations += [Close(one.path) for one in reversed(opens)]
            operations += opens
        operations.append(operation)
        previous = operation
    return replace(plan, operations=tuple(operations))


def drop(
    conflict: Interposition, loads: tuple[ExtensionLoad, ...], plan: Plan, trial: Trial
) -> tuple[str, Plan] | None:
    """Leave out the dlopens responsible, until nothing else brings the winner in."""
    changes: dict[str, None] = {}
    causes = conflict.brought_by
    for _ in range(ROUNDS):
        if not causes:
            break
        paths = {cause.path for cause in causes}
        changes |= {removal_of(cause): None for cause in causes if cause.caller not in paths}
        plan = without(plan, paths)
        causes = tuple(
            cause for one in remaining(conflict, trial(plan, loads)[1]) for cause in one.brought_by
        )
    return (" and ".join(changes), plan) if changes else None


def without_variables(winners: Iterable[LoadedObject], plan: Plan) -> tuple[str, Plan] | None:
    """Without what brings them in at the start: entries of LD_LIBRARY_PATH and LD_PRELOAD."""
    environment, changes = dict(plan.environment), []
    for winner in winners:
        name, entry = "LD_LIBRARY_PATH", winner.path.rpartition("/")[0]
        if winner.reason is Reason.PRELOAD:
            name, entry = "LD_PRELOAD", winner.path
        entries = re.split("[ :]", environment.get(name, ""))
        if entry in entries:
            environment[name] = ":".join(one for one in entries if one != entry)
            changes.append(f"take {entry} out of {name} where httpd is started (envvars, its unit)")
    return (" and ".join(changes), replace(plan, environment=environment)) if changes else None


def without(plan: Plan, paths: set[str]) -> Plan:
    """The plan without these objects and without what they themselves open."""
    kept = tuple(
        operation
        for operation in plan.operations
        if operation.path not in paths
        and not (isinstance(operation, Open) and operation.caller in paths)
    )
    return replace(plan, operations=kept)


def removal_of(cause: Open) -> str:
    """How an administrator takes one dlopen out of this httpd."""
    php = DEBIAN_PHP.match(cause.where)
    if php:
        return f"phpdismod -v {php[1]} -s {php[2]} {php[3]}"
    module = DEBIAN_MODULE.match(cause.where)
    if module:
        return f"a2dismod {module[1]}"
    origin = f"{cause.path} ({cause.where or 'origin unknown'})"
    if cause.by == "apr-util":
        return f"remove the directive that makes libaprutil open {origin}"
    kind = "extension" if cause.by == "php" else "LoadModule or LoadFile"
    return f"remove the {kind} line of {origin}"


def remaining(
    conflict: Interposition, loads: tuple[ExtensionLoad, ...]
) -> tuple[Interposition, ...]:
    """What is left of a conflict after a change: interpositions of the same losers."""
    bundles = {bundle_of(loser.real) for loser in conflict.losers}
    return tuple(
        one
        for one in partition(loads)
        if bundles & {bundle_of(loser.real) for loser in one.losers}
        and one.family == conflict.family
    )


def judge(
    conflict: Interposition,
    change: str,
    plan: Plan,
    loads: tuple[ExtensionLoad, ...],
    parent: Process,
    trial: Trial,
) -> Cure:
    """Simulate the changed plan and compare."""
    process, again = trial(plan, loads)
    left = sum(len(one.rebindings) for one in remaining(conflict, again))
    breaks = dict.fromkeys((*newly_failing(parent, process, again), *moved(parent, process)))
    return Cure(change, left, tuple(breaks))


def newly_failing(
    before: Process, after: Process, again: tuple[ExtensionLoad, ...]
) -> Iterator[str]:
    """Loads that the change would make fail."""
    known = {failure.path for failure in before.failures}
    for failure in after.failures:
        if failure.path not in known:
            yield f"{failure.path} would no longer load: {failure.message}"
    for load in again:
        if load.failure:
            yield f"{load.extension.path} would no longer load: {load.failure.message}"


def moved(before: Process, after: Process) -> Iterator[str]:
    """Objects of httpd itself that the change would bind to another library."""
    there = {one.real: one for one in after.objects}
    for loaded in before.objects:
        other = there.get(loaded.real)
        if other is None:
            continue
        count = moved_bindings(before, loaded, after, other)
        if count:
            yield f"{loaded.real} would bind {count} symbols to another library"


def moved_bindings(
    before: Process, loaded: LoadedObject, after: Process, other: LoadedObject
) -> int:
    """References of one object whose provider differs and is not equivalent."""
    count = 0
    pairs = zip(
        loaded.elf.references, before.providers(loaded), after.providers(other), strict=False
    )
    for reference, one, two in pairs:
        if one is None or two is None or one.real == two.real:
            continue
        loser, winner = behind(before, reference.name, one), behind(after, reference.name, two)
        count += not is_equivalent(reference, winner, loser)
    return count
