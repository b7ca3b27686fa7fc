"""Process groups that are asked for and not to be had (mod_wsgi.c, wsgi_remote.c of 6.x).

While httpd reads its configuration mod_wsgi looks for a group only for WSGIImportScript and for an
alias that names both groups literally; for every other application the request finds out.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from hostprobe.facts.httpd import Directive, Where
from hostprobe.facts.words import first_word
from hostprobe.model.httpd.servers import host_of
from hostprobe.model.instance import Application, Instance
from hostprobe.model.wsgi import ALIASES, OptionError, mount_of, parse_options

IMPORT, DAEMON = "wsgiimportscript", "wsgidaemonprocess"
DUPLICATE, EARLY, FOREIGN, UNDEFINED = "duplicate", "early", "foreign", "undefined"
ANY_ADDRESS = ("*", "_default_")


@dataclass(frozen=True, slots=True)
class Lack:
    """A process group that is not what somebody takes it for, and who does."""

    kind: str
    """DUPLICATE: defined twice; EARLY: asked for before its definition; FOREIGN: of another virtual
    host; UNDEFINED: defined nowhere."""

    group: str
    asking: tuple[Where, ...]
    """The directives that ask for it; of DUPLICATE the further definitions."""

    is_refused: bool
    """httpd does not start with it; else requests are answered with 500."""

    defined: Where | None = None
    """The WSGIDaemonProcess that counts; None where there is none."""

    applications: tuple[Application, ...] = ()


@dataclass(slots=True, eq=False)
class Host:
    """A server_rec while the configuration is read."""

    is_virtual: bool
    addresses: tuple[str, ...] = ()
    name: str | None = None
    """Host of the last ServerName so far."""


@dataclass(frozen=True, slots=True)
class Definition:
    """The first WSGIDaemonProcess of a name."""

    host: Host
    where: Where


@dataclass(slots=True)
class Readings:
    """What wsgi_add_daemon_process, wsgi_add_import_script and wsgi_add_script_alias see."""

    groups: dict[str, Definition] = field(default_factory=dict)
    faults: dict[tuple[str, str], list[Where]] = field(default_factory=dict)
    """(kind, group) -> the directives at which httpd stops."""

    hosts: list[Host] = field(default_factory=list)

    def walk(self, directives: tuple[Directive, ...], host: Host) -> None:
        """Every directive in the order httpd executes them."""
        self.hosts.append(host)
        for one in directives:
            key = one.key
            if key == "<virtualhost":
                self.walk(one.children or (), Host(is_virtual=True, addresses=one.args))
            elif key == "servername" and one.args:
                host.name = host_of(one.args[0].rpartition("://")[2])
            elif key == DAEMON:
                self.define(one, host)
            elif key == IMPORT or key in ALIASES:
                self.ask(literal_group(one), one.where, host)

    def define(self, one: Directive, host: Host) -> None:
        """A name counts once in the whole configuration."""
        name = first_word(one.raw)[0]
        if self.groups.setdefault(name, Definition(host, one.where)).where != one.where:
            self.faults.setdefault((DUPLICATE, name), []).append(one.where)

    def ask(self, name: str, where: Where, host: Host) -> None:
        """Names are compared as they are at this line: a ServerName further down is not known."""
        if not name:
            return
        group = self.groups.get(name)
        if group is None:
            self.faults.setdefault((EARLY, name), []).append(where)
        elif group.host.is_virtual and group.host is not host and group.host.name != host.name:
            self.faults.setdefault((FOREIGN, name), []).append(where)


def literal_group(one: Directive) -> str:
    """The daemon process group that the directive wants at once; "" for none."""
    try:
        if one.key == IMPORT:
            options = parse_options(first_word(one.raw)[1])
        else:
            mount = mount_of(one)
            options = dict(mount.options)
            if mount.is_pattern and "$" in mount.script:
                return ""
    except OptionError:
        return ""
    names = options.get("process-group", ""), options.get("application-group", "")
    is_literal = all(names) and (one.key == IMPORT or "%{" not in names[0])
    fits = one.key == IMPORT or names[1] == "%{GLOBAL}" or "%{" not in names[1]
    return names[0] if is_literal and fits and names[0] != "%{GLOBAL}" else ""


def find_lacks(instance: Instance) -> Iterator[Lack]:
    """One for each group and fault: what stops httpd first, then what requests meet."""
    if instance.configuration.unread or instance.configuration.has_program:
        return
    readings = Readings()
    readings.walk(instance.configuration.directives, Host(is_virtual=False))
    for (kind, name), asking in readings.faults.items():
        definition = readings.groups.get(name)
        defined = definition.where if definition else None
        yield Lack(
            kind=kind if definition else UNDEFINED,
            group=name,
            asking=tuple(asking),
            is_refused=True,
            defined=defined,
            applications=asking_for(instance, name),
        )
    refused = {name for _, name in readings.faults}
    yield from at_requests(instance, readings, refused)


def asking_for(instance: Instance, name: str) -> tuple[Application, ...]:
    """The applications of a group."""
    return tuple(one for one in instance.applications if one.process_group == name)


def at_requests(instance: Instance, readings: Readings, told: set[str]) -> Iterator[Lack]:
    """wsgi_execute_remote: the group is there, and of the main server or of an equal ServerName."""
    names = server_names(readings.hosts)
    found: dict[tuple[str, str], list[Application]] = {}
    for one in instance.applications:
        group = one.process_group
        if group and group not in told:
            kind = lack_of(group, host_of(one.server), readings.groups, names)
            if kind:
                found.setdefault((kind, group), []).append(one)
    for (kind, name), applications in found.items():
        definition = readings.groups.get(name)
        yield Lack(
            kind=kind,
            group=name,
            asking=tuple(dict.fromkeys(one.where for one in applications)),
            is_refused=False,
            defined=definition.where if definition else None,
            applications=tuple(applications),
        )


def lack_of(
    group: str, host: str, groups: Mapping[str, Definition], names: Mapping[Host, str | None]
) -> str:
    """What is wrong with the group for an application of that ServerName; "" for nothing."""
    definition = groups.get(group)
    if definition is None:
        return UNDEFINED
    owner = names[definition.host]
    is_open = not definition.host.is_virtual or owner is None or owner == host
    return "" if is_open or is_unsure(host, names) else FOREIGN


def is_unsure(host: str, names: Mapping[Host, str | None]) -> bool:
    """The name may stand for a virtual host whose own one only the DNS tells."""
    return None in names.values() and host == next(iter(names.values()))


def server_names(hosts: list[Host]) -> dict[Host, str | None]:
    """The name that each server has in the end, the main one first; None where the DNS tells it.

    A virtual host without ServerName has the main server's if it is for all addresses, else what
    a reverse lookup of its address gives (ap_fini_vhost_config).
    """
    main = hosts[0].name or ""
    return {host: usual(host, main) if host.name is None else host.name for host in hosts}


def usual(host: Host, main: str) -> str | None:
    """The name of a server without ServerName."""
    anywhere = any(address.startswith(ANY_ADDRESS) for address in host.addresses)
    return main if anywhere or not host.is_virtual else None
