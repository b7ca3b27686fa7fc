"""Whose a path is: the applications that have their code, environment or home there."""

from collections.abc import Iterable, Iterator

from hostprobe.model.instance import Application, Instance, PythonEnvironment, Topology
from hostprobe.model.python.own_code import own_roots


def applications_at(topology: Topology, paths: Iterable[str | None]) -> tuple[str, ...]:
    """Names of the applications that any of these paths belongs to."""
    known = [path for path in paths if path and path.startswith("/")]
    return tuple(
        dict.fromkeys(
            application.name
            for instance in topology.instances
            for application in (instance.applications if known else ())
            for place in places(instance, application)
            if any(is_below(path, place) for path in known)
        )
    )


def places(instance: Instance, application: Application) -> Iterator[str]:
    """The script, directories of own code, the environment and the daemon's home."""
    yield application.script
    found = [application.script.rpartition("/")[0]]
    environment = application.environment
    if isinstance(environment, PythonEnvironment):
        found += [environment.home or "", *environment.search_path]
        yield from (path for path in environment.search_path if is_own_site(path))
        yield environment.home or application.script
    found += [
        group.options.get("home", "")
        for group in instance.process_groups
        if group.name == application.process_group
    ]
    yield from own_roots(found)


def is_own_site(path: str) -> bool:
    """A site directory outside the distribution's own."""
    return not path.startswith("/usr/lib")


def is_below(path: str, place: str) -> bool:
    """The place itself, or something in it."""
    return path == place or path.startswith(f"{place.rstrip('/')}/")
