"""Who starts httpd by sudo so that it gets the caller's HOME."""

import posixpath
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice

from hostprobe.facts.files import Absent, Files, Missing, is_regular
from hostprobe.facts.httpd import EnvironmentFile, HttpdStart
from hostprobe.facts.sudoers import CommandRule, Rule
from hostprobe.facts.user import Account
from hostprobe.model.httpd.environment import find_unit
from hostprobe.model.httpd.start import DEBIAN, UNITS
from hostprobe.model.instance import Application, Instance, PythonTopology
from hostprobe.model.running.instances import ERRANDS
from hostprobe.model.sudo.environment import environment_policy
from hostprobe.model.sudo.matching import Lists, Principal, Program, host_fits, root_fits
from hostprobe.model.sudo.reading import Placed, SudoersReading, read_sudoers
from hostprobe.model.users import Users

CONTROLS = ("apachectl", "apache2ctl", "httpdctl")
WORDS = ("start", "restart", "graceful")
"""With which httpd starts where it does not run."""

NO_START = ERRANDS | {"configtest", "fullstatus", "graceful-stop", "help", "status", "stop"}
MAX_CALLERS = 100
MAX_CALLS = 50
"""Callers, and ways to call it, that are judged for one program."""


@dataclass(frozen=True, slots=True)
class KeptHome:
    """One Defaults line by which HOME reaches one httpd."""

    instance: Instance
    because: Placed
    programs: tuple[str, ...]
    """What is called, with its arguments."""

    callers: tuple[str, ...]
    rules: tuple[str, ...]
    """File and line of the rules that allow it."""

    is_by_name: bool
    """A rule names the program; otherwise it allows everything."""

    unit: str | None
    """The systemd unit that would start this httpd."""


class KeptHomes(tuple[KeptHome, ...]):
    """All of them, in the order of the instances and of the lines."""

    __slots__ = ()


def kept_homes(files: Files, topology: PythonTopology, host: str) -> KeptHomes | Missing | Absent:
    """By every httpd that has embedded applications; daemons of mod_wsgi set HOME themselves.

    Missing also where none is found and a part of the policy could not be read.
    """
    reading = read_sudoers(files, host)
    if isinstance(reading, Missing | Absent):
        return reading
    users = Users(files)
    found: list[KeptHome] = []
    for instance in topology.instances:
        if any(map(is_embedded, instance.applications)):
            found += _Starts(files, users, reading, host, instance).kept()
    if reading.problems and not found:
        return Missing(reading.problems[0])
    return KeptHomes(found)


def is_embedded(application: Application) -> bool:
    """It may run in a child of httpd."""
    return application.process_group in {"", None}


@dataclass(frozen=True, slots=True)
class _Permission:
    """One caller may run one program."""

    program: Program
    caller: Principal
    rule: Placed
    is_by_name: bool


