"""What each application and script would import, in the Python of its process."""

import posixpath
from collections.abc import Mapping
from dataclasses import replace

from hostprobe.facts.files import Files, Missing
from hostprobe.model.httpd.servers import Server
from hostprobe.model.instance import Application, ProcessGroup, PythonEnvironment
from hostprobe.model.python.embedded import EmbeddedPython
from hostprobe.model.python.environment import Environments, Wanted
from hostprobe.model.python.imports import Imports, Reach
from hostprobe.model.python.library import Library
from hostprobe.model.python.own_module import OwnModule, Reached
from hostprobe.model.wsgi import (
    Mount,
    Script,
    Site,
    application_group_of,
    process_group_of,
)

PythonKey = tuple[tuple[str, ...], str | None]
"""Search path and standard library."""


class Pythons:
    """Environments and reachability for the applications of one instance."""

    def __init__(
        self,
        files: Files,
        python: EmbeddedPython,
        variables: Mapping[str, str],
        main: Server,
        groups: tuple[ProcessGroup, ...],
        scripts: frozenset[str],
    ) -> None:
        self._files = files
        self._environments = Environments(files, python, variables)
        self._groups = {group.name: group for group in groups}
        self._scripts = scripts
        self._imports: dict[PythonKey, Imports] = {}
        self._libraries: dict[PythonKey, Library] = {}
        self._reached: dict[tuple[PythonKey, str, tuple[str, ...], bool], Reach] = {}
        self._embedded = embedded_wish(main)
        self._wishes = {group.name: daemon_wish(group, self._embedded) for group in groups}

    def application(self, site: Site, mount: Mount) -> Application:
        """One script at one URL of one server."""
        group = process_group_of(mount, site)
        environment, reach = self._of(group, mount.script, has_beside=True)
        return Application(
            script=mount.script,
            mount=mount.url,
            server=str(site.server),
            process_group=group,
            application_group=application_group_of(mount, site),
            where=mount.where,
            environment=environment,
            reachable=reach.extensions,
            problems=reach.problems,
            own=reach.own,
            settings=reach.settings,
        )

    def script(self, server: Server, one: Script) -> Application:
        """Of the files beside it, an application's as a rule, only those that it imports count."""
        environment, reach = self._of(one.process_group, one.script, has_beside=False)
        return Application(
            script=one.script,
            mount="",
            server=str(server),
            process_group=one.process_group,
            application_group=one.application_group,
            where=one.where,
            environment=environment,
            reachable=reach.extensions,
            problems=reach.problems,
            own=reach.own if one.answers else tuple(map(as_imported, reach.own)),
            settings=reach.settings,
            directive=one.directive,
        )

    def _of(
        self, group: str | None, script: str, *, has_beside: bool
    ) -> tuple[PythonEnvironment | Missing, Reach]:
        wish = self._wish(group)
        environment = wish if isinstance(wish, Missing) else self._environments.of(wish)
        if isinstance(wish, Missing) or isinstance(environment, Missing):
            return environment, Reach((), ())
        return environment, self._reach(script, wish, environment, has_beside=has_beside)

    def _wish(self, group: str | None) -> Wanted | Missing:
        """A group that only requests decide is no doubt where all would run the same Python."""
        if group is None:
            wishes = {replace(wish, home_where=None) for wish in self._wishes.values()}
            wishes.add(replace(self._embedded, home_where=None))
            if len(wishes) == 1:
                return self._embedded
            return Missing("the process group, and with it the Python, is decided per request")
        if group == "":
            return self._embedded
        return self._wishes.get(group) or Missing(f"no WSGIDaemonProcess defines {group}")

    def _reach(
        self, script: str, wish: Wanted, environment: PythonEnvironment, *, has_beside: bool
    ) -> Reach:
        key = (environment.search_path, environment.stdlib)
        roots = tuple(path for path in (wish.directory, *wish.python_path) if path)
        place = (key, script, roots, has_beside)
        if place not in self._reached:
            imports = self._imports.get(key) or self._new_imports(key, roots, environment)
            others = self._scripts
            found = imports.reach(script, roots, others, has_beside=has_beside)
            self._reached[place] = found
        return self._reached[place]

    def _new_imports(
        self, key: PythonKey, roots: tuple[str, ...], environment: PythonEnvironment
    ) -> Imports:
        """What the libraries import is looked at once for all groups of the same Python."""
        common = tuple(path for path in environment.search_path if path not in roots)
        shared = self._libraries.get((common, environment.stdlib))
        if shared is None:
            shared = Library(self._files, environment, common)
            self._libraries[common, environment.stdlib] = shared
        self._imports[key] = Imports(self._files, environment, shared)
        return self._imports[key]


def as_imported(module: OwnModule) -> OwnModule:
    """A script of which no request calls a function."""
    is_script = module.reached is Reached.SCRIPT
    return replace(module, reached=Reached.IMPORT) if is_script else module


def embedded_wish(main: Server) -> Wanted:
    """WSGIPythonHome and WSGIPythonPath of the main server; the last of each counts."""
    last = {d.key: d for d in main.directives if d.args}
    home = last.get("wsgipythonhome")
    path = last.get("wsgipythonpath")
    return Wanted(
        home=home.args[0] if home else None,
        home_where=home.where if home else None,
        python_path=split_path(path.args[0]) if path else (),
    )


def daemon_wish(group: ProcessGroup, embedded: Wanted) -> Wanted:
    """A daemon has its own python-path; without python-home it has the server's."""
    home = group.options.get("python-home")
    return Wanted(
        home=home or embedded.home,
        home_where=group.where if home else embedded.home_where,
        python_path=split_path(group.options.get("python-path", "")),
        directory=group.options.get("home"),
    )


def split_path(text: str) -> tuple[str, ...]:
    """Directories of a colon separated list; a trailing slash goes."""
    return tuple(posixpath.normpath(path) for path in text.split(":") if path)
