"""One extension loaded twice, in httpd and standalone: what binds differently."""

from collections import Counter
from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from hostprobe.facts.elf import STT_FUNC, STT_GNU_IFUNC, STT_NOTYPE, Reference
from hostprobe.facts.plan import Open, OpenFlags
from hostprobe.model.instance import Extension
from hostprobe.model.interposition.displacement import Displacement, displacements
from hostprobe.model.interposition.harmless import ALLOCATION, is_glibc, is_same_provider
from hostprobe.model.loader.objects import LoadedObject, LoadFailure, Reason
from hostprobe.model.loader.process import Process


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

    brought: tuple[LoadedObject, ...] = ()
    """What its import maps in httpd, itself first."""

    displaced: tuple[Displacement, ...] = ()
    """Needed libraries that httpd answers with another file."""


def load_extension(extension: Extension, parent: Process, interpreter: Process) -> ExtensionLoad:
    """Simulate CPython's dlopen (RTLD_NOW, local) of one extension in both processes."""
    opening = Open(extension.path, OpenFlags.NOW, by="python")
    in_httpd, standalone = parent.fork(), interpreter.fork()
    opened, reference = in_httpd.open(opening), standalone.open(opening)
    failure = opened if isinstance(opened, LoadFailure) else None
    standalone_failure = reference if isinstance(reference, LoadFailure) else None
    displaced = (
        () if isinstance(reference, LoadFailure) else displacements(parent, standalone, reference)
    )
    if failure or standalone_failure:
        return ExtensionLoad(extension, failure, standalone_failure, displaced=displaced)
    return compare(extension, in_httpd, standalone, displaced)


def compare(
    extension: Extension,
    in_httpd: Process,
    standalone: Process,
    displaced: tuple[Displacement, ...],
) -> ExtensionLoad:
    """Set the bindings of what only the extension brings in side by side."""
    there = {loaded.real: loaded for loaded in standalone.objects}
    rebindings: list[Rebinding] = []
    kept = Counter[tuple[str, str]]()
    for loaded in in_httpd.new_objects:
        if loaded.real in there:
            pairs = in_httpd.providers(loaded), standalone.providers(there[loaded.real])
            same = same_files(*pairs, mains={in_httpd.main, standalone.main})
            kept.update({(loaded.real, pair[1].real): same[pair] for pair in same})
            for reference, here, elsewhere in zip(loaded.elf.references, *pairs, strict=False):
                if elsewhere is None or (here, elsewhere) in same:
                    continue
                winner = behind(in_httpd, reference.name, here)
                loser = behind(standalone, reference.name, elsewhere)
                if is_equivalent(reference, winner, loser):
                    kept[loaded.real, loser.real] += 1
                else:
                    rebindings.append(rebind(loaded.real, reference, winner, loser))
    return ExtensionLoad(
        extension,
        None,
        None,
        tuple(rebindings),
        kept,
        objects_in_use(extension, in_httpd),
        in_httpd.new_objects,
        displaced,
    )


def same_files(
    here: Sequence[LoadedObject | None],
    elsewhere: Sequence[LoadedObject | None],
    mains: Container[LoadedObject | None],
) -> dict[tuple[LoadedObject, LoadedObject], int]:
    """How many references have both providers of a pair, for pairs that need no closer look."""
    pairs = Counter(zip(here, elsewhere, strict=False))
    return {
        (winner, loser): count
        for (winner, loser), count in pairs.items()
        if winner is not None
        and loser is not None
        and winner.real == loser.real
        and winner not in mains
    }


Provider = TypeVar("Provider", LoadedObject, LoadedObject | None)


def behind(process: Process, symbol: bytes, provider: Provider) -> Provider:
    """The provider, a COPY slot or canonical PLT entry of the executable looked through.

    Both stand in the main program for something that it takes from a library itself.
    """
    if provider is None or provider is not process.main:
        return provider
    return process.main_takes.get(symbol, provider)


def is_equivalent(reference: Reference, winner: LoadedObject | None, loser: LoadedObject) -> bool:
    """Nothing changes that an administrator could notice."""
    if winner is None:
        return reference.weak
    if winner.real == loser.real:
        return True
    if is_libc_in_main(winner, loser) or is_libc_in_main(loser, winner):
        return True
    preloaded_on_purpose = winner.reason is Reason.PRELOAD and reference.name in ALLOCATION
    return preloaded_on_purpose or is_same_provider(reference.name, winner.elf, loser.elf)


def is_libc_in_main(one: LoadedObject, other: LoadedObject) -> bool:
    """A COPY slot of the executable under an alias of its name (`environ` for `__environ`)."""
    return one.reason is Reason.MAIN and is_glibc(other.elf)


def rebind(
    real: str, reference: Reference, winner: LoadedObject | None, loser: LoadedObject
) -> Rebinding:
    """Describe one difference."""
    name = reference.name
    kinds = {is_code(one, name) for one in (winner, loser) if one is not None}
    return Rebinding(real, name, reference.version, winner, loser, {True, False} <= kinds)


def is_code(provider: LoadedObject, symbol: bytes) -> bool | None:
    """STT_FUNC or STT_GNU_IFUNC against data; None where the symbol has no type."""
    kinds = {one.type for one in provider.elf.definitions.get(symbol, ())}
    if kinds <= {STT_NOTYPE}:
        return None
    return bool(kinds & {STT_FUNC, STT_GNU_IFUNC})


def objects_in_use(extension: Extension, process: Process) -> frozenset[str]:
    """Objects reached from the extension by its own bindings and those of what they reach."""
    root = next(one for one in process.new_objects if one.path == extension.path)
    seen, todo = {root}, [root]
    while todo:
        for provider in set(process.providers(todo.pop())):
            if provider is not None and provider not in seen:
                seen.add(provider)
                if provider in process.new_objects:
                    todo.append(provider)
    return frozenset(one.real for one in seen)
