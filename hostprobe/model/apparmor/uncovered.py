"""What applications need and an enforced profile of httpd does not let through."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from hostprobe.facts.files import Absent, Files, Missing, Stat
from hostprobe.model.apparmor.profiles import Confinement, Profiles
from hostprobe.model.apparmor.state import apparmor_state
from hostprobe.model.instance import Application, Instance, Topology

HATS = "apparmor_module"
"""mod_apparmor changes into hats, which have rules of their own, for each request."""


@dataclass(slots=True)
class Uncovered:
    """Paths of one directory that the profile does not let through."""

    profile: Confinement
    directory: str
    modes: str
    """What they need: "r", or "mr" for extensions."""

    paths: list[str] = field(default_factory=list)
    applications: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class UncoveredPaths:
    """Of all instances that an enforced profile confines."""

    all: tuple[Uncovered, ...]


def confinements(
    files: Files, topology: Topology, *, is_live: bool
) -> list[tuple[Instance, Confinement]] | Missing | Absent:
    """Each confined httpd with its profile; Absent where there is none, or no AppArmor."""
    state = apparmor_state(files, is_live=is_live)
    if isinstance(state, Missing | Absent):
        return state
    profiles = Profiles(files, is_live=is_live)
    found = [(one, profiles.confinement(one)) for one in topology.instances]
    for _, confinement in found:
        if isinstance(confinement, Missing):
            return confinement
    confined = [(one, what) for one, what in found if isinstance(what, Confinement)]
    return confined or Absent("no profile of AppArmor confines an httpd of this host")


def uncovered_paths(
    files: Files, topology: Topology, *, is_live: bool
) -> UncoveredPaths | Missing | Absent:
    """Absent where AppArmor is not there, or confines no httpd."""
    confined = confinements(files, topology, is_live=is_live)
    if isinstance(confined, Missing | Absent):
        return confined
    return UncoveredPaths(
        tuple(each for instance, what in confined for each in of_instance(files, instance, what))
    )


def of_instance(files: Files, instance: Instance, profile: Confinement) -> list[Uncovered]:
    """By directory and mode, in the order met."""
    groups: dict[tuple[str, str], Uncovered] = {}
    if not profile.is_enforced or (profile.has_hats and changes_hats(instance)):
        return []
    for application in instance.applications:
        for path, modes in uses(files, application):
            if all(profile.allows(path, mode) for mode in modes):
                continue
            key = (path.rpartition("/")[0], modes)
            one = groups.setdefault(key, Uncovered(profile, *key))
            for values, value in ((one.paths, path), (one.applications, application.name)):
                if value not in values:
                    values.append(value)
    return list(groups.values())


def changes_hats(instance: Instance) -> bool:
    """mod_apparmor is loaded."""
    return any(load.symbol == HATS for load in instance.configuration.loads)


def uses(files: Files, application: Application) -> Iterator[tuple[str, str]]:
    """The script and own modules, which are read, and extensions, which are mapped.

    Links are followed: AppArmor sees the path behind them.
    """
    own = (module.path for module in application.own)
    for path in dict.fromkeys((application.script, *own)):
        stat = files.stat(path)
        if isinstance(stat, Stat):
            yield stat.real, "r"
    for extension in application.reachable:
        stat = files.stat(extension.path)
        if isinstance(stat, Stat):
            yield stat.real, "mr"
