"""Who binds to whom: schemas/bindings.schema.json and schemas/plan.schema.json, and as text."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from fnmatch import fnmatchcase
from typing import Any

from hostprobe.facts.plan import Open, Plan
from hostprobe.model.bindings import BindingTable, Placed, Row
from hostprobe.model.loader.decision import Candidate, Decision, ScopeKind
from hostprobe.model.loader.objects import LoadedObject, Reason
from hostprobe.report.escape import octets
from hostprobe.report.lines import Line, plain, record, styled
from hostprobe.report.topology import flag_names


def bindings_data(table: BindingTable) -> dict[str, Any]:
    """Objects in load order and one row per distinct reference."""
    return {
        "schema": 1,
        "objects": [object_data(placed) for placed in table.objects],
        "bindings": [row_data(row) for row in table.rows],
    }


def object_data(placed: Placed) -> dict[str, Any]:
    """One loaded object."""
    loaded, cause = placed.loaded, placed.loaded.cause
    was_opened = loaded.reason == "dlopen" and cause is not None
    return {
        "path": loaded.path,
        "soname": loaded.soname,
        "reason": loaded.reason.value,
        "requester": loaded.requester.path if loaded.requester else None,
        "found_by": loaded.found_by.value,
        "dlopen": {"by": cause.by, "flags": flag_names(cause.flags)}
        if was_opened and cause
        else None,
        "scope": "global" if placed.is_global else "local",
    }


def row_data(row: Row) -> dict[str, Any]:
    """One binding; the standalone provider only where there is something to compare."""
    binding = row.binding
    data: dict[str, Any] = {
        "object": binding.object.path,
        "symbol": octets(binding.symbol),
        "version": text_or_none(binding.version),
        "class": binding.lookup_class.name.lower(),
        "provider": path_or_none(binding.provider),
        "provider_version": text_or_none(binding.provider_version),
        "interposed": row.is_interposed,
    }
    if row.is_compared:
        data["standalone_provider"] = path_or_none(row.standalone)
    if row.decision is not None:
        data["decision"] = decision_data(row.decision)
    return data


def decision_data(decision: Decision) -> dict[str, Any]:
    """The objects that have the name, in the order of the search; the last may be taken."""
    return {
        "note": decision.note,
        "candidates": [
            {
                "object": one.object.path,
                "scope": one.scope.value,
                "of": one.owner.path,
                "position": one.position,
                "passed_over": one.passed_over,
            }
            for one in decision.candidates
        ],
    }


def path_or_none(loaded: LoadedObject | None) -> str | None:
    """The object's path as glibc spells it."""
    return loaded.path if loaded else None


def text_or_none(data: bytes | None) -> str | None:
    """A version node as text."""
    return None if data is None else octets(data)


def plan_data(plan: Plan) -> dict[str, Any]:
    """The operations, as --plan reads them."""
    return {
        "schema": 1,
        "main": plan.main,
        "environment": dict(plan.environment),
        "operations": [
            {
                "open": each.path,
                "flags": flag_names(each.flags),
                "caller": each.caller,
            }
            if isinstance(each, Open)
            else {"close": each.path}
            for each in plan.operations
        ],
    }


def chosen(
    table: BindingTable, objects: list[str], symbol: str | None, *, interposed: bool
) -> BindingTable:
    """Only the rows that were asked for, and of the objects those that were named."""
    named = match_objects(objects)
    rows = tuple(
        row
        for row in table.rows
        if (row.is_interposed or not interposed)
        and (symbol is None or octets(row.binding.symbol) == symbol)
        and named(row.binding.object)
    )
    placed = tuple(placed for placed in table.objects if named(placed.loaded))
    return BindingTable(placed, rows, table.failures)


def match_objects(patterns: list[str]) -> Callable[[LoadedObject], bool]:
    """Whether an object's path, real path, file name or soname matches one of the globs."""

    def matches(loaded: LoadedObject) -> bool:
        names = {loaded.path, loaded.real, loaded.soname or ""}
        names |= {name.rpartition("/")[2] for name in names}
        return any(fnmatchcase(name, pattern) for pattern in patterns for name in names)

    return matches if patterns else lambda _loaded: True


