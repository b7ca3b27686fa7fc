"""The agent itself: it waits, and starts scans. It never reads what it judges."""

import math
import select
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from signal import SIGCHLD, SIGHUP, SIGINT, SIGTERM, SIGUSR1
from typing import Any

from hostprobe.agent.child import Limits, ScanError, ScanProcess
from hostprobe.agent.counters import Counters
from hostprobe.agent.inotify import Watch, why_unwatched
from hostprobe.agent.journal import Journal, Kind, Priority
from hostprobe.agent.notify import Supervisor
from hostprobe.agent.schedule import Schedule
from hostprobe.agent.signals import Signals
from hostprobe.facts.settings import Settings
from hostprobe.reading import reason


@dataclass(frozen=True, slots=True)
class Deeds:
    """What the agent does not do itself."""

    read_settings: Callable[[], Settings]
    """ValueError with one line for settings that are wrong."""

    scan: Callable[[Settings], Mapping[str, Any]]
    """Runs in the child: `hostprobe.agent.work.scan_and_tell`."""

    store: Callable[[Counters], None]
    """Writes agent.json; OSError."""


class Agent:
    """Waits for signals, changes and times, until SIGTERM."""

    def __init__(
        self,
        settings: Settings,
        deeds: Deeds,
        counters: Counters,
        supervisor: Supervisor,
        journal: Journal,
        share: float,
    ) -> None:
        self.settings, self.deeds, self.counters = settings, deeds, counters
        self.supervisor, self.journal = supervisor, journal
        self.schedule = Schedule(settings.agent, share, time.monotonic())
        self.scan: ScanProcess | None = None
        self.ping_due = time.monotonic() if supervisor.period else math.inf
        self.watch = self.open_watch()
        self.told_unwatched: Mapping[str, str] = {}
        self.is_stopping = False

    def run(self) -> None:
        """Until the end is asked for; a scan that is under way ends with it."""
        signals = Signals((SIGHUP, SIGTERM, SIGINT, SIGUSR1, SIGCHLD))
        poll = select.poll()
        poll.register(signals.descriptor, select.POLLIN)
        if self.watch is not None:
            poll.register(self.watch.descriptor, select.POLLIN)
        try:
            self.supervisor.ready()
            while not self.is_stopping:
                self.go_round()
                poll.poll(self.patience())
                self.obey(signals.read())
                self.notice()
        finally:
            self.supervisor.stopping()
            if self.scan is not None:
                self.scan.close()
            signals.close()

    def patience(self) -> int | None:
        """Milliseconds until something is due, rounded up: never a turn for nothing."""
        due = self.scan.deadline if self.scan is not None else self.schedule.due
        seconds = min(due, self.ping_due) - time.monotonic()
        return None if math.isinf(seconds) else max(0, math.ceil(seconds * 1000))

    def go_round(self) -> None:
        """Everything whose time has come."""
        now = time.monotonic()
        if now >= self.ping_due and self.supervisor.period is not None:
            self.supervisor.ping()
            self.ping_due = now + self.supervisor.period
        if self.scan is not None:
            if now >= self.scan.deadline:
                self.fail(self.scan.expire())
        elif now >= self.schedule.due:
            self.begin(now)

    def obey(self, numbers: set[int]) -> None:
        """Signals that arrived."""
        if SIGTERM in numbers or SIGINT in numbers:
            self.is_stopping = True
            return  # the end of the scan's process is no failure now
        if SIGHUP in numbers:
            self.reload()
        if SIGUSR1 in numbers:
            self.schedule.request("asked for by SIGUSR1", time.monotonic())
        if SIGCHLD in numbers and self.scan is not None:
            self.finish(self.scan)

    def notice(self) -> None:
        """Changes in directories."""
        for cause in self.watch.read() if self.watch is not None else ():
            self.schedule.changed(f"{cause} changed", time.monotonic())

    def begin(self, now: float) -> None:
        """Start a scan."""
        cause, settings = self.schedule.cause, self.settings
        self.schedule.begun(now, time.time())
        self.counters.scans_total += 1
        self.supervisor.status(f"Scanning{': ' if cause else ''}{cause}")
        try:
            limits = Limits.of(settings.agent)
            self.scan = ScanProcess(lambda: self.deeds.scan(settings), limits, now)
        except ScanError as error:
            self.fail(error)

    def finish(self, scan: ScanProcess) -> None:
        """The scan's process may have ended."""
        try:
            answer = scan.result()
        except ScanError as error:
            self.scan = None
            if not scan.is_late:  # which was told when its time was over
                self.fail(error)
        else:
            if answer is not None:
                self.scan = None
                self.succeed(answer)

    def succeed(self, answer: Mapping[str, Any]) -> None:
        """There is a new report."""
        self.counters.last_success = stamp()
        self.follow(answer["places"])
        self.save(summary_of(answer))

    def fail(self, error: ScanError) -> None:
        """There is none."""
        self.counters.failed(stamp(), error.stage, str(error))
        fields = {"HOSTPROBE_STAGE": error.stage, "HOSTPROBE_OUTPUT": error.output}
        message = f"scan failed ({error.stage}): {error}"
        self.journal.tell(Kind.SCAN_FAILED, Priority.ERROR, message, fields)
        self.save(f"Last scan failed ({error.stage}): {error}")

    def save(self, told: str) -> None:
        """Counters to their file, a line to systemd."""
        try:
            self.deeds.store(self.counters)
        except OSError as error:
            message = f"agent.json cannot be written: {reason(error)}"
            self.journal.tell(Kind.SCAN_FAILED, Priority.ERROR, message)
        due = time.time() + self.schedule.due - time.monotonic()
        watched = f"Watching {self.counters.watched} directories."
        self.supervisor.status(f"{told} {watched} Next scan {stamp(due)}.")

    def open_watch(self) -> Watch | None:
        """None where the kernel grants no watch at all: the schedule remains."""
        try:
            return Watch()
        except OSError as error:
            self.tell_limit("no directory is", why_unwatched(error))
            return None

    def follow(self, places: list[tuple[str, list[str]]]) -> None:
        """Watch what the last scan read; tell once what cannot be watched."""
        if self.watch is None:
            self.counters.unwatched = len(places)
            return
        failed = self.watch.follow((path, tuple(patterns)) for path, patterns in places)
        self.counters.watched, self.counters.unwatched = len(self.watch), len(failed)
        if failed and failed != self.told_unwatched:
            directory, why = next(iter(failed.items()))
            number = f"{len(failed)} of {len(failed) + len(self.watch)} directories"
            self.tell_limit(f"{number}, {directory} the first, are", why)
        self.told_unwatched = failed

    def tell_limit(self, which: str, why: str) -> None:
        """Changes that go unnoticed until the next regular scan."""
        interval = f"{self.settings.agent.interval:g} s"
        message = f"{which} not watched: {why}. Scans every {interval} see changes there"
        self.journal.tell(Kind.WATCH_LIMITED, Priority.WARNING, message)

    def reload(self) -> None:
        """Read the settings again; wrong ones change nothing."""
        self.supervisor.reloading()
        try:
            self.settings = self.deeds.read_settings()
        except ValueError as error:
            message = f"settings not read, the former ones hold: {error}"
            self.journal.tell(Kind.SETTINGS_REFUSED, Priority.ERROR, message)
        else:
            self.schedule.adopt(self.settings.agent, time.monotonic(), time.time())
            self.journal.tell(Kind.SETTINGS_READ, Priority.INFO, "settings read")
        self.supervisor.ready()


def summary_of(answer: Mapping[str, Any]) -> str:
    """The last report in a line."""
    counts = ", ".join(f"{n} {severity}" for severity, n in answer["summary"].items() if n)
    complete = "" if answer["complete"] else ", incomplete"
    head = f"Last scan {answer['started']}, {answer['duration']:.1f} s{complete}"
    return f"{head}: {counts or 'no findings'}."


def stamp(wall: float | None = None) -> str:
    """A time as reports print it."""
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(wall))
