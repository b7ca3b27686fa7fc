"""Reports that are kept: the state directory that a command means."""

import os
from argparse import Namespace
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from hostprobe.agent.state import State, StateError, read_report
from hostprobe.cli.errors import UsageError
from hostprobe.cli.settings import is_of_another_host, settings_of
from hostprobe.facts.settings import Settings
from hostprobe.report.formats import Document


def state_of(options: Namespace, settings: Settings | None = None) -> State:
    """That of `--state DIR`, or of the settings."""
    found = (settings or settings_of(options)).state
    directory = os.path.abspath(options.state) if options.state else found.directory  # noqa: PTH100
    return State(directory, found.keep)


def require_directory(options: Namespace) -> None:
    """UsageError where reports of another host would come among this host's."""
    if not options.state and is_of_another_host(options):
        raise UsageError("--state needs a DIR here: the state directory is for this host's reports")


@contextmanager
def kept(options: Namespace, settings: Settings) -> Iterator[Callable[[Document], None] | None]:
    """What keeps a report in the state directory; None without --state. UsageError."""
    if options.state is None:
        yield None
        return
    require_directory(options)
    from hostprobe.agent.writer import writing  # noqa: PLC0415  a reader does not need the engine

    try:
        with writing(state_of(options, settings)) as store:
            yield store
    except StateError as error:
        raise UsageError(str(error)) from error


def stored(options: Namespace, name: str | None) -> Document:
    """The report in a file, the one so many scans before the last, or (None) the last.

    UsageError when there is none.
    """
    try:
        if name is None:
            return state_of(options).last()
        return state_of(options).back(int(name)) if is_step(name) else read_report(name)
    except StateError as error:
        raise UsageError(str(error)) from error


def is_step(name: str) -> bool:
    """A number; a file of such a name is `./3`."""
    return name.isascii() and name.isdecimal() and len(name) < 10
