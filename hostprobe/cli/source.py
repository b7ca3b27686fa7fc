"""From options to what is inspected: a live root or a snapshot, and the request."""

import os
from argparse import Namespace
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import hostprobe
from hostprobe.cli.errors import UsageError
from hostprobe.cli.output import progress
from hostprobe.collect.files import LiveFiles
from hostprobe.collect.host import collect_identity
from hostprobe.collect.record import Record
from hostprobe.collect.snapshot import MAX_FILE, ReplayFiles, Snapshot, SnapshotError, read_snapshot
from hostprobe.facts.files import Absent, Files, Missing
from hostprobe.facts.httpd import ConfigFile
from hostprobe.facts.request import Request
from hostprobe.inspection import Inspection
from hostprobe.model.instance import Topology

SAMPLE = "sample"
DENIED = ": permission denied"


@dataclass(frozen=True, slots=True)
class Source:
    """An inspection, and what a reader must know of it first."""

    inspection: Inspection
    record: Record
    label: str = ""
    """Empty for a host that was read just now."""

    def notes(self) -> Iterator[str]:
        """What stands above the result; complete once everything was asked."""
        if self.label:
            yield self.label
        unreadable = () if self.label or self.inspection.host.privileged else self.denied()
        if unreadable:
            yield (
                f"Not running as root: {counted(unreadable)} could not be read, the first is "
                f"{unreadable[0]}. Run it with sudo for a complete result."
            )
        live = self.inspection.live
        if not isinstance(live, Missing):
            yield from live.notes
        starts = self.inspection.starts
        if isinstance(starts, Absent):
            yield f"{starts.reason}. {self.next_step()}"
        elif isinstance(starts, Missing):
            yield starts.reason

    def next_step(self) -> str:
        """What to try where there is no httpd."""
        if self.label:
            return "The snapshot was taken on a host without httpd."
        return f"See hostprobe at work on a bundled host: hostprobe scan --snapshot {SAMPLE}"

    def denied(self) -> tuple[str, ...]:
        """Paths that only a privileged reader gets."""
        reasons = self.record.unread()
        return tuple(each.removesuffix(DENIED) for each in reasons if each.endswith(DENIED))


def counted(paths: tuple[str, ...]) -> str:
    """How many, in words."""
    return "1 path" if len(paths) == 1 else f"{len(paths)} paths"


@contextmanager
def opened(options: Namespace) -> Iterator[Source]:
    """What the options name; UsageError where there is no such thing."""
    tell = progress(quiet=getattr(options, "quiet", False))
    try:
        if options.snapshot is not None:
            yield replayed(options, tell)
        else:
            files = live_files(options.root)
            try:
                yield live(options, files, tell)
            finally:
                files.close()
    finally:
        tell("")


def live_files(root: str) -> LiveFiles:
    """The door to a directory; an empty name would be the working directory."""
    if not root:
        raise UsageError("--root names no directory")
    try:
        return LiveFiles(root)
    except OSError as error:
        raise UsageError(f"--root {root}: {(error.strerror or str(error)).lower()}") from error


def live(options: Namespace, files: LiveFiles, tell: Callable[[str], None]) -> Source:
    """The running host, or another root."""
    request = requested(options, is_live=files.root.directory == "/")
    require_alone(request)
    require_files(files, request)
    inspection = Inspection(files, collect_identity(files), request, tell)
    return Source(inspection, files.record)


def replayed(options: Namespace, tell: Callable[[str], None]) -> Source:
    """The host in a snapshot; what it was asked when it was taken holds unless given anew."""
    snapshot = load(options.snapshot)
    request = merged(snapshot.request, requested(options, is_live=False))
    inspection = Inspection(ReplayFiles(snapshot.record), snapshot.host, request, tell)
    kind = "bundled sample" if options.snapshot == SAMPLE else "snapshot"
    label = (
        f"NOT THIS HOST: {kind} of {snapshot.host.name}, taken {snapshot.taken} "
        f"with hostprobe {snapshot.hostprobe}."
    )
    return Source(inspection, snapshot.record, label)


def load(name: str) -> Snapshot:
    """Read a snapshot file, or the bundled one."""
    path = Path(name)
    if name == SAMPLE and not path.exists():
        path = Path(hostprobe.__file__).parent / "sample.snapshot"
    try:
        with path.open("rb") as stream:
            return read_snapshot(stream.read(MAX_FILE + 1))
    except OSError as error:
        raise UsageError(f"--snapshot {name}: {(error.strerror or str(error)).lower()}") from error
    except SnapshotError as error:
        raise UsageError(f"--snapshot {name}: {error}") from error


def requested(options: Namespace, *, is_live: bool) -> Request:
    """The request in the options; relative paths are the caller's on a live host."""

    def place(path: str | None) -> str | None:
        if path is None:
            return None
        return os.path.abspath(path) if is_live else os.path.join("/", path)  # noqa: PTH100, PTH118

    return Request(
        config=place(options.config),
        httpd=place(options.httpd),
        defines=tuple(options.defines or ()),
        before=tuple(options.before or ()),
        after=tuple(options.after or ()),
        python=place(options.python),
        extensions=tuple(place(path) or "" for path in options.extensions or ()),
        app=place(options.app),
        restarts=getattr(options, "restarts", 0),
        pid=options.pid or 0,
        no_live=options.no_live,
    )


def merged(stored: Request, given: Request) -> Request:
    """What is given on the command line wins, option by option."""
    names = Request.__dataclass_fields__
    return Request(**{name: getattr(given, name) or getattr(stored, name) for name in names})


def require_alone(request: Request) -> None:
    """UsageError for an option that leaves a running process no say."""
    others = {
        "--config": request.config,
        "--httpd": request.httpd,
        "-D": request.defines,
        "-C": request.before,
        "-c": request.after,
        "--no-live": request.no_live,
    }
    for option, value in others.items():
        if request.pid and value:
            raise UsageError(f"{option} does not go with --pid: the process tells how it started")


def require_files(files: Files, request: Request) -> None:
    """UsageError for a named file that is not there."""
    named = {"--config": request.config, "--httpd": request.httpd, "--python": request.python}
    for option, path in named.items():
        if path is not None:
            require(option, files.stat(path))
    for path in request.extensions:
        require("--extension", files.elf(path))
    if request.config is not None:
        require("--config", files.read(request.config, ConfigFile))


def require(option: str, answer: object) -> None:
    """UsageError when it is Missing."""
    if isinstance(answer, Missing):
        raise UsageError(f"{option} {answer.reason}")


def require_topology(inspection: Inspection) -> None:
    """UsageError when a named configuration or binary is of no use, or --app names nothing."""
    asked, topology = inspection.request, inspection.topology
    if isinstance(topology, Missing) and (asked.config or asked.httpd or asked.pid):
        raise UsageError(topology.reason)
    if asked.app is None or not isinstance(topology, Topology):
        return
    if not any(instance.applications for instance in topology.instances):
        raise UsageError(f"--app {asked.app}: no application of any httpd has this script")
