"""One extension loaded twice, in httpd and standalone: what binds differently."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from hostprobe.facts.elf import STT_FUNC, STT_GNU_IFUNC, STT_NOTYPE, LookupClass
from hostprobe.facts.plan import Open, OpenFlags
from hostprobe.model.instance import Extension
from hostprobe.model.interposition.harmless import ALLOCATION, is_same_provider
from hostprobe.model.loader.binding import Binding
from hostprobe.model.loader.objects import LoadedObject, LoadFailure
from hostprobe.model.loader.process import Process

Key = tuple[str, bytes, bytes | None, LookupClass]
"""Referencing object by real path, symbol, version, class: the same reference in two processes."""


@dataclass(frozen=True, slots=True)
class Rebinding:
    """One reference that httpd binds to another provider than the standalone interpreter does."""

    object: str
    """Real path of the referencing object."""

    symbol: bytes
    version: bytes | None
    winner: LoadedObject | None
    """Provider in httpd; None: left unresolved there."""

    loser: LoadedObject
    """Provider in the standalone interpreter."""

    changes_type: bool
    """A function where data was expected, or the reverse."""


@dataclass(frozen=True, slots=True)
class ExtensionLoad:
    """What happens when one extension is imported alone, in httpd and standalone."""

    extension: Extension
    failure: LoadFailure | None
    """Why it would not load in httpd."""

    standalone_failure: LoadFailure | None
    rebindings: tuple[Rebinding, ...] = ()
    kept: Mapping[tuple[str, str], int] = field(default_factory=dict)
    """(referencing object, provider) -> references that stay with the standalone provider."""

    in_use: frozenset[str] = frozenset()
    """Objects that the extension reaches by bindings in httpd; a copy that is bypassed is not."""


def load_extension(extension: Extension, parent: Process, interpreter: Process) -> ExtensionLoad:
    """Simulate CPython's dlopen (RTLD_NOW, local) of one extension in both processes."""
    opening = Open(extension.path, OpenFlags.NOW, by="python")
    in_httpd, standalone = parent.fork(), interpreter.fork()
    opened, reference = in_httpd.open(opening), standalone.open(opening)
    failure = opened if isinstance(opened, LoadFailure) else None
    standalone_failure = reference if isinstance(reference, LoadFailure) else None
    if failure or standalone_failure:
        return ExtensionLoad(extension, failure, standalone_failure)
    return compare(extension, in_httpd, standalone)


def compare(extension: Extension, in_httpd: Process, standalone: Process) -> ExtensionLoad:
    """Set the bindings of what only the extension brings in side by side."""
    here = list(bindings_of_new(in_httpd))
    there = {key_of(binding): binding for binding in bindings_of_new(standalone)}
    rebindings, kept = [], Counter[tuple[str, str]]()
    for binding in here:
        other = there.get(key_of(binding))
        if other is None or other.provider is None:
            continue
        winner, loser = behind(in_httpd, binding), behind(standalone, other)
        if loser is None:
            continue
        if is_equivalent(binding, winner, loser):
            kept[binding.object.real, loser.real] += 1
        else:
            rebindings.append(rebind(binding, winner, loser))
    return ExtensionLoad(
        extension, None, None, tuple(rebindings), kept, objects_in_use(extension, here)
    )


def bindings_of_new(process: Process) -> Iterator[Binding]:
    """Bindings of the objects that the last open mapped."""
    for loaded in process.new_objects:
        yield from process.bindings_of(loaded)


def key_of(binding: Binding) -> Key:
    """The same reference in another process."""
    reference = binding.reference
    return binding.object.real, reference.name, reference.version, reference.lookup_class


def behind(process: Process, binding: Binding) -> LoadedObject | None:
    """The provider, a COPY slot or canonical PLT entry of the executable looked through.

    Both stand in the main program for something that it takes from a library itself.
    """
    provider = binding.provider
    if provider is None or provider is not process.main:
        return provider
    return process.main_takes.get(binding.reference.name, provider)


def is_equivalent(binding: Binding, winner: LoadedObject | None, loser: LoadedObject) -> bool:
    """Nothing changes that an administrator could notice."""
    if winner is None:
        return binding.reference.weak
    if winner.real == loser.real:
        return True
    symbol = binding.reference.name
    preloaded_on_purpose = winner.reason == "preload" and symbol in ALLOCATION
    return preloaded_on_purpose or is_same_provider(symbol, winner.elf, loser.elf)


def rebind(binding: Binding, winner: LoadedObject | None, loser: LoadedObject) -> Rebinding:
    """Describe one difference."""
    reference = binding.reference
    changes = winner is not None and (
        is_code(winner, reference.name) is not is_code(loser, reference.name)
    )
    return Rebinding(
        binding.object.real, reference.name, reference.version, winner, loser, changes
    )


def is_code(provider: LoadedObject, symbol: bytes) -> bool | None:
    """STT_FUNC or STT_GNU_IFUNC against data; None where the symbol has no type."""
    kinds = {one.type for one in provider.elf.definitions.get(symbol, ())}
    if kinds <= {STT_NOTYPE}:
        return None
    return bool(kinds & {STT_FUNC, STT_GNU_IFUNC})


def objects_in_use(extension: Extension, bindings: list[Binding]) -> frozenset[str]:
    """Objects reached from the extension by its own bindings and those of what they reach."""
    reaches: dict[str, set[str]] = {}
    root = None
    for binding in bindings:
        if binding.provider is not None:
            reaches.setdefault(binding.object.real, set()).add(binding.provider.real)
        if binding.object.path == extension.path:
            root = binding.object.real
    seen: set[str] = set()
    todo = [root] if root else []
    while todo:
        name = todo.pop()
        if name not in seen:
            seen.add(name)
            todo += reaches.get(name, ())
    return frozenset(seen)
