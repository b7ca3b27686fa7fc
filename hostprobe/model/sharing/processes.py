"""Which applications, and scripts of mod_wsgi, share a process."""

from collections.abc import Iterator
from dataclasses import dataclass

from hostprobe.model.instance import Application, Instance


@dataclass(frozen=True, slots=True)
class SharedProcess:
    """One kind of process of an instance, with every application that it may load."""

    instance: Instance
    group: str | None
    """Name of the process group; "" is embedded mode: every child of httpd loads them; None: a
    request decides, so that they may share a process."""

    applications: tuple[Application, ...]

    @property
    def title(self) -> str:
        """In words."""
        if self.group is None:
            return "a process group that requests decide"
        return f"process group {self.group}" if self.group else "embedded mode"

    @property
    def subject(self) -> str:
        """For the subject of a finding."""
        if self.group is None:
            return "process-group:%{ENV}"
        return f"process-group:{self.group or 'embedded'}"


def processes(instance: Instance) -> Iterator[SharedProcess]:
    """In the order of the configuration; not where only a request decides, or no group exists."""
    members: dict[str, list[Application]] = {}
    for application in instance.programs:
        if application.process_group is not None:
            members.setdefault(application.process_group, []).append(application)
    known = {"", *(group.name for group in instance.process_groups)}
    for group, found in members.items():
        if group in known:
            yield SharedProcess(instance, group, tuple(found))


def shared_processes(instance: Instance) -> Iterator[SharedProcess]:
    """Those with more than one script; the same script at several mounts is one application."""
    for process in processes(instance):
        if len({application.script for application in process.applications}) > 1:
            yield process


def possible_processes(instance: Instance) -> Iterator[SharedProcess]:
    """The same as `processes`, and last the one that a request may choose for several."""
    yield from processes(instance)
    undecided = tuple(one for one in instance.programs if one.process_group is None)
    if undecided:
        yield SharedProcess(instance, None, undecided)
