"""Who binds to whom, in rows: the httpd process, and each extension beside its standalone self."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from hostprobe.facts.plan import Open, OpenFlags
from hostprobe.model.instance import Extension
from hostprobe.model.interposition.rebinding import behind, is_equivalent
from hostprobe.model.loader.binding import Binding
from hostprobe.model.loader.decision import Decision, decide
from hostprobe.model.loader.objects import LoadedObject, LoadFailure
from hostprobe.model.loader.process import Process


@dataclass(frozen=True, slots=True)
class Row:
    """One distinct reference with its provider here and in the standalone interpreter."""

    binding: Binding
    is_compared: bool = False
    """The object belongs to an extension, or an extension alone brings it in."""

    standalone: LoadedObject | None = None
    """Provider in the standalone interpreter; None: unresolved there, or not compared."""

    is_interposed: bool = False
    decision: Decision | None = None
    """How the look-up went; None where nobody asked."""


@dataclass(frozen=True, slots=True)
class Placed:
    """A loaded object and whether every look-up meets it."""

    loaded: LoadedObject
    is_global: bool


@dataclass(frozen=True, slots=True)
class BindingTable:
    """Objects in load order and the rows of each, in the order of its relocations."""

    objects: tuple[Placed, ...]
    rows: tuple[Row, ...]
    failures: tuple[LoadFailure, ...] = ()


def process_table(process: Process, explained: bytes | None = None) -> BindingTable:
    """One process as it is, compared with nothing; `explained`: a symbol to tell more about."""
    placed = tuple(Placed(loaded, process.is_global(loaded)) for loaded in process.objects)
    rows = with_decisions(process, map(Row, process.bindings()), explained)
    return BindingTable(placed, tuple(rows), process.failures)


def with_decisions(process: Process, rows: Iterable[Row], explained: bytes | None) -> Iterator[Row]:
    """Rows of that process, those of one symbol with the look-up that led to them."""
    for row in rows:
        if explained is None or row.binding.symbol != explained:
            yield row
        else:
            yield replace(row, decision=decide(process, row.binding))


def extension_open(extension: Extension, caller: str | None = None) -> Open:
    """CPython's dlopen of one extension (Python/dynload_shlib.c): RTLD_NOW, local.

    `caller`: path of the object that contains the interpreter, None for the main program.
    """
    return Open(extension.path, OpenFlags.NOW, caller, "python")


def each_alone(
    extensions: Iterable[Extension],
    parent: Process,
    interpreter: Process | None,
    caller: str | None = None,
    explained: bytes | None = None,
) -> BindingTable:
    """Every extension in a fork of its own; what two of them bring in stands there once."""
    tables = [in_sequence((each,), parent, interpreter, caller, explained) for each in extensions]
    objects: dict[str, Placed] = {}
    rows: dict[tuple[object, ...], Row] = {}
    for table in tables:
        for placed in table.objects:
            objects.setdefault(placed.loaded.real, placed)
        for row in table.rows:
            rows.setdefault(key_of(row.binding), row)
    failures = tuple(failure for table in tables for failure in table.failures)
    return BindingTable(tuple(objects.values()), tuple(rows.values()), failures)


def key_of(binding: Binding) -> tuple[object, ...]:
    """The same binding, whichever extension shows it."""
    reference, provider = binding.reference, binding.provider
    where = (binding.object.real, reference.name, reference.version, reference.lookup_class)
    return (*where, provider.real if provider else None)


def in_sequence(
    extensions: Iterable[Extension],
    parent: Process,
    interpreter: Process | None,
    caller: str | None = None,
    explained: bytes | None = None,
) -> BindingTable:
    """Extensions imported one after the other: only what they add to the parent.

    `caller`: path of the object in httpd that contains the interpreter.
    """
    here = parent.fork()
    there = interpreter.fork() if interpreter else None
    objects: list[Placed] = []
    rows: list[Row] = []
    failures: list[LoadFailure] = []
    for extension in extensions:
        if there is not None:
            there.open(extension_open(extension))
        opened = here.open(extension_open(extension, caller))
        if isinstance(opened, LoadFailure):
            failures.append(opened)
            continue
        objects += [Placed(loaded, here.is_global(loaded)) for loaded in here.new_objects]
        found = compared(here, there) if there else map(Row, new_bindings(here))
        rows += with_decisions(here, found, explained)
    return BindingTable(tuple(objects), tuple(rows), tuple(failures))


def new_bindings(process: Process) -> Iterator[Binding]:
    """Bindings of what the last open mapped."""
    for loaded in process.new_objects:
        yield from process.bindings_of(loaded)


def compared(here: Process, there: Process) -> Iterator[Row]:
    """What the last open mapped in both processes, side by side.

    Equal files have the same references in the same order, so they pair up one to one.
    """
    standalone = {loaded.real: loaded for loaded in there.objects}
    for loaded in here.new_objects:
        twin = standalone.get(loaded.real)
        if twin is None or not there.providers(twin):
            yield from map(Row, here.bindings_of(loaded))
            continue
        for binding, other in zip(here.bindings_of(loaded), there.providers(twin), strict=True):
            yield Row(binding, True, other, is_interposed(here, there, binding, other))  # noqa: FBT003  a field


def is_interposed(
    here: Process, there: Process, binding: Binding, other: LoadedObject | None
) -> bool:
    """The verdict of the checks on one reference."""
    if other is None:
        return False
    winner = behind(here, binding.symbol, binding.provider)
    loser = behind(there, binding.symbol, other)
    return not is_equivalent(binding.reference, winner, loser)