class _Starts:
    """One policy and one httpd."""

    def __init__(
        self, files: Files, users: Users, reading: SudoersReading, host: str, instance: Instance
    ) -> None:
        self._files = files
        self._users = users
        self._placed = reading.placed
        self._lists = Lists(reading.placed)
        self._host = host_fits(host)
        self._instance = instance
        self._start = instance.configuration.start
        self._unit = unit_of(files, self._start)

    def kept(self) -> Iterator[KeptHome]:
        """One for each Defaults line that decides."""
        found: dict[Placed, list[_Permission]] = {}
        for permission in self._permissions():
            policy = environment_policy(
                self._placed, self._lists, self._host, permission.caller, permission.program
            )
            if policy.passes:
                found.setdefault(policy.passes, []).append(permission)
        for because, permissions in found.items():
            yield self._kept(because, permissions)

    def _kept(self, because: Placed, found: list[_Permission]) -> KeptHome:
        calls = (f"{one.program.path} {one.program.arguments}".strip() for one in found)
        return KeptHome(
            instance=self._instance,
            because=because,
            programs=tuple(dict.fromkeys(calls)),
            callers=tuple(dict.fromkeys(described(one.caller) for one in found)),
            rules=tuple(dict.fromkeys(str(one.rule) for one in found)),
            is_by_name=any(one.is_by_name for one in found),
            unit=self._unit,
        )

    def _permissions(self) -> Iterator[_Permission]:
        for path in programs(self._files, self._start, has_unit=self._unit is not None):
            rules = [one for one in self._rules() if self._concerns(one[1], path)]
            calls = [*islice(dict.fromkeys(self._calls(path, rules)), MAX_CALLS)]
            callers = dict.fromkeys(who for _, rule in rules for who in self._callers(rule))
            for caller in islice(callers, MAX_CALLERS):
                own = [one for one in rules if self._is_for(one[1], caller)]
                yield from self._permission(calls, caller, own)

    def _rules(self) -> Iterator[tuple[Placed, Rule]]:
        for placed in self._placed:
            if isinstance(placed.statement, Rule):
                yield placed, placed.statement

    def _concerns(self, rule: Rule, path: str) -> bool:
        fits = Program(path).has_path
        return any(
            self._lists.match("Cmnd_Alias", (one.command,), lambda text: fits(text.split(" ")[0]))
            is not None
            for one in rule.commands
        )

    def _permission(
        self, calls: list[Program], caller: Principal, rules: list[tuple[Placed, Rule]]
    ) -> Iterator[_Permission]:
        """By the first call that is allowed; a name counts more than ALL."""
        found = None
        for program in calls:
            allowed = self._allowed(program, caller, rules)
            if allowed and (found is None or allowed.is_by_name > found.is_by_name):
                found = allowed
        if found and (found.is_by_name or self._unit is None):
            yield found

    def _calls(self, path: str, rules: list[tuple[Placed, Rule]]) -> Iterator[Program]:
        """The usual arguments, and those that rules spell out."""
        is_control = posixpath.basename(path) in CONTROLS
        yield from (Program(path, word if is_control else f"-k {word}") for word in WORDS)
        yield Program(path, "" if not is_control else "-k start")
        for _, rule in rules:
            for one in rule.commands:
                for text in self._lists.words("Cmnd_Alias", (one.command,)):
                    pattern, _, arguments = text.partition(" ")
                    is_start = not NO_START & set(arguments.split()) and arguments != '""'
                    if arguments and is_start and Program(path).has_path(pattern):
                        yield Program(path, arguments)

    def _allowed(
        self, program: Program, caller: Principal, rules: list[tuple[Placed, Rule]]
    ) -> _Permission | None:
        """The last rule that fits decides; a negated command forbids."""
        for placed, rule in reversed(rules):
            for one in reversed(rule.commands):
                if not self._as_root(one):
                    continue
                verdict = self._lists.match("Cmnd_Alias", (one.command,), program.fits)
                if verdict is not None:
                    named = "ALL" not in set(self._lists.words("Cmnd_Alias", (one.command,)))
                    return _Permission(program, caller, placed, named) if verdict else None
        return None

    def _is_for(self, rule: Rule, caller: Principal) -> bool:
        is_user = self._lists.match("User_Alias", rule.users, caller.fits) is True
        return is_user and self._lists.match("Host_Alias", rule.hosts, self._host) is True

    def _as_root(self, one: CommandRule) -> bool:
        """Root is the target where a rule names none."""
        if one.runas_users is None:
            return one.runas_groups is None
        return self._lists.match("Runas_Alias", one.runas_users, root_fits) is True

    def _callers(self, rule: Rule) -> Iterator[Principal]:
        """Everybody whom a rule names, but root, whose HOME is root's already."""
        for text in self._lists.words("User_Alias", rule.users):
            if text.startswith("%") and not text.startswith(("%#", "%:")):
                yield from self._members(text[1:])
            elif text == "ALL":
                yield Principal("")
            elif not text.startswith(("+", "%")):
                caller = self._caller(text)
                if caller.uid != 0:
                    yield caller

    def _caller(self, text: str) -> Principal:
        uid = int(text[1:]) if text.startswith("#") and text[1:].isdecimal() else None
        account = self._users.account(text) if uid is None else self._users.account_of_uid(uid)
        if isinstance(account, Missing):
            return Principal("" if text.startswith("#") else text, uid)
        return self._principal(account)

    def _principal(self, account: Account) -> Principal:
        gids = self._users.supplementary(account.name, account.gid)
        known = frozenset() if isinstance(gids, Missing) else gids
        names = frozenset(self._users.group_name(gid) for gid in known)
        return Principal(account.name, account.uid, names, known)

    def _members(self, name: str) -> Iterator[Principal]:
        """Those that group names; anybody of the group where it names none."""
        group = self._users.group(name)
        members = () if isinstance(group, Missing) else group.members
        if members:
            yield from (self._caller(member) for member in members)
        else:
            yield Principal("", groups=frozenset({name}))


def described(caller: Principal) -> str:
    """For people."""
    if caller.name:
        return caller.name
    if caller.groups:
        return f"%{min(caller.groups)}"
    return "ALL" if caller.uid is None else f"#{caller.uid}"


def unit_of(files: Files, start: HttpdStart) -> str | None:
    """The unit that starts this httpd, where systemd would."""
    suffix = start.origin.removeprefix("/usr/sbin/apache2ctl-")
    own = (f"apache2@{suffix}.service",) if suffix != start.origin else ()
    return next((name for name in (*own, *UNITS) if find_unit(files, name)), None)


def programs(files: Files, start: HttpdStart, *, has_unit: bool) -> Iterator[str]:
    """The httpd itself, and its control script where that hands HOME on.

    A distribution's script leaves the start to systemd; any script may unset HOME by envvars.
    """
    yield start.binary
    folder = posixpath.dirname(start.binary)
    is_distribution = folder in {"/usr/sbin", "/usr/bin"}
    if (is_distribution and has_unit) or unsets_home(files, envvars_of(start)):
        return
    for name in CONTROLS:
        if is_regular(files, f"{folder}/{name}"):
            yield f"{folder}/{name}"


def envvars_of(start: HttpdStart) -> Iterable[str]:
    """The files that the control script sources."""
    if start.binary == DEBIAN:
        return (f"{posixpath.dirname(start.config_file)}/envvars",)
    return (f"{posixpath.dirname(start.binary)}/envvars", "/etc/sysconfig/httpd")


def unsets_home(files: Files, paths: Iterable[str]) -> bool:
    """One of the files takes HOME away."""
    found = (files.read(path, EnvironmentFile) for path in paths)
    return any(isinstance(one, EnvironmentFile) and "HOME" in one.unset for one in found)
