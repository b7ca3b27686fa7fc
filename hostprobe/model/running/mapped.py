"""What the processes of one httpd have mapped, beside what the plan says and what is on disk."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property

from hostprobe.facts.elf import ET_DYN, Elf
from hostprobe.facts.files import Files, Missing, Stat
from hostprobe.facts.process import HttpdProcess, MappedFile
from hostprobe.model.loader.objects import LoadedObject, text
from hostprobe.model.loader.process import Process
from hostprobe.model.running.overlay import Earlier, Overlay
from hostprobe.model.running.processes import Running, RunningProcess

DELETED = " (deleted)"


@dataclass(frozen=True, slots=True)
class MappedObject:
    """One ELF object that processes of an instance have mapped."""

    file: MappedFile
    elf: Elf | Missing
    """Of the very file that is mapped."""

    processes: tuple[RunningProcess, ...]
    """Those that have mapped it, the parent first."""

    link: str
    """The mapped file itself, as a command can read it: /proc/PID/map_files/START-END."""

    is_replaced: bool
    """Its path leads to another file now, or to none."""

    planned: LoadedObject | None = None
    """The object of the plan that it is, or that stands in its place now."""

    @property
    def path(self) -> str:
        """Where it was mapped from."""
        return self.file.path

    @property
    def real(self) -> str:
        """Where the plan finds it or what stands in its place."""
        return self.planned.real if self.planned else self.path

    @property
    def soname(self) -> str:
        """The mapped object's, or the file's name."""
        known = None if isinstance(self.elf, Missing) else self.elf.soname
        return text(known) if known else self.path.rpartition("/")[2]

    @property
    def needed(self) -> tuple[bytes, ...]:
        """DT_NEEDED of the mapped object, where that could be read."""
        return () if isinstance(self.elf, Missing) else self.elf.needed

    @property
    def is_extension(self) -> bool:
        """It is a module that Python imports: it defines PyInit_NAME."""
        names = () if isinstance(self.elf, Missing) else self.elf.definitions
        return any(name.startswith(b"PyInit_") for name in names)


@dataclass(frozen=True)
class RunningObjects:
    """The objects of one running httpd, in the order in which the parent's plan loads them."""

    files: Files
    running: Running
    plan: Process
    """The parent as the files on disk say."""

    @cached_property
    def all(self) -> tuple[MappedObject, ...]:
        """Planned ones in load order, then the others, the youngest mapping last."""
        order = {loaded.real: number for number, loaded in enumerate(self.plan.objects)}
        found = sorted(self._objects(), key=lambda one: -one.file.start)
        return tuple(sorted(found, key=lambda one: order.get(one.real, len(order))))

    @cached_property
    def replaced(self) -> tuple[MappedObject, ...]:
        """What a restart would take another file for, or none."""
        return tuple(one for one in self.all if one.is_replaced)

    @cached_property
    def unread(self) -> tuple[str, ...]:
        """Why something is not known of its processes."""
        found = [one.facts.unread for one in self.running.processes]
        return tuple(dict.fromkeys(reason for reason in found if reason))

    @cached_property
    def overlay(self) -> Overlay:
        """The host's files with what was replaced in its old state, as far as that can be read."""
        earlier = {
            path: Earlier(one.file.device, one.file.inode, one.elf)
            for one in self.replaced
            if not isinstance(one.elf, Missing)
            for path in names_of(one)
        }
        return Overlay(self.files, earlier)

    def unexplained(self, process: RunningProcess) -> tuple[MappedObject, ...]:
        """What one process has mapped and no plan explains, in the order of opening.

        Extensions first, then what needs others before these, each the oldest mapping first.
        """
        rest = [one for one in self.of(process) if one.planned is None]
        needed = {text(name) for one in rest for name in one.needed}
        return tuple(sorted(rest, key=lambda one: (not one.is_extension, one.soname in needed)))

    def of(self, process: RunningProcess) -> tuple[MappedObject, ...]:
        """What one of the processes has mapped."""
        return tuple(one for one in self.all if process in one.processes)

    def share(self, *groups: Iterable[str]) -> RunningProcess | None:
        """A process that has mapped at least one file of each group of paths."""
        wanted = [{self._real(path) for path in group} for group in groups]
        for process in self.running.processes:
            paths = {one.path for one in process.facts.files}
            if all(paths & group for group in wanted):
                return process
        return None

    def _real(self, path: str) -> str:
        stat = self.files.stat(path)
        return path if isinstance(stat, Missing) else stat.real

    def _objects(self) -> Iterator[MappedObject]:
        by_path = {loaded.real: loaded for loaded in self.plan.objects}
        by_soname = {loaded.soname: loaded for loaded in self.plan.objects if loaded.soname}
        for file, processes in holders(self.running).items():
            first = processes[0].facts
            is_replaced = changed(self.files, first, file)
            link = link_of(first, file)
            planned = by_path.get(file.path)
            elf = self._elf(file, first, planned, link if is_replaced else None)
            if elf is None:
                continue
            if planned is None and is_replaced and not isinstance(elf, Missing) and elf.soname:
                planned = by_soname.get(text(elf.soname))
            yield MappedObject(file, elf, processes, link, is_replaced, planned)

    def _elf(
        self,
        file: MappedFile,
        process: HttpdProcess,
        planned: LoadedObject | None,
        link: str | None,
    ) -> Elf | Missing | None:
        """The mapped object; None for what is no shared object or program at all."""
        if planned is not None and link is None:
            return planned.elf
        if planned is None and not looks_loaded(file):
            return None
        elf = self.files.elf(link or process.root + file.path)
        if isinstance(elf, Missing):
            is_object = planned or ".so" in file.path.rpartition("/")[2]
            return None if elf.not_found or not is_object else elf
        return elf if elf.is_dynamic or planned or elf.type == ET_DYN else None


