"""The directives that give applications a process group of their own."""

import posixpath
import re
from collections.abc import Iterable, Mapping
from types import MappingProxyType

from hostprobe.facts.httpd import Configuration, Directive, Where
from hostprobe.model.httpd.drivers import walk
from hostprobe.model.instance import Application, Instance
from hostprobe.model.wsgi import ALIASES, GLOBAL, OptionError, mount_of

MAX_GROUPS = 5
MAIN_INTERPRETER = MappingProxyType({"application-group": GLOBAL})
DIRECTIVES = {"process-group": "WSGIProcessGroup", "application-group": "WSGIApplicationGroup"}
"""Option of an alias -> the directive that says the same."""

USUAL = frozenset(
    {"apache", "app", "application", "django", "htdocs", "index", "main", "public", "wsgi", "www"}
)
"""Names of files and directories that tell nothing of an application."""

UNFIT = re.compile(r"[^A-Za-z0-9_.-]+")


def separation(instance: Instance, groups: Iterable[tuple[Application, ...]]) -> tuple[str, ...]:
    """A process group for each tuple of applications: what to write, and where."""
    return Separation(instance).of(groups)


class Separation:
    """Process groups for the applications of one instance; made once for many remedies."""

    def __init__(self, instance: Instance, more: Mapping[str, str] = MappingProxyType({})) -> None:
        """`more`: other options of every alias."""
        self._groups = {group.name: group for group in instance.process_groups}
        self._aliases = aliases_of(instance.configuration)
        self._embedded = embedded_options(instance.configuration)
        self._more = more

    def of(self, groups: Iterable[tuple[Application, ...]]) -> tuple[str, ...]:
        """A new group for each tuple of applications."""
        given: set[str] = set()
        lines: list[str] = []
        movable = (tuple(one for one in each if one.is_movable) for each in groups)
        for count, applications in enumerate(filter(None, movable)):
            if count >= MAX_GROUPS:
                lines.append("And so on: a process group for each of the others.")
                break
            name = self._unused(name_for(applications[0]), given)
            group = self._definition(name, applications[0])
            lines.append(f"Above every {above(applications)}: {group}")
            lines.extend(dict.fromkeys(self.mounting(one, name) for one in applications))
        return tuple(lines)

    def _unused(self, name: str, given: set[str]) -> str:
        """The name, with a number where a group has it; it is given from then on."""
        candidates = (f"{name}-{number}" if number > 1 else name for number in range(1, 1 << 20))
        found = next(each for each in candidates if not (each in self._groups or each in given))
        given.add(found)
        return found

    def _definition(self, name: str, application: Application) -> str:
        """WSGIDaemonProcess with the options that the application has now."""
        group = self._groups.get(application.process_group or "")
        options = group.options if group else self._embedded
        words = (f"{key}={quoted(value)}" for key, value in options.items())
        return " ".join(("WSGIDaemonProcess", name, *words))

    def mounting(self, application: Application, name: str) -> str:
        """The alias with process-group=, or a section where the alias serves many scripts."""
        if application.directive:
            return self._script(application, name)
        where, directive = application.where, self._aliases.get(application.where)
        if directive is None or "$" in directive.raw:
            directory, file = posixpath.split(application.script)
            said = {"process-group": name, **self._more}
            words = (f"{DIRECTIVES[key]} {value}" for key, value in said.items())
            return (
                f"<Directory {quoted(directory)}> <Files {quoted(file)}> {' '.join(words)} "
                "</Files> </Directory>"
            )
        mount = mount_of(directive)
        is_same = mount.script == application.script
        url = mount.url if is_same else application.mount
        options = {**mount.options, "process-group": name, **self._more}
        words = (f"{key}={quoted(value)}" for key, value in options.items())
        script = quoted(application.script)
        line = " ".join((directive.name, quoted(url), script, *words))
        return f"{where}: {line}" if is_same else f"Before {where}: {line}"

    def _script(self, one: Application, name: str) -> str:
        """The line of a script that serves no URL: some can only change their interpreter."""
        options = {"process-group": name} if one.is_movable else {}
        options |= {"application-group": one.application_group or GLOBAL, **self._more}
        words = (f"{key}={quoted(value)}" for key, value in options.items())
        return f"{one.where}: {one.directive} {quoted(one.script)} {' '.join(words)}"


def above(applications: Iterable[Application]) -> str:
    """What must not stand before the group: import scripts and some aliases look for it at once."""
    if any(one.directive for one in applications):
        return "<VirtualHost>, WSGIScriptAlias and WSGIImportScript"
    return "<VirtualHost> and WSGIScriptAlias"


def separation_by(
    instance: Instance, wanted: Iterable[tuple[object, Application]]
) -> tuple[str, ...]:
    """A process group for the applications of each thing that is wanted, but the first.

    The first is one that cannot move, where there is such a one.
    """
    groups: dict[object, list[Application]] = {}
    for thing, application in wanted:
        groups.setdefault(thing, []).append(application)
    staying = sorted(groups.values(), key=lambda each: all(one.is_movable for one in each))
    return separation(instance, (tuple(each) for each in staying[1:]))


class MainInterpreters:
    """Remedies for the applications of one instance that need the main interpreter of a process."""

    def __init__(self, instance: Instance) -> None:
        self._separation = Separation(instance, MAIN_INTERPRETER)
        self._scripts: dict[str | None, set[str]] = {}
        for one in instance.programs:
            self._scripts.setdefault(one.process_group, set()).add(one.script)

    def remedy(self, applications: Iterable[Application]) -> tuple[str, ...]:
        """What to write, and where, for each script; one that is alone keeps its daemon group."""
        crowded: dict[str, list[Application]] = {}
        lines: list[str] = []
        for one in applications:
            if not one.is_movable:
                lines.append(self._separation.mounting(one, ""))
            elif not self._is_alone(one):
                crowded.setdefault(one.script, []).append(one)
            elif len(lines) < MAX_GROUPS:
                lines.append(self._separation.mounting(one, str(one.process_group)))
        new = self._separation.of(map(tuple, crowded.values()))
        return (*dict.fromkeys(lines), *new, "Stop and start httpd.")

    def _is_alone(self, application: Application) -> bool:
        group = application.process_group
        return bool(group) and None not in self._scripts and len(self._scripts[group]) == 1


def name_for(application: Application) -> str:
    """From the script's name, or the directory that tells what it is."""
    parts = application.script.removesuffix(".wsgi").removesuffix(".py").split("/")
    telling = [part for part in parts if part and part.lower() not in USUAL]
    return UNFIT.sub("-", telling[-1]).strip("-") or "site" if telling else "site"


def embedded_options(configuration: Configuration) -> Mapping[str, str]:
    """What embedded mode has by directives of the server."""
    last = {one.key: one.args[0] for one in configuration.directives if one.args}
    pairs = (("python-home", "wsgipythonhome"), ("python-path", "wsgipythonpath"))
    return {option: last[key] for option, key in pairs if key in last}


def quoted(value: str) -> str:
    """A value as one word of a directive."""
    return f'"{value}"' if not value or re.search(r"\s", value) else value


def aliases_of(configuration: Configuration) -> dict[Where, Directive]:
    """Every WSGIScriptAlias that httpd accepts, by its place."""
    return {one.where: one for one in walk(configuration.directives) if is_alias(one)}


def is_alias(directive: Directive) -> bool:
    """A usable one."""
    if directive.key not in ALIASES:
        return False
    try:
        mount_of(directive)
    except OptionError:
        return False
    return True
