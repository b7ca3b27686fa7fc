"""What is inspected, and the models that checks ask for: each computed once, when first needed."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property

from hostprobe.facts.files import Absent, Files, Missing, Progress
from hostprobe.facts.host import HostIdentity
from hostprobe.facts.httpd import Configuration, HttpdBuild, HttpdStart
from hostprobe.facts.process import Processes
from hostprobe.facts.request import Request
from hostprobe.facts.user import Accounts, UserGroups
from hostprobe.model.apparmor.uncovered import UncoveredPaths
from hostprobe.model.denials import ProfileDenials
from hostprobe.model.denied import SelinuxDenials
from hostprobe.model.error_logs import ErrorLogs, read_error_logs
from hostprobe.model.httpd.evaluate import evaluate
from hostprobe.model.httpd.start import BINARIES, find_starts
from hostprobe.model.ineffective import Misuses, find_misuses
from hostprobe.model.instance import Extension, Instance, PythonTopology, Topology
from hostprobe.model.interpreters import Interpreters
from hostprobe.model.labels import WrongLabels
from hostprobe.model.linkage import Linkage, Linkages, PythonLinkages, RunningLinkages
from hostprobe.model.mandatory_access import MandatoryAccess
from hostprobe.model.memory.capacity import Capacities, Capacity
from hostprobe.model.memory.figures import Figure, figures
from hostprobe.model.outbound import ClosedBooleans
from hostprobe.model.permissions import Permissions, permissions
from hostprobe.model.python.doing import Applications
from hostprobe.model.running.instances import LiveHttpd, LiveHttpds, joined, live_httpds
from hostprobe.model.running.mapped import counted
from hostprobe.model.running.processes import running
from hostprobe.model.sudo.starts import KeptHomes, kept_homes
from hostprobe.model.topology import build_topology
from hostprobe.model.users import GROUP, PASSWD, Users
from hostprobe.model.working_directory import Workplaces


def silent(_phrase: str) -> None:
    """Progress that nobody watches."""


Httpd = tuple[HttpdStart, LiveHttpd | None]
"""A start, and the processes that were started so."""


@dataclass(frozen=True)
class Inspection:
    """One root, and the request that says which processes to plan."""

    files: Files
    host: HostIdentity
    request: Request
    progress: Progress = silent

    @cached_property
    def live(self) -> LiveHttpds | Missing:
        """The httpds that run; Missing with `not_found` where none can be looked for."""
        if self.request.no_live:
            return Missing("--no-live: running processes were not looked at", not_found=True)
        place = f"/proc/{self.request.pid}" if self.request.pid else "/proc"
        found = self.files.read(place, Processes)
        return found if isinstance(found, Missing) else live_httpds(self.files, found)

    @cached_property
    def httpds(self) -> tuple[Httpd, ...] | Missing | Absent:
        """Every httpd of this host, planned or running; Absent where none is installed."""
        self.progress("looking for httpd")
        if self.request.pid:
            asked = httpd_of_pid(self.live, self.request.pid)
            return asked if isinstance(asked, Missing) else ((asked.start, asked),)
        planned, live = self.planned, self.live
        running = () if isinstance(live, Missing) else live.all
        if isinstance(planned, Missing | Absent):
            others = () if self.request.says_start else running
            return tuple((one.start, one) for one in others) or planned
        found = tuple(joined(self.files, planned, running))
        return found[: len(planned)] if self.request.says_start else found

    @property
    def starts(self) -> tuple[HttpdStart, ...] | Missing | Absent:
        """How each of them would be started, or was."""
        found = self.httpds
        if isinstance(found, Missing | Absent):
            return found
        return tuple(start for start, _ in found)

    @property
    def planned(self) -> tuple[HttpdStart, ...] | Missing | Absent:
        """How each httpd of this host would be started; Absent where none is installed."""
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
        topology = self.with_processes(build_topology(self.files, found))
        if self.request.app is None:
            return topology
        return Topology(tuple(only(each, self.request.app) for each in topology.instances))

    def with_processes(self, topology: Topology) -> Topology:
        """Each instance with the processes that run it."""
        assert isinstance(self.httpds, tuple)
        pairs = zip(topology.instances, self.httpds, strict=True)
        return Topology(tuple(with_running(self.files, one, live) for one, (_, live) in pairs))

    @property
    def python_topology(self) -> PythonTopology | Missing | Absent:
        """The instances with a Python inside; Absent when none loads mod_wsgi."""
        topology = self.topology
        if isinstance(topology, Missing | Absent):
            return topology
        found = tuple(each for each in topology.instances if each.mod_wsgi)
        return PythonTopology(found) if found else without_python(topology.instances)

    @cached_property
    def interpreters(self) -> Interpreters | Missing | Absent:
        """What shares processes and interpreters."""
        found = self.python_topology
        if isinstance(found, Missing | Absent):
            return found
        return Interpreters(self.files, found.instances)

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

    @cached_property
    def mandatory_access(self) -> MandatoryAccess:
        """What SELinux and AppArmor deny."""
        return MandatoryAccess(self.files, is_live=self.host.is_live)

    @cached_property
    def figures(self) -> tuple[Figure, ...]:
        """What a virtual server or container shows of its limits, that of a running httpd first."""
        httpds = self.httpds
        running = [] if isinstance(httpds, Missing | Absent) else [one for _, one in httpds if one]
        return figures(self.files, running[0].processes[0].pid if running else 0)

    @cached_property
    def capacities(self) -> Capacities | Missing | Absent:
        """What the processes of each httpd with a Python inside need, and may have."""
        linkages = embedding(self.linkages)
        if isinstance(linkages, Missing | Absent):
            return linkages
        return Capacities(tuple(Capacity(linkage, self.host.kernel) for linkage in linkages.all))

    @cached_property
    def users(self) -> Users:
        """The root's own; an unreadable passwd is told by each answer."""
        return Users(self.files)

    @cached_property
    def permissions(self) -> Permissions:
        """Asked for only where there is a Python in some httpd."""
        topology = self.python_topology
        assert isinstance(topology, PythonTopology)
        return permissions(self.files, self.users, topology, is_live=self.host.is_live)

    def unjudged(self) -> tuple[str, ...]:
        """What the models could not compare; empty when nothing asked for them."""
        asked = self.__dict__.get("permissions")
        unknown = asked.unknown() if isinstance(asked, Permissions) else ()
        return (*unknown, *self.mandatory_access.problems, *self.unlinked())

    def unlinked(self) -> tuple[str, ...]:
        """What the linker model could not compare."""
        linkages = self.__dict__.get("linkages")
        if not isinstance(linkages, Linkages):
            return ()
        unread = (reason for one in linkages.all if one.running for reason in one.running.unread)
        return (*(reason for each in linkages.all for reason in each.unjudged), *unread)


