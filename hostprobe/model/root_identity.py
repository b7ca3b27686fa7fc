"""Processes that serve requests as root, planned or running."""

from collections.abc import Iterator
from dataclasses import dataclass

from hostprobe.model.identity import PER_REQUEST, is_started_by_root
from hostprobe.model.instance import Instance
from hostprobe.model.running.processes import Role
from hostprobe.model.users import Users


@dataclass(frozen=True, slots=True)
class RootIdentity:
    """What is to be root, or is."""

    instance: str
    subject: str
    title: str
    """The children, or the process group."""

    written: str
    """What the configuration says; "" where only the running processes say it."""

    where: str
    refusal: str
    """In the words of httpd."""

    cure: str
    pids: tuple[int, ...]
    """Running as root now; the parent always is and is not among them."""


CHILD_REFUSAL = "Apache has not been designed to serve pages while running as root."
DAEMON_REFUSAL = "WSGI process blocked from running as root."


def find_root_identities(users: Users, instance: Instance) -> Iterator[RootIdentity]:
    """The children, then each process group that names root itself."""
    if not is_started_by_root(instance):
        return
    yield from of_children(users, instance)
    for group in instance.process_groups:
        written = group.options.get("user", "")
        pids = as_root(instance, Role.DAEMON, group.name)
        if pids or (written and users.uid(written) == 0):
            yield RootIdentity(
                instance=instance.name,
                subject=f"process-group:{group.name}",
                title=f"Process group {group.name}",
                written=f"user={written}" if written else "",
                where=str(group.where),
                refusal=DAEMON_REFUSAL,
                cure="user= of the application's owner",
                pids=pids,
            )


def of_children(users: Users, instance: Instance) -> Iterator[RootIdentity]:
    """User of the main server; mpm_itk's children are root until a request comes."""
    said = [one for one in instance.configuration.directives if one.key == "user" and one.args]
    pids = () if serves_as_others(instance) else as_root(instance, Role.CHILD, None)
    is_planned = bool(said) and users.uid(said[-1].args[0]) == 0
    if pids or is_planned:
        yield RootIdentity(
            instance=instance.name,
            subject=f"instance:{instance.name}",
            title="httpd",
            written=f"User {said[-1].args[0]}" if said else "",
            where=str(said[-1].where) if said else "",
            refusal=CHILD_REFUSAL,
            cure="User with an account of its own (www-data, apache)",
            pids=pids,
        )


def serves_as_others(instance: Instance) -> bool:
    """A module gives each request its user."""
    return any(load.symbol in PER_REQUEST for load in instance.configuration.loads)


def as_root(instance: Instance, role: Role, group: str | None) -> tuple[int, ...]:
    """Process ids of that role that run as root."""
    processes = instance.running.processes if instance.running else ()
    return tuple(
        one.facts.pid
        for one in processes
        if one.role is role and one.group == group and one.facts.uid == 0
    )
