"""Which applications share a process."""

from collections.abc import Iterator
from dataclasses import dataclass

from hostprobe.model.instance import Application, Instance


@dataclass(frozen=True, slots=True)
class SharedProcess:
    """One kind of process of an instance, with every application that it may load."""

    instance: Instance
    group: str
    """Name of the process group; "" is embedded mode: every child of httpd loads them."""

    applications: tuple[Application, ...]

    @property
    def title(self) -> str:
        """In words."""
        return f"process group {self.group}" if self.group else "embedded mode"

    @property
    def subject(self) -> str:
        """For the subject of a finding."""
        return f"process-group:{self.group or 'embedded'}"


def processes(instance: Instance) -> Iterator[SharedProcess]:
    """In the order of the configuration; not where only a request decides, or no group exists."""
    members: dict[str, list[Application]] = {}
    for application in instance.applications:
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
