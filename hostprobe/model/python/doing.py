"""What applications do, as far as their own source files tell."""

from collections.abc import Iterator
from dataclasses import dataclass

from hostprobe.facts.acts import Acts
from hostprobe.facts.files import Files
from hostprobe.facts.python import PythonSource
from hostprobe.model.instance import Application, Instance, PythonTopology
from hostprobe.model.python.own_module import OwnModule
from hostprobe.model.python.settings import Setting, setting


@dataclass(frozen=True, slots=True)
class Doing:
    """One file of an application's own code and what it does."""

    module: OwnModule
    acts: Acts

    @property
    def path(self) -> str:
        """The file."""
        return self.module.path


class Applications:
    """The applications of this host with what each of them does."""

    def __init__(self, files: Files, topology: PythonTopology) -> None:
        self.files = files
        self.instances: tuple[Instance, ...] = topology.instances

    def doing(self, application: Application) -> Iterator[Doing]:
        """File by file in the order of execution; those beside it last, unreadable ones not."""
        for module in application.own:
            source = self.files.read(module.path, PythonSource)
            if isinstance(source, PythonSource):
                yield Doing(module, source.acts)

    def starting(self, application: Application) -> Iterator[Doing]:
        """Only the files that are executed before, or with, the first request."""
        return (one for one in self.doing(application) if one.module.runs_at_start)

    def setting(self, application: Application, name: str) -> Setting | None:
        """What its Django settings say of a name; None: nothing, or it has no settings."""
        if application.settings is None:
            return None
        return setting(self.files, application.settings, name)
