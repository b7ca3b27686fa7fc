"""Zipped eggs that pkg_resources unpacks, and the directory that it unpacks them into.

pkg_resources of setuptools: get_default_cache, ZipProvider.get_resource_filename.
"""

import posixpath
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from hostprobe.facts.acts import EnvironmentChange
from hostprobe.facts.egg import Egg
from hostprobe.facts.files import Files, Missing, Stat, is_regular
from hostprobe.facts.python import PythonSource
from hostprobe.facts.user import Account
from hostprobe.model.inherited_home import BY_HAND, mendings, present
from hostprobe.model.instance import Application, Instance, ProcessGroup, PythonEnvironment
from hostprobe.model.python.doing import Applications
from hostprobe.model.users import Users

CACHE = "PYTHON_EGG_CACHE"
TRAC, TRAC_PARENT = "TRAC_ENV", "TRAC_ENV_PARENT_DIR"
MOST_PROJECTS = 200
MODERN = ("pkg_resources/_vendor/platformdirs", "pkg_resources/_vendor/appdirs.py")
"""What a pkg_resources that follows XDG carries along; setuptools 71 moved it."""


@dataclass(frozen=True, slots=True)
class UnpackedEgg:
    """One zipped egg of which something must be a real file."""

    path: str
    egg: Egg
    is_imported: bool
    """The application's own files import it; otherwise it is only installed."""

    asked_at: str = ""
    """File and line of the application that asks for its files."""

    @property
    def why(self) -> str:
        """What is unpacked."""
        if self.egg.extensions:
            return f"the extension {self.egg.extensions[0][0]}"
        if self.asked_at:
            return f"resources that {self.asked_at} asks for"
        if self.egg.askers:
            return f"resources that {self.egg.askers[0].lstrip('/')} asks for"
        return "its eager resources"


@dataclass(frozen=True, slots=True)
class EggCache:
    """Where an application's eggs are unpacked."""

    path: str
    because: str
    is_of_script: bool = False
    """The script decides, whatever httpd's configuration says."""

    is_of_home: bool = False
    """It lies in the home directory, as nothing names another."""


def unpacked_eggs(applications: Applications, application: Application) -> Iterator[UnpackedEgg]:
    """On sys.path and among Trac's plugins, in that order."""
    environment = application.environment
    if isinstance(environment, Missing):
        return
    changes = (one for each in applications.doing(application) for one in each.acts.environment)
    candidates = (*environment.search_path, *trac_plugins(applications.files, changes))
    eggs = {path: egg for path in candidates if (egg := zipped(applications.files, path))}
    if not eggs:
        return
    own, asked = imported(applications, application), asked_for(applications, application)
    for path, egg in eggs.items():
        where = next((asked[name] for name in egg.packages if name in asked), "")
        if egg.extensions or egg.has_eager_resources or egg.askers or where:
            yield UnpackedEgg(path, egg, bool(own.intersection(egg.packages)), where)


def zipped(files: Files, path: str) -> Egg | None:
    """The egg at a path; None for a directory, and for what is no archive."""
    if not path.endswith(".egg") or not is_regular(files, path):
        return None
    found = files.read(path, Egg)
    return None if isinstance(found, Missing) else found


def imported(applications: Applications, application: Application) -> set[str]:
    """Top names of what the application's own files import."""
    sources = (applications.files.read(one.path, PythonSource) for one in application.own)
    return {
        one.module.partition(".")[0]
        for source in sources
        if isinstance(source, PythonSource)
        for one in source.imports
        if not one.level
    }


def asked_for(applications: Applications, application: Application) -> dict[str, str]:
    """Package -> where the application asks for a file of it by name."""
    found: dict[str, str] = {}
    for doing in applications.doing(application):
        for call in doing.acts.calls:
            if call.name == "pkg_resources.resource_filename" and call.args:
                package = call.args[0]
                if isinstance(package, str):
                    where = f"{doing.path}:{call.place.line}"
                    found.setdefault(package.partition(".")[0], where)
    return found


