"""`hostprobe agent`: scans on a schedule and after changes, until it is stopped."""

import faulthandler
import gc
import os
from argparse import Namespace
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import Any

from hostprobe.agent.counters import Counters, parse_counters, render_counters
from hostprobe.agent.journal import Journal
from hostprobe.agent.loop import Agent, Deeds
from hostprobe.agent.notify import Supervisor
from hostprobe.agent.schedule import share_of_host
from hostprobe.agent.state import State
from hostprobe.cli.errors import UsageError
from hostprobe.cli.settings import settings_of
from hostprobe.cli.stored import require_directory, state_of
from hostprobe.facts.settings import Settings
from hostprobe.reading import read_file, reason
from hostprobe.writing import locked, replace_file

MACHINE_ID = "/etc/machine-id"
FILE_MODE, DIRECTORY_MODE = 0o640, 0o750
MAX_FILE = 1 << 20


def agent(options: Namespace) -> int:
    """Run until SIGTERM."""
    gc.enable()  # a command that ends soon goes without
    faulthandler.enable()  # systemd's watchdog aborts: the place goes to stderr
    require_directory(options)
    settings = settings_of(options)
    state = state_of(options, settings)
    journal, supervisor = Journal(os.environ), Supervisor(os.environ)
    path = os.path.join(state.directory, "agent.json")  # noqa: PTH118
    deeds = Deeds(
        read_settings=lambda: reread(options, state),
        scan=lambda current: scan(options, current, state, journal),
        store=lambda counters: replace_file(path, render_counters(counters), FILE_MODE),
    )
    with alone(state.directory):
        Agent(settings, deeds, counted(path), supervisor, journal, share()).run()
    return 0


def scan(
    options: Namespace, settings: Settings, state: State, journal: Journal
) -> Mapping[str, Any]:
    """In the child: what `hostprobe scan --state DIR` does, with the settings of the agent."""
    from hostprobe.agent.work import scan_and_tell  # noqa: PLC0415  the agent itself stays small
    from hostprobe.cli.parser import build_parser  # noqa: PLC0415
    from hostprobe.cli.scan import scanned  # noqa: PLC0415

    asked = build_parser().parse_args(["scan", "--quiet", "--state", state.directory])
    for name in ("root", "config", "httpd", "no_live"):
        setattr(asked, name, getattr(options, name))
    try:
        return scan_and_tell(lambda: scanned(asked, settings), state, journal, options.root)
    except UsageError as error:
        return {"failed": ("scan", str(error))}


def reread(options: Namespace, state: State) -> Settings:
    """The settings again; ValueError for what is wrong or needs another agent."""
    try:
        settings = settings_of(options)
        directory = state_of(options, settings).directory
    except UsageError as error:
        raise ValueError(str(error)) from error
    if directory != state.directory:
        raise ValueError(f"[state] directory is {state.directory} until the agent is started anew")
    return settings


def counted(path: str) -> Counters:
    """What an earlier agent counted."""
    try:
        return parse_counters(read_file(path, MAX_FILE))
    except (OSError, ValueError):
        return Counters()


def share() -> float:
    """Where in the interval scans of this host are; 0 where it has no identity."""
    try:
        return share_of_host(read_file(MACHINE_ID, MAX_FILE).strip())
    except (OSError, ValueError):
        return 0.0


@contextmanager
def alone(directory: str) -> Iterator[None]:
    """No other agent uses the state directory until the block ends; UsageError."""
    try:
        with suppress(FileExistsError):
            os.mkdir(directory, DIRECTORY_MODE)  # noqa: PTH102
        lock = locked(os.path.join(directory, ".agent.lock"))  # noqa: PTH118
    except BlockingIOError as error:
        raise UsageError(f"another agent is at work for {directory}") from error
    except OSError as error:
        raise UsageError(f"{directory}: {reason(error)}") from error
    try:
        yield
    finally:
        os.close(lock)
