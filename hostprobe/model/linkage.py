"""One httpd instance through the loader model: parent process, extensions, conflicts."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

from hostprobe.facts.files import Files, Missing
from hostprobe.facts.package import Owner
from hostprobe.facts.plan import Plan
from hostprobe.model.httpd.plan import httpd_plan
from hostprobe.model.instance import Application, Extension, Instance, PythonEnvironment
from hostprobe.model.interposition.copies import Copies, brought_copies, copies
from hostprobe.model.interposition.cure import Cure, try_cures, try_cures_of_refusal
from hostprobe.model.interposition.families import Family
from hostprobe.model.interposition.harm import Harm, harm_of
from hostprobe.model.interposition.partition import (
    HASHLIB,
    OPENSSL_STATIC,
    SONAME,
    Interposition,
    partition,
    refused_by,
)
from hostprobe.model.interposition.rebinding import ExtensionLoad, load_extension
from hostprobe.model.loader.index import Index
from hostprobe.model.loader.objects import FailureKind, LoadedObject, LoadFailure
from hostprobe.model.loader.process import Process, simulate, start
from hostprobe.model.ownership import owner
from hostprobe.model.release import releases
from hostprobe.model.running.mapped import RunningObjects

UNPROMISED = (SONAME, HASHLIB, OPENSSL_STATIC)
"""Owners whose winner has no version nodes that promise anything: complete moves need cures too."""


@dataclass(frozen=True, slots=True)
class Reach:
    """Which applications an extension concerns."""

    importing: tuple[str, ...]
    """Applications whose module-level imports reach it."""

    installed: tuple[str, ...]
    """Applications whose environment merely offers it."""

    is_given: bool = False
    """Named on the command line: judged as if an application imported it."""

    @property
    def is_imported(self) -> bool:
        """It matters now, not only once somebody imports it."""
        return bool(self.importing) or self.is_given


@dataclass(frozen=True, slots=True)
class Brought:
    """An object of the process, and who brings it in."""

    object: LoadedObject
    extensions: tuple[Extension, ...]
    """The imports that map it; empty for what httpd has before."""

    reach: Reach

    @property
    def is_of_httpd(self) -> bool:
        """The parent process has it, so every application does."""
        return not self.extensions


@dataclass(frozen=True, slots=True)
class Conflict:
    """An interposition with everything a finding says about it."""

    interposition: Interposition
    harm: Harm
    reach: Reach
    cures: tuple[Cure, ...]
    """Tried only for what an application imports and what does harm."""

    owners: Mapping[str, Owner]
    """Real path -> package, for losers and winners."""

    versions: Mapping[str, str]
    """Real path -> release that the file itself tells."""


@dataclass(frozen=True)
class Linkage:
    """The loader model of one instance; its parts are computed when first asked for."""

    files: Files
    instance: Instance
    extra: tuple[Extension, ...] = ()
    """Extensions given by hand."""

    interpreter_path: str | None = None
    """Standalone interpreter given by hand; None: the environment's own."""

    root: str = "/"
    """Where the inspected root is mounted, for commands that a finding proposes."""

    _index: Index = field(default_factory=Index)
    _interpreters: dict[str, Process] = field(default_factory=dict)
    _beside: dict[str, Process] = field(default_factory=dict)
    """Extension -> the standalone process it was compared with."""

    _trial: list[tuple[Plan, Process]] = field(default_factory=list)
    """The last changed plan's process: it is asked for once to build a cure, once to judge it."""

    @cached_property
    def plan(self) -> Plan:
        """What the parent process opens before it forks."""
        return self.plan_after(0)

    def plan_after(self, restarts: int) -> Plan:
        """The same after that many graceful restarts."""
        one = self.instance
        return httpd_plan(one.configuration, one.late_opens, restarts, one.driver_opens)

    @cached_property
    def started(self) -> Process:
        """The parent before it opens anything: other plans are tried from here too."""
        return start(self.files, replace(self.plan, operations=()), index=self._index)

    @cached_property
    def configured(self) -> Process:
        """The parent after the configuration was read twice, before the late opens."""
        one = self.instance
        return carried_on(self.started, httpd_plan(one.configuration, drivers=one.driver_opens))

    @cached_property
    def parent(self) -> Process:
        """The parent as it forks: every child and daemon is a copy of it."""
        return self.follow(self.plan)

    @cached_property
    def running(self) -> RunningObjects | None:
        """What its processes have mapped; None where it does not run."""
        running = self.instance.running
        return None if running is None else RunningObjects(self.files, running, self.parent)

    @property
    def dead_on_start(self) -> LoadFailure | None:
        """Why the httpd binary itself would not load, before it opens anything."""
        died = self.configured.died
        return died if died is not None and died.cause is None else None

    @property
    def unread_start(self) -> LoadFailure | None:
        """The same where hostprobe could not read it: nothing is known of this httpd's process."""
        failure = self.dead_on_start
        return failure if failure and failure.kind is FailureKind.UNREADABLE else None

    def follow(self, plan: Plan) -> Process:
        """Simulate a plan, from where it leaves the configured parent's if it begins like it."""
        begun = self.configured.plan
        if plan.environment != begun.environment:
            return simulate(self.files, plan, index=self._index)
        begins_so = plan.operations[: len(begun.operations)] == begun.operations
        return carried_on(self.configured if begins_so else self.started, plan)

    @cached_property
    def environments(self) -> tuple[PythonEnvironment, ...]:
        """The distinct Python environments of the instance's applications."""
        found = {
            id(application.environment): application.environment
            for application in self.instance.programs
            if isinstance(application.environment, PythonEnvironment)
        }
        return tuple(found.values())

    @cached_property
    def loads(self) -> tuple[ExtensionLoad, ...]:
        """Every extension of every environment, each alone in the parent's scope."""
        offers = [(one.executable, one.extensions) for one in self.environments]
        offers.append((self.usual_executable, self.extra))
        found: dict[str, ExtensionLoad] = {}
        for executable, extensions in reversed(offers):
            interpreter = self.interpreter(executable)
            for extension in extensions:
                if interpreter is not None and extension.path not in found:
                    self._beside[extension.path] = interpreter
                    found[extension.path] = load_extension(extension, self.parent, interpreter)
        return tuple(found.values())

    @property
    def usual_executable(self) -> str:
        """The standalone interpreter that given extensions are compared with."""
        found = (one.executable for one in self.environments if one.executable)
        return next(found, f"/usr/bin/python{self.instance.python_version}")

    @cached_property
    def unjudged(self) -> tuple[str, ...]:
        """What the model could not establish: of the process, and environments without a Python."""
        alone = tuple(
            f"{one.home or one.prefix}: no Python {one.version} to compare with, so its extensions "
            "were not judged (--python EXE names one)"
            for one in self.environments
            if one.extensions and self.interpreter(one.executable) is None
        )
        return (*self.parent.problems, *alone)

    def interpreter(self, executable: str | None) -> Process | None:
        """The standalone interpreter as a process; None where the host has none."""
        path = self.interpreter_path or executable
        if path is None or isinstance(self.files.elf(path), Missing):
            return None
        if path not in self._interpreters:
            self._interpreters[path] = start(self.files, Plan(path), index=self._index)
        return self._interpreters[path]

    def load_again(
        self, plan: Plan, loads: Iterable[ExtensionLoad]
    ) -> tuple[Process, tuple[ExtensionLoad, ...]]:
        """Simulate a changed plan and load the same extensions in it."""
        if not self._trial or self._trial[0][0] != plan:
            self._trial[:] = [(plan, self.follow(plan))]
        process = self._trial[0][1]
        return process, tuple(
            load_extension(load.extension, process, self._beside[load.extension.path])
            for load in loads
        )

    @cached_property
    def interpositions(self) -> tuple[Interposition, ...]:
        """Every rebinding of every extension, each in exactly one interposition."""
        return partition(self.loads)

    @cached_property
    def brought(self) -> tuple[Brought, ...]:
        """Every object of httpd, then what imports add, each once."""
        added: dict[str, tuple[LoadedObject, list[Extension]]] = {}
        for load in self.loads:
            for one in load.brought:
                added.setdefault(one.real, (one, []))[1].append(load.extension)
        own = (Brought(one, (), Reach((), ())) for one in self.parent.objects)
        rest = (
            Brought(one, tuple(extensions), self.reach(extensions))
            for one, extensions in added.values()
        )
        return (*own, *rest)

    def conflicts(self, family: str) -> Iterator[Conflict]:
        """The interpositions that a check owns: those of one family, or "" for the rest."""
        for one in self.interpositions:
            if one.family == family:
                yield self.conflict(one)

    def refusals(self, family: str) -> Iterator[ExtensionLoad]:
        """Extensions that fail to load in an httpd that runs, for a reason of that owner."""
        for load in () if self.dead_on_start else self.loads:
            if load.failure and refused_by(load) == family:
                yield load

    def cures_of(self, load: ExtensionLoad) -> Iterator[Cure]:
        """What would let an extension load that httpd's libraries keep out."""
        yield from try_cures_of_refusal(load, self.plan, self.parent, self.load_again)

    def copies(self, family: Family) -> Iterator[Copies]:
        """Libraries of a family that the process holds more than once, by itself or by imports."""
        yield from copies(self.parent, family)
        yield from brought_copies(self.parent, self.loads, family)

    def conflict(self, one: Interposition) -> Conflict:
        """Judge one interposition and try its cures."""
        objects = (*one.losers, *one.winners)
        versions = self.versions(objects)
        paths = {extension.path for extension in one.extensions}
        loads = tuple(load for load in self.loads if load.extension.path in paths)
        reach, harm = self.reach(one.extensions), harm_of(one, versions)
        trials = try_cures(one, loads, self.plan, self.parent, self.load_again)
        is_harmful = harm is not Harm.replaced or one.family in UNPROMISED
        return Conflict(
            one,
            harm,
            reach,
            tuple(trials) if reach.is_imported and is_harmful else (),
            self.owners(objects),
            versions,
        )

    def versions(self, objects: Iterable[LoadedObject]) -> dict[str, str]:
        """What the files themselves say of their release."""
        return releases(self.files, tuple(objects))

    def owners(self, objects: Iterable[LoadedObject]) -> dict[str, Owner]:
        """Who installed the files."""
        found = {loaded.real: owner(self.files, loaded.real) for loaded in objects}
        return {path: who for path, who in found.items() if who is not None}

    def reach(self, extensions: Iterable[Extension]) -> Reach:
        """Which applications import any of these, and which merely could."""
        paths = {extension.path for extension in extensions}
        users = self.users
        importing = {number for path in paths for number in users.importing.get(path, ())}
        offering = {number for path in paths for number in users.offered.get(path, ())}
        return Reach(
            tuple(users.names[number] for number in sorted(importing)),
            tuple(users.names[number] for number in sorted(offering - importing)),
            any(extension.path in paths for extension in self.extra),
        )

    @cached_property
    def users(self) -> "Users":
        """The applications of the instance by the extensions that concern them."""
        return users_of(self.instance.programs)