def with_running(files: Files, instance: Instance, live: LiveHttpd | None) -> Instance:
    """The instance with its processes."""
    if live is None:
        return instance
    groups = tuple(group.name for group in instance.process_groups)
    return replace(instance, running=counted(files, running(live.processes, groups)))


def httpd_of_pid(live: LiveHttpds | Missing, pid: int) -> LiveHttpd | Missing:
    """The one that a process belongs to; Missing in the words of --pid."""
    if isinstance(live, Missing):
        gone = live.not_found and "no such file" in live.reason
        return Missing(f"--pid {pid}: {'no such process' if gone else live.reason}")
    found = live.of_pid(pid)
    if found is not None:
        return found
    strangers = (f"{one.program} is not an httpd that serves" for one in live.others)
    why = (*live.notes, *live.problems, *strangers, "ended while it was read")
    return Missing(f"--pid {pid}: {why[0]}")


def only(instance: Instance, script: str) -> Instance:
    """The instance with just the application of that script."""
    kept = tuple(each for each in instance.applications if each.script == script)
    return replace(instance, applications=kept, scripts=())


def knowable(linkages: Linkages | Missing | Absent) -> Linkages | Missing | Absent:
    """Those whose httpd binary could be read; Missing when there are none."""
    if isinstance(linkages, Missing | Absent):
        return linkages
    unread = [failure for each in linkages.all if (failure := each.unread_start)]
    known = tuple(each for each in linkages.all if not each.unread_start)
    if unread and not known:
        return Missing(unread[0].message)
    return Linkages(known)


