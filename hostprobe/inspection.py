"""What is inspected, and the models that checks ask for: each computed once, when first needed."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property

from hostprobe.facts.files import Absent, Files, Missing, Progress
from hostprobe.facts.host import HostIdentity
from hostprobe.facts.httpd import Configuration, HttpdBuild, HttpdStart
from hostprobe.facts.request import Request
from hostprobe.model.httpd.evaluate import evaluate
from hostprobe.model.httpd.start import BINARIES, find_starts
from hostprobe.model.instance import Extension, Instance, PythonTopology, Topology
from hostprobe.model.linkage import Linkage, Linkages, PythonLinkages
from hostprobe.model.topology import build_topology


def silent(_phrase: str) -> None:
    """Progress that nobody watches."""


@dataclass(frozen=True)
class Inspection:
    """One root, and the request that says which processes to plan."""

    files: Files
    host: HostIdentity
    request: Request
    progress: Progress = silent

    @cached_property
    def starts(self) -> tuple[HttpdStart, ...] | Missing | Absent:
        """How each httpd of this host would be started; Absent where none is installed."""
        self.progress("looking for httpd")
        asked = self.request
        found = find_starts(
            self.files, asked.config, asked.httpd, asked.defines, asked.before, asked.after
        )
        if isinstance(found, Missing) and found.not_found:
            return self.hidden_httpd() or Absent(found.reason)
        return found

    def hidden_httpd(self) -> Missing | None:
        """A place of httpd that could not be looked at: then its absence is not established."""
        for path in BINARIES:
            stat = self.files.stat(path)
            if isinstance(stat, Missing) and not stat.not_found:
                return Missing(f"It is not known whether httpd is installed: {stat.reason}")
        return None

    @cached_property
    def configurations(self) -> tuple[Configuration, ...] | Missing | Absent:
        """What each httpd would read."""
        starts = self.starts
        if isinstance(starts, Missing | Absent):
            return starts
        self.progress("reading the configuration")
        return tuple(self.configuration(start) for start in starts)

    def configuration(self, start: HttpdStart) -> Configuration:
        """What one httpd would read."""
        build = self.files.read(start.binary, HttpdBuild)
        return evaluate(self.files, start, None if isinstance(build, Missing) else build)

    @cached_property
    def topology(self) -> Topology | Missing | Absent:
        """Instances with their applications; only the one that --app names."""
        found = self.configurations
        if isinstance(found, Missing | Absent):
            return found
        self.progress("looking at applications and their Python environments")
        topology = build_topology(self.files, found)
        if self.request.app is None:
            return topology
        return Topology(tuple(only(each, self.request.app) for each in topology.instances))

    @property
    def python_topology(self) -> PythonTopology | Missing | Absent:
        """The instances with a Python inside; Absent when none loads mod_wsgi."""
        topology = self.topology
        if isinstance(topology, Missing | Absent):
            return topology
        found = tuple(each for each in topology.instances if each.mod_wsgi)
        return PythonTopology(found) if found else without_python(topology.instances)

    @cached_property
    def linkages(self) -> Linkages | Missing | Absent:
        """The linker model of each instance."""
        topology = self.topology
        if isinstance(topology, Missing | Absent):
            return topology
        self.progress("simulating the dynamic linker")
        extra = tuple(given_extension(path) for path in self.request.extensions)
        return Linkages(
            tuple(
                Linkage(self.files, instance, extra, self.request.python, self.host.root)
                for instance in topology.instances
            )
        )

    def unjudged(self) -> tuple[str, ...]:
        """What the linker model could not compare; empty when nothing asked for that model."""
        linkages = self.__dict__.get("linkages")
        if not isinstance(linkages, Linkages):
            return ()
        return tuple(reason for each in linkages.all for reason in each.unjudged)


def only(instance: Instance, script: str) -> Instance:
    """The instance with just the application of that script."""
    kept = tuple(each for each in instance.applications if each.script == script)
    return replace(instance, applications=kept)


def knowable(linkages: Linkages | Missing | Absent) -> Linkages | Missing | Absent:
    """Those whose httpd binary could be read; Missing when there are none."""
    if isinstance(linkages, Missing | Absent):
        return linkages
    unread = [failure for each in linkages.all if (failure := each.unread_start)]
    known = tuple(each for each in linkages.all if not each.unread_start)
    if unread and not known:
        return Missing(unread[0].message)
    return Linkages(known)


def embedding(linkages: Linkages | Missing | Absent) -> PythonLinkages | Missing | Absent:
    """Those with a Python inside httpd; Absent when no instance loads mod_wsgi."""
    if isinstance(linkages, Missing | Absent):
        return linkages
    found = tuple(each for each in linkages.all if each.instance.mod_wsgi or each.extra)
    if not found:
        return without_python(each.instance for each in linkages.all)
    return PythonLinkages(found)


def without_python(instances: Iterable[Instance]) -> Missing | Absent:
    """No mod_wsgi is established only where all of the configuration could be read."""
    for instance in instances:
        for reason in instance.configuration.unread:
            return Missing(f"It is not known whether httpd loads mod_wsgi: {reason}")
    return Absent(NO_MOD_WSGI)


def given_extension(path: str) -> Extension:
    """An extension named on the command line; its module is the file name up to the first dot."""
    return Extension(path.rpartition("/")[2].partition(".")[0], path)


NO_MOD_WSGI = "no httpd of this host loads mod_wsgi, so there is no Python in it"

PROVIDERS: Mapping[type, Callable[[Inspection], object]] = {
    HostIdentity: lambda inspection: inspection.host,
    Topology: lambda inspection: inspection.topology,
    Linkages: lambda inspection: knowable(inspection.linkages),
    PythonLinkages: lambda inspection: embedding(knowable(inspection.linkages)),
    PythonTopology: lambda inspection: inspection.python_topology,
}
"""What a check's parameter may be, and where it comes from."""
