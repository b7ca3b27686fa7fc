"""Which component of a path keeps an application from being served, and for which process.

httpd's child looks up every component of the script's path and opens .htaccess where AllowOverride
lets it (ap_directory_walk of server/request.c); the process that runs the application reads the
script and whatever Python imports. An import path that cannot be listed is an empty one
(FileFinder of importlib/_bootstrap_external.py).
"""

import posixpath
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property

from hostprobe.facts.files import Missing, is_regular
from hostprobe.model.access import READ, Denial
from hostprobe.model.httpd.merge import effective
from hostprobe.model.httpd.servers import Server, servers
from hostprobe.model.identity import last
from hostprobe.model.instance import Application, Instance, PythonEnvironment
from hostprobe.model.permissions import InstancePermissions, Permissions, reading
from hostprobe.model.pythons import split_path
from hostprobe.model.users import Credentials

CHILD, RUNNER, IMPORT = "child", "runner", "import"
SITES = frozenset({"site-packages", "dist-packages"})
NOTHING = 0


@dataclass(slots=True)
class Barrier:
    """One component that stops somebody, and what lies behind it."""

    denials: dict[Credentials, Denial] = field(default_factory=dict)
    wanted: dict[str, None] = field(default_factory=dict)
    """Paths that cannot be had because of it."""

    tasks: dict[str, None] = field(default_factory=dict)
    """CHILD, RUNNER, IMPORT: who needs it, and for what."""

    applications: dict[str, Application] = field(default_factory=dict)
    is_certain: bool = False
    """Something is needed whatever the application imports."""

    @property
    def first(self) -> Denial:
        """One of the denials: they are of the same component."""
        return next(iter(self.denials.values()))


Barriers = dict[tuple[str, int], Barrier]
"""Component and what is denied there -> who and what it stops."""

Stopped = tuple[str, str, Denial]
"""The task, the path that is wanted, and what stops it."""


def find_barriers(permissions: Permissions, one: InstancePermissions) -> Barriers:
    """Of all applications and other scripts of one httpd."""
    search = Search(permissions, one)
    found: Barriers = {}
    for application in one.instance.applications:
        for stopped in search.of(application):
            note(found, stopped, application.name, application)
    for script in one.instance.scripts:
        who = one.who.of(script.process_group)
        for stopped in search.needs(who, RUNNER, script.script, READ):
            note(found, stopped, script.name, None)
    return found


def note(found: Barriers, stopped: Stopped, name: str, application: Application | None) -> None:
    """Add what is stopped to its barrier."""
    task, path, denial = stopped
    barrier = found.setdefault((denial.path, denial.wants), Barrier())
    barrier.denials.setdefault(denial.who, denial)
    barrier.wanted.setdefault(path)
    barrier.tasks.setdefault(task)
    barrier.is_certain |= task != IMPORT
    if application is not None:
        barrier.applications.setdefault(name, application)


class Search:
    """What the processes of one httpd need, each path asked once for each user."""

    def __init__(self, permissions: Permissions, one: InstancePermissions) -> None:
        self._permissions = permissions
        self._one = one
        self._paths = python_paths(one.instance)
        self._access_file = last(one.instance.configuration, "accessfilename") or ".htaccess"
        self._imports: dict[tuple[Credentials, int, tuple[str, ...]], tuple[Stopped, ...]] = {}

    def of(self, application: Application) -> Iterator[Stopped]:
        """Everything that stops one application."""
        child, runner = self._one.who.child, self._one.who.of(application.process_group)
        script = application.script
        yield from self.needs(child, CHILD, script, NOTHING)
        for path in self._access_files(application):
            yield from self.needs(child, CHILD, path, READ)
        yield from self.needs(runner, RUNNER, script, READ)
        environment = application.environment
        if isinstance(environment, PythonEnvironment) and isinstance(runner, Credentials):
            yield from self._environment(runner, environment, application)
            for path in imported(application):
                yield from self.needs(runner, IMPORT, path, reading(self._permissions.files, path))

    def needs(
        self, who: Credentials | Missing, task: str, path: str, wants: int
    ) -> Iterator[Stopped]:
        """What stops somebody who is known."""
        if isinstance(who, Credentials):
            for denial in self._permissions.access.denials(who, path, wants):
                if isinstance(denial, Denial):
                    yield task, path, denial

    def _environment(
        self, who: Credentials, environment: PythonEnvironment, application: Application
    ) -> tuple[Stopped, ...]:
        """Of the directories that every application of this environment imports from."""
        paths = self._paths.get(application.process_group or "", ())
        key = (who, id(environment), paths)
        if key not in self._imports:
            files = self._permissions.files
            self._imports[key] = tuple(
                stopped
                for path in import_places(environment, paths)
                for stopped in self.needs(who, RUNNER, path, reading(files, path))
            )
        return self._imports[key]

    def _access_files(self, application: Application) -> Iterator[str]:
        """The .htaccess files on the way to the script that httpd would open."""
        directory = posixpath.dirname(application.script)
        while directory.startswith("/"):
            path = posixpath.join(directory, self._access_file)
            if is_regular(self._permissions.files, path) and self._is_read(application, directory):
                yield path
            if directory == "/":
                return
            directory = posixpath.dirname(directory)

    def _is_read(self, application: Application, directory: str) -> bool:
        """One of the directives is not None there; their default is None since httpd 2.3.9."""
        for server in self._named.get(application.server, ()):
            for key in ("allowoverride", "allowoverridelist"):
                said = effective(server, key, path=directory)
                if said and said.args and said.args[0].lower() != "none":
                    return True
        return False

    @cached_property
    def _named(self) -> dict[str, list[Server]]:
        return servers_by_name(self._one.instance)


def servers_by_name(instance: Instance) -> dict[str, list[Server]]:
    """Those that an application's server name can mean."""
    found: dict[str, list[Server]] = {}
    for server in servers(instance.configuration):
        found.setdefault(str(server), []).append(server)
    return found


def python_paths(instance: Instance) -> dict[str, tuple[str, ...]]:
    """Process group -> its python-path=; "" is embedded mode, which has WSGIPythonPath."""
    found = {"": split_path(last(instance.configuration, "wsgipythonpath") or "")}
    for group in instance.process_groups:
        found[group.name] = split_path(group.options.get("python-path", ""))
    return found


def import_places(environment: PythonEnvironment, paths: tuple[str, ...]) -> Iterator[str]:
    """The standard library, the home, the entries of python-path and the site directories."""
    if environment.stdlib:
        yield from (environment.stdlib, f"{environment.stdlib}/encodings/__init__.py")
    if environment.pyvenv is not None and environment.home:
        yield f"{environment.home}/pyvenv.cfg"
    yield from paths
    sites = (path for path in environment.search_path if posixpath.basename(path) in SITES)
    yield from (path for path in sites if path not in paths)


def imported(application: Application) -> Iterator[str]:
    """Modules of its own and extensions that it reaches, and the packages they lie in."""
    own = (one for one in application.own if one.runs_at_start)
    yield from (one.path for one in own if one.path != application.script)
    for extension in application.reachable:
        depth = extension.module.count(".")
        directory = extension.path
        for _ in range(depth):
            directory = posixpath.dirname(directory)
            yield directory
        yield extension.path