def in_processes(inspection: Inspection) -> RunningLinkages | Missing | Absent:
    """Those that run; Absent where none does."""
    live, linkages = inspection.live, knowable(inspection.linkages)
    if isinstance(live, Missing):
        return Absent(live.reason) if live.not_found else live
    if isinstance(linkages, Missing | Absent):
        return linkages
    found = tuple(one for one in linkages.all if one.running)
    unread = [*live.problems, *(reason for one in found if one.running for reason in blind(one))]
    if unread and not any(one.running and one.running.all for one in found):
        return Missing(unread[0])
    return RunningLinkages(found) if found else Absent("no httpd runs here")


def of_python(
    make: Callable[[Inspection, PythonTopology], object],
) -> Callable[[Inspection], object]:
    """The provider of a model that needs nothing but an httpd with a Python inside."""

    def provide(inspection: Inspection) -> object:
        topology = inspection.python_topology
        return topology if isinstance(topology, Missing | Absent) else make(inspection, topology)

    return provide


def may_do(inspection: Inspection) -> Permissions | Missing | Absent:
    """Who the processes are and what the root lets them do; Missing without its users."""
    topology = inspection.python_topology
    if isinstance(topology, Missing | Absent):
        return topology
    for path, kind in ((PASSWD, Accounts), (GROUP, UserGroups)):
        found = inspection.files.read(path, kind)
        if isinstance(found, Missing):
            return found
    return inspection.permissions


def error_logs(inspection: Inspection) -> ErrorLogs | Missing | Absent:
    """What the error logs of httpd report."""
    topology = inspection.topology
    if isinstance(topology, Missing | Absent):
        return topology
    inspection.progress("reading error logs")
    return read_error_logs(inspection.files, topology)


def blind(linkage: Linkage) -> tuple[str, ...]:
    """Why nothing of a running httpd's mappings is known."""
    return linkage.running.unread if linkage.running else ()


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


def applications(inspection: Inspection) -> Applications | Missing | Absent:
    """What the applications do; their files are parsed already, for what they import."""
    topology = inspection.python_topology
    if isinstance(topology, Missing | Absent):
        return topology
    return Applications(inspection.files, topology)


NO_MOD_WSGI = "no httpd of this host loads mod_wsgi, so there is no Python in it"

PROVIDERS: Mapping[type, Callable[[Inspection], object]] = {
    Applications: applications,
    HostIdentity: lambda inspection: inspection.host,
    Topology: lambda inspection: inspection.topology,
    Users: lambda inspection: inspection.users,
    Interpreters: lambda inspection: inspection.interpreters,
    Linkages: lambda inspection: knowable(inspection.linkages),
    RunningLinkages: in_processes,
    PythonLinkages: lambda inspection: embedding(knowable(inspection.linkages)),
    Permissions: may_do,
    PythonTopology: lambda inspection: inspection.python_topology,
    Misuses: of_python(lambda one, topology: find_misuses(one.files, topology)),
    KeptHomes: of_python(lambda one, topology: kept_homes(one.files, topology, one.host.name)),
    Workplaces: of_python(lambda one, topology: Workplaces(one.files, topology)),
    ErrorLogs: error_logs,
    Capacities: lambda inspection: inspection.capacities,
    SelinuxDenials: lambda inspection: inspection.mandatory_access.selinux,
    WrongLabels: lambda one: one.mandatory_access.wrong_labels(one.python_topology),
    ClosedBooleans: lambda one: one.mandatory_access.closed_booleans(applications(one)),
    ProfileDenials: lambda one: one.mandatory_access.apparmor(one.topology),
    UncoveredPaths: lambda one: one.mandatory_access.uncovered(one.python_topology),
}
"""What a check's parameter may be, and where it comes from."""
