"""C libraries that read what others wrote run in a child of their own.

A policy that makes libsepol crash, loop or fill the memory costs its answers and nothing else, and
what the library allocated goes with the child.
"""

import json
import os
import resource
import select
import signal
import warnings
from collections.abc import Callable
from typing import Any, NoReturn

from hostprobe.limiting import limit

TIME = 20.0
"""Seconds for one answer."""

MEMORY = 1 << 30
"""Bytes of address space for the child, beyond what it begins with."""

Answer = Callable[[Any], Any]


class Isolated:
    """A forked child that answers JSON lines; nothing is executed."""

    def __init__(self, make: Callable[[], Answer]) -> None:
        questions, self._ask = os.pipe()
        self._answers, answers = os.pipe()
        with warnings.catch_warnings():
            # A thread that draws progress takes no part in what the child does.
            warnings.simplefilter("ignore", DeprecationWarning)
            self._pid = os.fork()
        if self._pid == 0:
            os.close(self._ask)
            os.close(self._answers)
            serve(make, questions, answers)
        os.close(questions)
        os.close(answers)
        self._rest = b""
        self._has_failed = False

    def ask(self, question: Any) -> Any:
        """The child's answer; None where it failed, which it then does for good."""
        if self._has_failed:
            return None
        try:
            os.write(self._ask, json.dumps(question).encode("ascii") + b"\n")
            return json.loads(self._line())
        except (OSError, ValueError):
            self._has_failed = True  # a late answer would be taken for that to the next question
            return None

    def close(self) -> None:
        """End the child."""
        for descriptor in (self._ask, self._answers):
            os.close(descriptor)
        os.kill(self._pid, signal.SIGKILL)
        os.waitpid(self._pid, 0)

    def _line(self) -> bytes:
        waiting = select.poll()  # select(2) knows no descriptor above 1023
        waiting.register(self._answers, select.POLLIN)
        while b"\n" not in self._rest:
            data = os.read(self._answers, 1 << 16) if waiting.poll(TIME * 1000) else b""
            if not data:
                raise OSError("no answer")
            self._rest += data
        line, _, self._rest = self._rest.partition(b"\n")
        return line


def serve(make: Callable[[], Answer], questions: int, answers: int) -> NoReturn:
    """The child: one JSON line in, one out; the libraries' chatter goes nowhere."""
    try:
        null = os.open(os.devnull, os.O_RDWR)
        os.dup2(null, 1)
        os.dup2(null, 2)
        limit_child()
        answer = make()
        with os.fdopen(questions, "rb") as lines:
            for line in lines:
                os.write(answers, json.dumps(answer(json.loads(line))).encode("ascii") + b"\n")
    finally:
        os._exit(0)


def limit_child() -> None:
    """Bounds on memory and time, within those that there are."""
    with open("/proc/self/statm", "rb") as statm:  # noqa: PTH123  of this process
        pages = int(statm.read().split()[0])
    limit(
        {
            resource.RLIMIT_AS: pages * resource.getpagesize() + MEMORY,
            resource.RLIMIT_CPU: int(TIME) * 3,
            resource.RLIMIT_CORE: 0,
        }
    )