def trac_plugins(files: Files, changes: Iterable[EnvironmentChange]) -> Iterator[str]:
    """Files in the plugins directory of each Trac environment that a script names."""
    for change in changes:
        if isinstance(change.value, str) and change.variable == TRAC:
            yield from listed(files, f"{change.value}/plugins")
        elif isinstance(change.value, str) and change.variable == TRAC_PARENT:
            for project in (*listed(files, change.value),)[:MOST_PROJECTS]:
                yield from listed(files, f"{project}/plugins")


def listed(files: Files, directory: str) -> Iterator[str]:
    """Paths of what is in a directory."""
    names = files.list(directory)
    yield from (f"{directory}/{name}" for name in (() if isinstance(names, Missing) else names))


def egg_cache(
    applications: Applications,
    users: Users,
    instance: Instance,
    application: Application,
    account: Account,
) -> EggCache | None:
    """None where only the running program knows it; `account` is who runs the application."""
    script = of_script(applications, application)
    if script is not None and (script.kind == "set" or not configured(instance, application)):
        place = f"{application.script} sets {CACHE}"
        value = script.value
        return EggCache(value, place, is_of_script=True) if isinstance(value, str) else None
    known = configured(instance, application)
    if known is not None:
        return known
    home = home_of(applications, users, instance, application, account)
    return default_cache(applications.files, application.environment, home, variables(instance))


def of_script(applications: Applications, application: Application) -> EnvironmentChange | None:
    """The last thing that the application does to the variable when it is loaded."""
    changes = (
        change
        for doing in applications.starting(application)
        for change in doing.acts.environment
        if change.variable == CACHE and change.place.at_import and change.kind != "delete"
    )
    return next(reversed(tuple(changes)), None)


def configured(instance: Instance, application: Application) -> EggCache | None:
    """python-eggs= of its daemon, WSGIPythonEggs in embedded mode, else httpd's environment."""
    group = group_of(instance, application)
    if group is not None and "python-eggs" in group.options:
        return EggCache(group.options["python-eggs"], f"python-eggs= of {group.name}")
    for one in reversed(instance.configuration.directives):
        if group is None and one.key == "wsgipythoneggs" and one.args:
            return EggCache(one.args[0], f"WSGIPythonEggs, {one.where}")
    value = variables(instance).get(CACHE)
    return EggCache(value, f"{CACHE} in httpd's environment") if value else None


def group_of(instance: Instance, application: Application) -> ProcessGroup | None:
    """The daemon process group; None in embedded mode."""
    names = {group.name: group for group in instance.process_groups}
    return names.get(application.process_group or "")


def variables(instance: Instance) -> Mapping[str, str]:
    """The environment of httpd: as it runs, else as it would be started."""
    if instance.running is not None:
        return instance.running.parent.environment or {}
    return instance.configuration.start.environment or {}


def home_of(
    applications: Applications,
    users: Users,
    instance: Instance,
    application: Application,
    account: Account,
) -> str:
    """What ~ means to the application; a HOME that is only supposed does not count."""
    if application.process_group or any(mendings(applications, application)):
        return account.home
    found = present(applications.files, users, instance)
    return account.home if found is None or found[1] == BY_HAND else found[0]


def default_cache(
    files: Files,
    environment: PythonEnvironment | Missing,
    home: str,
    environ: Mapping[str, str],
) -> EggCache:
    """By what XDG says, or in the home directory itself with an old pkg_resources."""
    if not isinstance(environment, Missing) and is_old(files, environment.search_path):
        return EggCache(f"{home}/.python-eggs", f"~ is {home}", is_of_home=True)
    base = environ.get("XDG_CACHE_HOME", "").strip()
    if base:
        return EggCache(f"{base}/Python-Eggs", "XDG_CACHE_HOME in httpd's environment")
    path = posixpath.join(home, ".cache/Python-Eggs")
    return EggCache(path, f"~ is {home}", is_of_home=True)


def is_old(files: Files, path: Iterable[str]) -> bool:
    """The pkg_resources on the path knows nothing of XDG; the newer one where none is found."""
    for directory in path:
        if is_regular(files, f"{directory}/pkg_resources.py"):
            return True
        if is_regular(files, f"{directory}/pkg_resources/__init__.py"):
            places = (*MODERN, "setuptools/_vendor/platformdirs")
            return not any(isinstance(files.stat(f"{directory}/{one}"), Stat) for one in places)
    return False
