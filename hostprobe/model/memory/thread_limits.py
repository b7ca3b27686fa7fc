"""All threads of one httpd beside what limits their number: pids.max, TasksMax=, RLIMIT_NPROC."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property

from hostprobe.facts.files import Files, Missing
from hostprobe.facts.limits import ProcessStatus
from hostprobe.facts.memory import KernelNumber
from hostprobe.facts.words import leading_number
from hostprobe.model.httpd.environment import settings
from hostprobe.model.identity import identities
from hostprobe.model.memory.capacity import Capacity
from hostprobe.model.memory.control_groups import control_groups
from hostprobe.model.memory.crews import Crew
from hostprobe.model.memory.need import Need, Part
from hostprobe.model.memory.pools import Pools, pools_of
from hostprobe.model.memory.start_limits import unit_of
from hostprobe.model.users import Users

PERCENT = re.compile(r"(\d{1,3})(?:\.(\d{1,2}))?%")
TASKS = ("/proc/sys/kernel/pid_max", "/proc/sys/kernel/threads-max", "/sys/fs/cgroup/pids.max")


@dataclass(frozen=True, slots=True)
class ThreadLimit:
    """A limit that counts threads, and what is counted there; sizes are numbers of threads."""

    kind: str
    """"pids.max", "TasksMax" or "RLIMIT_NPROC"."""

    origin: str
    """A directory of a control group, a unit, a line."""

    allowed: int
    need: Need
    pooled: int
    """Of them in pools of numeric libraries."""

    refused: int = 0
    """How often it was reached so far."""

    @property
    def without_pools(self) -> int:
        """With one thread for each numeric library, that of its caller."""
        return self.need.total - self.pooled


class Tasks:
    """The threads of one httpd at its full size."""

    def __init__(self, capacity: Capacity) -> None:
        self._capacity = capacity

    @cached_property
    def pools(self) -> dict[str, Pools]:
        """By process group."""
        return {crew.group: pools_of(self._capacity, crew) for crew in self._capacity.crews}

    def limits(self) -> Iterator[ThreadLimit]:
        """Every limit that there is a number for."""
        yield from self.of_groups() if self._capacity.instance.running else self.of_unit()
        yield from self.of_users()

    def of_groups(self) -> Iterator[ThreadLimit]:
        """The control group with the least room for what is not httpd's."""
        running = self._capacity.instance.running
        assert running
        parts = (Part("httpd's parent process", 1), *self.parts(self._capacity.crews))
        found = []
        for group in control_groups(self._capacity.files, running.parent.pid, "pids"):
            limit = group.task_limit
            if limit is not None:
                others = Part("others in the same control group", max(0, group.tasks - self.own()))
                need = Need((*parts, others))
                origin = f"{group.directory}/pids.max"
                found.append(
                    ThreadLimit("pids.max", origin, limit, need, self.pooled(), group.refused_tasks)
                )
        yield from sorted(found, key=lambda one: one.allowed - one.need.total)[:1]

    def of_unit(self) -> Iterator[ThreadLimit]:
        """TasksMax= of the unit that would start it."""
        start = self._capacity.instance.configuration.start
        name, unit = unit_of(self._capacity.files, start)
        for text in settings(unit, "TasksMax")[-1:]:
            allowed = tasks_of(self._capacity.files, text)
            if allowed is not None:
                parts = (Part("httpd's parent process", 1), *self.parts(self._capacity.crews))
                need = Need(parts)
                yield ThreadLimit("TasksMax", f"TasksMax= of {name}", allowed, need, self.pooled())

    def of_users(self) -> Iterator[ThreadLimit]:
        """RLIMIT_NPROC counts by user, and does not bind root."""
        limit = self._capacity.limits.processes
        if limit is None or limit.value is None:
            return
        for user, crews in self.by_user().items():
            pooled = self.pooled(crews)
            if pooled or any(crew.stacks for crew in crews):
                origin = f"{limit.origin}, user {user}"
                need = Need(tuple(self.parts(crews)))
                yield ThreadLimit("RLIMIT_NPROC", origin, limit.value, need, pooled)

    def by_user(self) -> dict[str, list[Crew]]:
        """Crews by the user they run as; those of root and of unknown users are left out."""
        who = identities(Users(self._capacity.files), self._capacity.instance)
        found: dict[str, list[Crew]] = {}
        for crew in self._capacity.crews:
            one = who.of(crew.group)
            if not isinstance(one, Missing) and one.uid != 0:
                found.setdefault(one.user, []).append(crew)
        return found

    def parts(self, crews: Iterable[Crew]) -> Iterator[Part]:
        """Each crew at its full size."""
        for crew in crews:
            pool = self.pools[crew.group]
            each = crew.threads + pool.threads
            more = f" and {pool.threads} of {', '.join(pool.libraries)}" if pool.threads else ""
            what = f"{crew.processes} processes of {crew} with {crew.threads} threads{more}"
            yield Part(what, crew.processes * each)

    def pooled(self, crews: Iterable[Crew] | None = None) -> int:
        """Threads of pools in all processes of these crews, or of all."""
        chosen = self._capacity.crews if crews is None else crews
        return sum(crew.processes * self.pools[crew.group].threads for crew in chosen)

    def own(self) -> int:
        """Threads of httpd's processes that run now."""
        running = self._capacity.instance.running
        found = (
            self._capacity.files.read(f"/proc/{pid}/status", ProcessStatus)
            for pid in (running.pids if running else ())
        )
        return sum(one.threads for one in found if isinstance(one, ProcessStatus))


def tasks_of(files: Files, text: str) -> int | None:
    """A number of threads, or a part of what the system can have; None for no limit."""
    if text.isdecimal():
        return leading_number(text)
    share, most = PERCENT.fullmatch(text), system_tasks(files)
    if share is None or most is None:
        return None
    hundredths = int(share[1]) * 100 + int((share[2] or "").ljust(2, "0"))
    return most * hundredths // 10_000 if hundredths <= 10_000 else None


def system_tasks(files: Files) -> int | None:
    """The smallest of three numbers (system_tasks_max, shared/limits-util.c); None: not known."""
    found = [files.read(path, KernelNumber) for path in TASKS]
    numbers = [None if isinstance(one, Missing) else one.value for one in found]
    if numbers[0] is not None:
        numbers[0] -= 1  # one more than the largest process number
    return min((one for one in numbers if one is not None), default=None)