def counted(files: Files, running: Running) -> Running:
    """The same processes, each with the number of its objects that were replaced."""
    numbers: Counter[int] = Counter()
    for file, processes in holders(running).items():
        first = processes[0].facts
        if looks_loaded(file) and changed(files, first, file):
            elf = files.elf(link_of(first, file))
            if not isinstance(elf, Missing) or not elf.not_found:
                numbers.update(one.facts.pid for one in processes)
    return Running(
        tuple(replace(one, replaced=numbers[one.facts.pid]) for one in running.processes)
    )


def looks_loaded(file: MappedFile) -> bool:
    """Some of it may be executed, or it is called like a library."""
    return file.is_executable or ".so" in file.path.rpartition("/")[2]


def link_of(process: HttpdProcess, file: MappedFile) -> str:
    """The mapped file itself (proc_pid_map_files(5))."""
    return f"/proc/{process.pid}/map_files/{file.start:x}-{file.end:x}"


def holders(running: Running) -> Mapping[MappedFile, tuple[RunningProcess, ...]]:
    """Every mapped file with the processes that have it; a file's place may differ in each."""
    found: dict[tuple[str, int, int, bool], list[tuple[MappedFile, RunningProcess]]] = {}
    for process in running.processes:
        for file in process.facts.files:
            key = (file.path, file.device, file.inode, file.is_deleted)
            found.setdefault(key, []).append((file, process))
    return {pairs[0][0]: tuple(process for _, process in pairs) for pairs in found.values()}


def changed(files: Files, process: HttpdProcess, file: MappedFile) -> bool:
    """The path that a file was mapped from leads to another file now, or nowhere.

    On btrfs and overlayfs the device in maps differs from stat's and the inode may after a copy
    up: there only the kernel's own word "deleted" counts. A file that is mapped keeps its inode.
    """
    stat = files.stat(process.root + file.path)
    if isinstance(stat, Stat) and stat.inode == file.inode:
        return False
    if file.is_deleted:
        named = files.stat(f"{process.root}{file.path}{DELETED}")
        is_its_name = isinstance(named, Stat) and named.inode == file.inode
        return not is_its_name and (isinstance(stat, Stat) or stat.not_found)
    return isinstance(stat, Stat) and stat.device == file.device


def names_of(one: MappedObject) -> Iterator[str]:
    """Where a search met the object when it was mapped."""
    yield one.real
    if one.planned is None:
        yield one.path
        yield f"{one.path.rpartition('/')[0]}/{one.soname}"