@dataclass(frozen=True, slots=True)
class Users:
    """Applications, by number, of each path of an extension."""

    names: tuple[str, ...]
    importing: Mapping[str, Collection[int]]
    offered: Mapping[str, Collection[int]]


def users_of(applications: tuple[Application, ...]) -> Users:
    """One index over all of them; those of one environment share a set."""
    importing: dict[str, list[int]] = {}
    environments: dict[int, tuple[PythonEnvironment, list[int]]] = {}
    for number, one in enumerate(applications):
        for path in {extension.path for extension in one.reachable}:
            importing.setdefault(path, []).append(number)
        if isinstance(one.environment, PythonEnvironment):
            environment = one.environment
            environments.setdefault(id(environment), (environment, []))[1].append(number)
    offered: dict[str, list[int]] = {}
    for environment, numbers in environments.values():
        for path in {extension.path for extension in environment.extensions}:
            offered.setdefault(path, []).extend(numbers)
    return Users(tuple(one.name for one in applications), importing, offered)


def carried_on(process: Process, plan: Plan) -> Process:
    """A fork that executes the rest of a plan, whose beginning the process has executed."""
    other = process.fork()
    for operation in plan.operations[len(process.plan.operations) :]:
        other.run(operation)
    other.plan = plan
    return other


@dataclass(frozen=True, slots=True)
class Linkages:
    """The linkage of every instance."""

    all: tuple[Linkage, ...]


class RunningLinkages(Linkages):
    """Only those whose httpd runs."""


class PythonLinkages(Linkages):
    """Only those whose httpd has a Python inside."""
