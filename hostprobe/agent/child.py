"""A scan in a process of its own, which ends: what it does to memory or time it does to itself."""

import ctypes
import gc
import json
import math
import os
import resource
import signal
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from traceback import format_exc
from typing import Any, NoReturn

from hostprobe.facts.settings import AgentSettings
from hostprobe.limiting import limit
from hostprobe.report.escape import escape

Answer = Mapping[str, Any]
PR_SET_PDEATHSIG = 1
MAX_ANSWER, MAX_COMPLAINT = 1 << 24, 1 << 12
"""Bytes."""

IOPRIO_WHO_PROCESS, IOPRIO_IDLE = 1, 3 << 13
IOPRIO_SET = {"x86_64": 251, "aarch64": 30, "riscv64": 30, "ppc64le": 273, "s390x": 282}
"""ioprio_set(2), which the C library does not wrap."""

FAILED = 70
"""Exit status (sysexits.h: an internal error)."""


class ScanError(Exception):
    """The scan left no report: `stage` as in agent.json, a line that says why, its stderr."""

    def __init__(self, stage: str, message: str, output: str = "") -> None:
        super().__init__(message)
        self.stage, self.output = stage, output


@dataclass(frozen=True, slots=True)
class Limits:
    """What one scan may take."""

    seconds: float
    memory: int
    """Bytes of address space."""

    @classmethod
    def of(cls, settings: AgentSettings) -> "Limits":
        """Those of the settings."""
        return cls(settings.timeout, settings.memory << 20)


class ScanProcess:
    """A forked child at work; it leads a process group, which is ended as a whole."""

    def __init__(self, work: Callable[[], Answer], limits: Limits, now: float) -> None:
        """ScanError where there is no room for another process."""
        self.deadline = now + limits.seconds
        self.is_late = False
        self._limits = limits
        self._answer = os.memfd_create("answer", os.MFD_CLOEXEC)
        self._complaint = os.memfd_create("complaint", os.MFD_CLOEXEC)
        try:
            self._pid = os.fork()
        except OSError as error:
            self._close()
            raise ScanError("start", f"no process for the scan: {error.strerror}") from error
        if self._pid == 0:
            serve(work, limits, self._answer, self._complaint)
        with suppress(OSError):  # whoever of the two is first
            os.setpgid(self._pid, self._pid)

    def expire(self) -> ScanError:
        """The time is over; what is to be told, for the process may not even end (a dead mount)."""
        self.is_late, self.deadline = True, math.inf
        self._kill()
        return self._timeout()

    def _timeout(self) -> ScanError:
        limit = f"{self._limits.seconds:g} s ([agent] timeout)"
        return ScanError("timeout", f"not finished within {limit}", self._complained())

    def _complained(self) -> str:
        lines = tail(self._complaint).splitlines()
        return "\n".join(escape(each) for each in lines if each.strip())

    def close(self) -> None:
        """End it, whatever it was doing."""
        self._kill()
        os.waitpid(self._pid, 0)
        self._close()

    def result(self) -> Answer | None:
        """What it found, None while it works; ScanError where it failed."""
        if os.waitid(os.P_PID, self._pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is None:
            return None
        self._kill()  # what it left behind, while its number still belongs to it
        _, status = os.waitpid(self._pid, 0)
        try:
            return self._judged(os.waitstatus_to_exitcode(status))
        finally:
            self._close()

    def _judged(self, code: int) -> Answer:
        if code == -signal.SIGXCPU:
            raise self._timeout()
        output = self._complained()
        if code < 0:
            raise ScanError("killed", f"ended by {signal.strsignal(-code)} ({-code})", output)
        if code != 0:
            last = output.rpartition("\n")[2]
            raise ScanError("scan", last or f"exit status {code}", output)
        try:
            answer: Answer = json.loads(os.pread(self._answer, MAX_ANSWER, 0))
        except ValueError as error:
            raise ScanError("report", f"an answer of more than {MAX_ANSWER} bytes") from error
        if "failed" in answer:
            raise ScanError(*answer["failed"])
        return answer

    def _kill(self) -> None:
        with suppress(ProcessLookupError):
            os.killpg(self._pid, signal.SIGKILL)

    def _close(self) -> None:
        os.close(self._answer)
        os.close(self._complaint)


def tail(descriptor: int) -> str:
    """The end of a file."""
    size = os.fstat(descriptor).st_size
    data = os.pread(descriptor, MAX_COMPLAINT, max(0, size - MAX_COMPLAINT))
    return data.decode("utf-8", "replace")


def serve(work: Callable[[], Answer], limits: Limits, answer: int, complaint: int) -> NoReturn:
    """The child."""
    status = FAILED
    try:
        settle(limits, complaint)
        text = json.dumps(work()).encode()
        with open(answer, "wb") as stream:
            stream.write(text)
        status = 0
    except BaseException:  # noqa: BLE001  nothing may return into the agent's code
        os.write(complaint, format_exc().encode("utf-8", "replace"))
    finally:
        os._exit(status)


def settle(limits: Limits, complaint: int) -> None:
    """A process group, streams, signals and limits of its own; httpd and its requests come first.

    The collector of cycles stays off, as in `hostprobe scan`.
    """
    os.setpgid(0, 0)
    library = ctypes.CDLL(None)
    library.prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    signal.set_wakeup_fd(-1)
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGUSR1, signal.SIGCHLD):
        signal.signal(number, signal.SIG_DFL)
    null = os.open(os.devnull, os.O_RDWR | os.O_CLOEXEC)
    for stream, descriptor in enumerate((null, null, complaint)):
        os.dup2(descriptor, stream)
    gc.disable()
    limit(
        {
            resource.RLIMIT_AS: limits.memory,
            resource.RLIMIT_CPU: max(1, round(limits.seconds)),
            resource.RLIMIT_FSIZE: limits.memory,
            resource.RLIMIT_CORE: 0,
        }
    )
    with suppress(PermissionError):  # a unit's filter: there the unit has set them
        os.setpriority(os.PRIO_PROCESS, 0, 19)
    if (call := IOPRIO_SET.get(os.uname().machine)) is not None:
        library.syscall(call, IOPRIO_WHO_PROCESS, 0, IOPRIO_IDLE)