def render_bindings(
    table: BindingTable, loaded: Iterable[Placed] = (), *, verbose: bool
) -> Iterator[Line]:
    """Each object with how it came in, below it what it gets from whom; then why.

    `loaded`: every object of the process, also those that are not shown.
    """
    rows: dict[str, list[Row]] = {}
    for row in table.rows:
        rows.setdefault(row.binding.object.path, []).append(row)
    for placed in table.objects:
        found = rows.pop(placed.loaded.path, [])
        if found or verbose:
            yield from render_object(placed, found)
    for failure in table.failures:
        yield styled(f"{failure.path}: {failure.message}", "warning")
    yield from render_reasons(table.rows, loaded)
    count = len(table.rows)
    interposed = sum(row.is_interposed for row in table.rows)
    yield styled(f"{count} bindings, {interposed} interposed", "heading")


def render_object(placed: Placed, rows: list[Row]) -> Iterator[Line]:
    """One object and its rows."""
    loaded = placed.loaded
    scope = "global" if placed.is_global else "local"
    how = f"{arrival(loaded)}, found by {loaded.found_by.value}, {scope}"
    yield record(f"{loaded.path} ({how})", "heading", len(loaded.path))
    for row in rows:
        yield render_row(row)
        if row.decision is not None:
            yield from render_decision(row.decision)


def render_decision(decision: Decision) -> Iterator[Line]:
    """The scope step that decided, and whom the look-up met before."""
    for one in decision.candidates:
        place = f"position {one.position} of {scope_name(one)}"
        if one.passed_over:
            yield record(f"    passed over {one.object.path}, {place}: {one.passed_over}")
        else:
            yield record(f"    found in {one.object.path}, {place}")
    if not decision.candidates:
        yield plain("    nothing in scope has the name")
    if decision.note:
        yield plain(f"    but {decision.note}")


def scope_name(one: Candidate) -> str:
    """The list in which the look-up met an object."""
    own = f"the list of {one.owner.path}"
    names = {
        ScopeKind.OWN: "the object itself, which DT_SYMBOLIC puts first",
        ScopeKind.GLOBAL: "the global scope",
        ScopeKind.LOCAL: f"{own}, behind the global scope",
        ScopeKind.LOCAL_FIRST: f"{own}, which DEEPBIND puts before the global scope",
    }
    return names[one.scope]


def arrival(loaded: LoadedObject) -> str:
    """How it came into the process: "needed by /x", "dlopen NOW GLOBAL by /x"."""
    words = [loaded.reason.value]
    if loaded.reason is Reason.DLOPEN and loaded.cause is not None:
        words += flag_names(loaded.cause.flags)
    if loaded.requester is not None:
        words += ["by", loaded.requester.path]
    return " ".join(words)


def render_row(row: Row) -> Line:
    """One binding."""
    binding = row.binding
    version = f"@{octets(binding.version)}" if binding.version else ""
    provider = path_or_none(binding.provider) or ("nobody (weak)" if is_weak(row) else "nobody")
    text = f"  {octets(binding.symbol)}{version} -> {provider}"
    if row.is_interposed:
        standalone = path_or_none(row.standalone) or "nobody"
        return record(f"{text}   INTERPOSED, standalone {standalone}", "high")
    return record(text)


def is_weak(row: Row) -> bool:
    """The reference may stay unbound."""
    return row.binding.reference.weak


def render_reasons(rows: Iterable[Row], loaded: Iterable[Placed]) -> Iterator[Line]:
    """For each pair of winner and loser, how the winner came to be met first."""
    everywhere = {placed.loaded for placed in loaded if placed.is_global}
    pairs = Counter(
        (row.binding.provider, row.standalone)
        for row in rows
        if row.is_interposed and row.binding.provider is not None
    )
    for (winner, loser), count in pairs.items():
        assert winner is not None
        yield record(f"why {winner.path} instead of {path_or_none(loser)}: {count}", "heading")
        if winner in everywhere:
            yield plain("  It is in the global scope, which is searched before a library's own.")
        for step in ancestry(winner):
            yield record(f"  {step.path}: {arrival(step)}{asked_at(step)}")


def ancestry(loaded: LoadedObject) -> Iterator[LoadedObject]:
    """The object, who asked for it, who asked for that one: up to the main program."""
    step: LoadedObject | None = loaded
    while step is not None and step.reason is not Reason.MAIN:
        yield step
        step = step.requester


def asked_at(loaded: LoadedObject) -> str:
    """The line of the configuration that asks for a dlopen."""
    was_opened = loaded.reason is Reason.DLOPEN and loaded.cause is not None
    return f", {loaded.cause.where}" if was_opened and loaded.cause and loaded.cause.where else ""
