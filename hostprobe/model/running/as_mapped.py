"""One running process through the loader model: the plan's order, what is mapped, the mapped files.

/proc/PID/maps gives neither the order of dlopens nor their flags: both are the plan's.
"""

from dataclasses import dataclass

from hostprobe.facts.files import Missing
from hostprobe.facts.plan import Close, Open, OpenFlags, Plan
from hostprobe.model.instance import Extension
from hostprobe.model.linkage import Linkage
from hostprobe.model.loader.process import Process, simulate
from hostprobe.model.running.mapped import MappedObject, RunningObjects

GUESS = "mapped by the process; who opened it, when and how is not known"


@dataclass(frozen=True, slots=True)
class AsMapped:
    """The process before Python's imports, and what it has imported."""

    parent: Process
    """With what no plan explains opened last, each local."""

    extensions: tuple[Extension, ...]
    """Python extensions that are mapped, the first mapping first as far as addresses tell."""

    surplus: tuple[str, ...]
    """Real paths that the model loads and the process has not mapped."""


def as_mapped(linkage: Linkage, objects: RunningObjects, pid: int) -> AsMapped:
    """What the loader did in one process of a running httpd, as far as that can be known."""
    process = next(one for one in objects.running.processes if one.facts.pid == pid)
    mapped = objects.of(process)
    parent = simulate(objects.overlay, only_mapped(linkage, mapped))
    paths = {path for one in mapped for path in (one.real, one.path)}
    surplus = tuple(one.real for one in parent.objects if one.real not in paths)
    rest = objects.unexplained(process)
    extensions = tuple(extension(one) for one in rest if one.is_extension)
    explained = {loaded.real for loaded in with_imports(parent, extensions).objects}
    for one in rest:
        if one.path not in explained and not one.is_extension:
            parent.open(Open(one.path, OpenFlags.NOW, guess=GUESS))
            explained.update(loaded.real for loaded in parent.new_objects)
    return AsMapped(parent, extensions, surplus)


def only_mapped(linkage: Linkage, mapped: tuple[MappedObject, ...]) -> Plan:
    """The parent's plan without opens of what the process has not mapped."""
    paths = {path for one in mapped for path in (one.real, one.path)}

    def is_kept(operation: Open | Close) -> bool:
        stat = linkage.files.stat(operation.path)
        real = operation.path if isinstance(stat, Missing) else stat.real
        return "/" not in operation.path or real in paths

    plan = linkage.plan
    kept = tuple(operation for operation in plan.operations if is_kept(operation))
    return Plan(plan.main, kept, plan.environment)


def extension(one: MappedObject) -> Extension:
    """The module is the file's name up to the first dot."""
    return Extension(one.path.rpartition("/")[2].partition(".")[0], one.path)


def with_imports(parent: Process, extensions: tuple[Extension, ...]) -> Process:
    """A fork of the parent that has imported these."""
    process = parent.fork()
    for one in extensions:
        process.open(Open(one.path, OpenFlags.NOW, by="python"))
    return process
