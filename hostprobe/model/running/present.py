"""The httpd that runs now as a linker model: what it has mapped, in the files as they were."""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import replace

from hostprobe.facts.files import Files, Missing
from hostprobe.facts.httpd import Configuration, ModuleLoad, Where
from hostprobe.facts.plan import Open
from hostprobe.model.instance import Application
from hostprobe.model.linkage import Linkage
from hostprobe.model.loader.objects import text
from hostprobe.model.running.mapped import MappedObject, RunningObjects

MODULE = b"_module"
"""How the variable of every `module` structure ends (http_config.h)."""


def present(linkage: Linkage, objects: RunningObjects, changed: Collection[str] = ()) -> Linkage:
    """The linkage of what runs: the planned one without modules that are not mapped.

    Those that are mapped and no longer planned stand where their addresses put them: a younger
    mapping lies lower. Of the applications that `changed` files configure only those whose
    extensions are mapped count.
    """
    instance = linkage.instance
    kept = Mapped(linkage, objects)
    configuration = instance.configuration
    loads = kept.among(kept.loads(configuration), left_over(linkage, objects))
    has_python = any(load.path == instance.mod_wsgi for load in loads)
    now = replace(
        instance,
        configuration=replace(configuration, loads=loads),
        late_opens=kept.opens(instance.late_opens),
        driver_opens=kept.opens(instance.driver_opens),
        mod_wsgi=instance.mod_wsgi if has_python else None,
        applications=tuple(known(instance.applications, objects, changed)) if has_python else (),
        scripts=tuple(known(instance.scripts, objects, changed)) if has_python else (),
    )
    return Linkage(objects.overlay, now, linkage.extra, linkage.interpreter_path, linkage.root)


def known(
    applications: Iterable[Application], objects: RunningObjects, changed: Collection[str]
) -> Iterator[Application]:
    """Those that the running httpd has read of."""
    for one in applications:
        paths = [[extension.path] for extension in one.reachable]
        folder = f"{one.where.file.rpartition('/')[0]}/"
        is_old = one.where.file not in changed and folder not in changed
        if is_old or (paths and objects.share(*paths)):
            yield one


class Mapped:
    """Which loads of the plan the parent of the running httpd has executed."""

    def __init__(self, linkage: Linkage, objects: RunningObjects) -> None:
        parent = objects.of(objects.running.processes[0])
        self._files = linkage.files
        self._starts = {path: one.file.start for one in parent for path in (one.real, one.path)}
        self._reals = {loaded.path: loaded.real for loaded in linkage.parent.objects}

    def has(self, path: str) -> bool:
        """It is mapped; of a name that was searched in vain nothing can be said."""
        real = self.real(path)
        return real in self._starts or "/" not in real

    def real(self, path: str) -> str:
        """Of a planned path."""
        return self._reals.get(path) or real_path(self._files, path)

    def loads(self, configuration: Configuration) -> tuple[ModuleLoad, ...]:
        """LoadModule and LoadFile lines."""
        return tuple(load for load in configuration.loads if self.has(load.path))

    def among(
        self, loads: tuple[ModuleLoad, ...], others: Iterable[ModuleLoad]
    ) -> tuple[ModuleLoad, ...]:
        """Each of the others before the first load that was mapped after it."""
        found = list(loads)
        for other in others:
            start = self._starts[other.path]
            later = (n for n, one in enumerate(found) if self._start(one) < start)
            found.insert(next(later, len(found)), other)
        return tuple(found)

    def _start(self, load: ModuleLoad) -> int:
        """Its lowest address; above all others where it is not known."""
        return self._starts.get(self.real(load.path), 1 << 64)

    def opens(self, wishes: Iterable[Open]) -> tuple[Open, ...]:
        """What hooks open."""
        return tuple(one for one in wishes if self.has(one.path))


def added(linkage: Linkage, objects: RunningObjects) -> Iterator[ModuleLoad]:
    """Loads that the running httpd has not executed."""
    kept = Mapped(linkage, objects)
    for load in linkage.instance.configuration.loads:
        if not kept.has(load.path):
            yield load


def left_over(linkage: Linkage, objects: RunningObjects) -> Iterator[ModuleLoad]:
    """Modules that are mapped and that the configuration no longer loads, the oldest first."""
    loads = linkage.instance.configuration.loads
    planned = {real_path(linkage.files, load.path) for load in loads}
    found = objects.unexplained(objects.running.processes[0])
    for one in sorted(found, key=lambda one: -one.file.start):
        symbol = module_symbol(one)
        if symbol is not None and one.path not in planned:
            yield ModuleLoad(one.path, symbol, Where(one.link, 0, 0))


def real_path(files: Files, path: str) -> str:
    """Without symbolic links, where it is there."""
    stat = files.stat(path)
    return path if isinstance(stat, Missing) else stat.real


def module_symbol(one: MappedObject) -> str | None:
    """The module structure that it exports; None for what is no module of httpd."""
    names = getattr(one.elf, "definitions", ())
    return next((text(name) for name in names if name.endswith(MODULE)), None)
