"""What a restart changes where files were replaced under a running httpd: simulated, both kinds."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from hostprobe.facts.elf import Reference
from hostprobe.facts.files import Missing
from hostprobe.facts.plan import Close, Open, OpenFlags
from hostprobe.model.linkage import Linkage
from hostprobe.model.loader.objects import LoadedObject, LoadFailure
from hostprobe.model.loader.process import Process
from hostprobe.model.running.mapped import MappedObject, RunningObjects
from hostprobe.model.running.present import present

Key = tuple[str, bytes, bytes | None, int]


@dataclass(frozen=True, slots=True)
class Move:
    """A reference that another library answers afterwards."""

    object: str
    """Real path of the object that refers."""

    symbol: bytes
    version: bytes | None
    before: str | None
    """Real path of the provider now; None: nobody, the reference is weak or lazy."""

    after: str | None
    """The same afterwards."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one kind of restart does."""

    failures: tuple[LoadFailure, ...]
    """Loads that succeed in the running httpd and would fail."""

    moves: tuple[Move, ...]
    kept: tuple[str, ...] = ()
    """Replaced objects that stay mapped in their old state."""

    @property
    def is_harmless(self) -> bool:
        """Everything loads and binds as before."""
        return not self.failures and not self.moves


@dataclass(frozen=True, slots=True)
class Forecast:
    """Both kinds of restart of one httpd."""

    objects: RunningObjects
    unknown: tuple[str, ...]
    """Why the old state of a replaced object is not known: then nothing is simulated."""

    graceful: Outcome | None
    full: Outcome | None

    @property
    def is_harmless(self) -> bool:
        """Both are known to leave everything as it is."""
        return all(one is not None and one.is_harmless for one in (self.graceful, self.full))


def forecast(linkage: Linkage, objects: RunningObjects) -> Forecast:
    """Simulate the httpd with the files it has mapped, and again with those on disk."""
    unknown = tuple(one.elf.reason for one in objects.replaced if isinstance(one.elf, Missing))
    if unknown:
        return Forecast(objects, unknown, None, None)
    extensions = [one for one in objects.all if one.is_extension and one.planned is None]
    running = present(linkage, objects)
    now = with_surplus(running.parent.fork(), objects)
    graceful = gracefully_restarted(running, linkage, now)
    before = imported(now, extensions)
    old = {one.real: one.file.inode for one in objects.replaced}
    return Forecast(
        objects,
        (),
        compared(before, imported(graceful, extensions), tuple(still_old(graceful, old))),
        compared(before, imported(linkage.parent.fork(), on_disk(linkage, extensions))),
    )


def with_surplus(process: Process, objects: RunningObjects) -> Process:
    """The parent with what it has mapped beyond the plan, each opened locally and never closed."""
    for one in objects.unexplained(objects.running.processes[0]):
        if all(loaded.real != one.path for loaded in process.objects):
            process.open(Open(one.path, OpenFlags.NOW))
    return process


def gracefully_restarted(running: Linkage, linkage: Linkage, now: Process) -> Process:
    """The same process closes what it has opened and reads the configuration from disk."""
    process = now.fork()
    if process.state is not None:
        process.state.files = linkage.files
    for operation in at_restart(running):
        if isinstance(operation, Close):
            process.run(operation)
    for operation in at_restart(linkage):
        if isinstance(operation, Open):
            process.run(operation)
    return process


def at_restart(linkage: Linkage) -> tuple[Open | Close, ...]:
    """What a graceful restart closes, and then opens."""
    return linkage.plan_after(1).operations[len(linkage.plan.operations) :]


def still_old(process: Process, inodes: Mapping[str, int]) -> Iterator[str]:
    """Replaced objects that the process holds in their old state."""
    if process.state is None:
        return
    numbers = {number: identity for identity, number in process.state.index.numbers.items()}
    for loaded in process.objects:
        identity = numbers.get(loaded.file)
        if loaded.real in inodes and (identity is None or identity[1] == inodes[loaded.real]):
            yield loaded.real


def on_disk(linkage: Linkage, extensions: Iterable[MappedObject]) -> list[MappedObject]:
    """Extensions that are still there: an upgrade may give them another name."""
    found = ((one, linkage.files.stat(one.path)) for one in extensions)
    return [one for one, stat in found if not isinstance(stat, Missing)]


def imported(parent: Process, extensions: Iterable[MappedObject]) -> Process:
    """A fork of the parent that imports these one after the other."""
    process = parent.fork()
    for one in extensions:
        process.open(Open(one.path, OpenFlags.NOW, by="python"))
    return process


def compared(before: Process, after: Process, kept: tuple[str, ...] = ()) -> Outcome:
    """What fails or binds elsewhere afterwards."""
    known = {(failure.path, failure.missing) for failure in before.failures}
    new = {
        (failure.path, failure.missing): failure
        for failure in after.failures
        if (failure.path, failure.missing) not in known
    }
    return Outcome(tuple(new.values()), tuple(moves(before, after)), kept)


def moves(before: Process, after: Process) -> Iterator[Move]:
    """References of equal objects whose provider is another one."""
    answers = dict(providers(before))
    for key, provider in providers(after):
        if key in answers and path_of(answers[key]) != path_of(provider):
            object_, symbol, version, _ = key
            yield Move(object_, symbol, version, path_of(answers[key]), path_of(provider))


def providers(process: Process) -> Iterator[tuple[Key, LoadedObject | None]]:
    """Every reference of every object with what it is bound to."""
    for loaded in process.objects:
        for reference, provider in zip(
            loaded.elf.references, process.providers(loaded), strict=False
        ):
            yield key_of(loaded, reference), provider


def key_of(loaded: LoadedObject, reference: Reference) -> Key:
    """The same reference in another process."""
    return loaded.real, reference.name, reference.version, reference.lookup_class


def path_of(provider: LoadedObject | None) -> str | None:
    """Where the provider was found."""
    return None if provider is None else provider.real
