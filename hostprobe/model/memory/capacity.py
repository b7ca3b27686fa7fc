"""What the processes of each httpd need and what they may have."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from hostprobe.facts.files import Files, Missing
from hostprobe.facts.memory import OnlineProcessors
from hostprobe.facts.words import leading_number
from hostprobe.model.instance import Application, Instance
from hostprobe.model.linkage import Linkage
from hostprobe.model.memory.arenas import Arenas, arenas
from hostprobe.model.memory.crews import Crew, crews
from hostprobe.model.memory.need import (
    Measured,
    Need,
    Threads,
    by_crew,
    data_need,
    estimated,
    measured,
    sizes,
    space_need,
)
from hostprobe.model.memory.stacks import CLibrary, c_library, default_stack, stack_of
from hostprobe.model.memory.start_limits import (
    Limit,
    StartLimits,
    place_of_start,
    start_limits,
)
from hostprobe.model.running.processes import RunningProcess

RELEASE = re.compile(r"(\d{1,4})\.(\d{1,4})")
ALLOCATORS = ("jemalloc", "tcmalloc", "mimalloc")
"""Libraries that are preloaded in place of glibc's malloc."""

PROCESSORS = "/sys/devices/system/cpu/online"


@dataclass(frozen=True, slots=True)
class Squeeze:
    """One limit of one crew's processes beside what each of them needs."""

    crew: Crew
    kind: str
    """"RLIMIT_AS" or "RLIMIT_DATA"."""

    limit: Limit
    threads: Threads
    rest: Measured

    @property
    def need(self) -> Need:
        """The sum that the limit is compared with."""
        return self.need_of(self.threads)

    def need_of(self, threads: Threads) -> Need:
        """The same with other stacks or arenas."""
        rule = space_need if self.kind == "RLIMIT_AS" else data_need
        return rule(threads, self.rest)

    @property
    def allowed(self) -> int:
        """Bytes."""
        return self.limit.value or 0


@dataclass(frozen=True)
class Capacity:
    """One httpd with a Python inside; its parts are computed when first asked for."""

    linkage: Linkage
    kernel: str | None = None
    """uname -r; None for a root that does not run."""

    _rest: dict[str, Measured] = field(default_factory=dict)

    @property
    def files(self) -> Files:
        """The inspected root."""
        return self.linkage.files

    @property
    def instance(self) -> Instance:
        """The httpd."""
        return self.linkage.instance

    @property
    def environment(self) -> Mapping[str, str]:
        """Of the parent's start; empty where it is not known."""
        return self.instance.configuration.start.environment or {}

    @cached_property
    def limits(self) -> StartLimits:
        """What every process inherits."""
        return start_limits(self.files, self.instance)

    @cached_property
    def place(self) -> str:
        """Where an administrator changes limits and environment of the start."""
        return place_of_start(self.files, self.instance.configuration.start)

    @cached_property
    def c_library(self) -> CLibrary:
        """Whose threads and malloc they are."""
        return c_library(self.files, self.instance.configuration.start.binary)

    @cached_property
    def processors(self) -> int:
        """Of the running system; one at least in a root that does not run."""
        found = self.files.read(PROCESSORS, OnlineProcessors)
        return 1 if isinstance(found, Missing) else found.count

    @cached_property
    def crews(self) -> tuple[Crew, ...]:
        """Children and daemons."""
        return crews(self.instance)

    @cached_property
    def threads(self) -> Mapping[str, Threads]:
        """By process group, "" for httpd's children."""
        binary = self.instance.configuration.start.binary
        default = default_stack(self.files, binary, self.limits)
        directives = self.instance.configuration.directives
        return {
            crew.group: Threads(crew, stack_of(crew, directives, default), self.arenas_of(crew))
            for crew in self.crews
        }

    def arenas_of(self, crew: Crew) -> Arenas:
        """Those of glibc's malloc; what another one reserves is not known."""
        if self.c_library is CLibrary.musl:
            return Arenas(0, "musl's malloc reserves nothing for threads")
        preloaded = self.environment.get("LD_PRELOAD", "")
        if any(name in preloaded for name in ALLOCATORS):
            return Arenas(0, f"malloc is another one: LD_PRELOAD={preloaded}")
        return arenas(crew.stacks, self.processors, self.environment)

    def rest_of(self, crew: Crew) -> Measured:
        """What a process needs besides its threads: measured, else estimated."""
        if crew.group not in self._rest:
            self._rest[crew.group] = self._measured(crew) or self._estimated(crew)
        return self._rest[crew.group]

    def _measured(self, crew: Crew) -> Measured | None:
        return measured(self.files, self.processes(crew), crew, self.threads[crew.group].stack)

    def _estimated(self, crew: Crew) -> Measured:
        reached = {
            extension.path
            for application in self.applications(crew)
            for extension in application.reachable
        }
        return estimated(self._parent, sizes(self.files, reached))

    @cached_property
    def _parent(self) -> Mapping[str, int]:
        return sizes(self.files, {one.real for one in self.linkage.parent.objects})

    def processes(self, crew: Crew) -> list[RunningProcess]:
        """Those of a crew that run."""
        return self._running.get(crew.group, [])

    @cached_property
    def _running(self) -> Mapping[str, list[RunningProcess]]:
        return by_crew(self.instance.running)

    def applications(self, crew: Crew) -> list[Application]:
        """Those that run in the processes of a crew."""
        return self._applications.get(crew.group, [])

    @cached_property
    def _applications(self) -> Mapping[str, list[Application]]:
        found: dict[str, list[Application]] = {}
        for one in self.instance.applications:
            if one.process_group is not None:
                found.setdefault(one.process_group, []).append(one)
        return found

    def subject(self, crew: Crew) -> str:
        """What a finding about a crew is about."""
        return f"process-group:{crew.group}" if crew.options else f"instance:{self.instance.name}"

    def affected(self, crew: Crew) -> tuple[str, ...]:
        """The applications of a crew, or itself where it has none."""
        return tuple(one.name for one in self.applications(crew)) or (str(crew),)

    def ceilings(self, crew: Crew) -> Iterator[tuple[str, Limit]]:
        """The limits of virtual memory that hold for one process of the crew."""
        options = crew.options.options if crew.options else {}
        pairs = (
            ("RLIMIT_AS", "virtual-memory-limit", self.limits.address_space),
            ("RLIMIT_DATA", "memory-limit", self.limits.data),
        )
        for kind, option, inherited in pairs[: 1 if counts_brk_alone(self.kernel) else 2]:
            asked = leading_number(options.get(option, ""))
            limit = Limit(asked, f"{option}= ({crew.where})") if asked > 0 else inherited
            if limit is not None and limit.value is not None:
                yield kind, limit

    @cached_property
    def squeezes(self) -> tuple[Squeeze, ...]:
        """Every limit of every crew that has threads."""
        return tuple(
            Squeeze(crew, kind, limit, self.threads[crew.group], self.rest_of(crew))
            for crew in self.crews
            if crew.stacks
            for kind, limit in self.ceilings(crew)
        )


def counts_brk_alone(kernel: str | None) -> bool:
    """RLIMIT_DATA of Linux before 4.7 knows nothing of stacks and other mappings."""
    found = RELEASE.match(kernel or "")
    return found is not None and (int(found[1]), int(found[2])) < (4, 7)


@dataclass(frozen=True, slots=True)
class Capacities:
    """Of every httpd with a Python inside."""

    all: tuple[Capacity, ...]
