"""Signals as something to wait for beside files."""

import signal
import socket
from collections.abc import Iterable


class Signals:
    """Signals that arrived; `descriptor` is readable when there are some."""

    def __init__(self, numbers: Iterable[signal.Signals]) -> None:
        self._reader, self._writer = socket.socketpair()
        self._reader.setblocking(False)  # noqa: FBT003  socket's own signature
        self._writer.setblocking(False)  # noqa: FBT003
        signal.set_wakeup_fd(self._writer.fileno(), warn_on_full_buffer=False)
        self._before = {number: signal.signal(number, ignore) for number in numbers}
        self.descriptor = self._reader.fileno()

    def close(self) -> None:
        """Signals do again what they did before."""
        signal.set_wakeup_fd(-1)
        for number, handler in self._before.items():
            signal.signal(number, handler)
        self._reader.close()
        self._writer.close()

    def read(self) -> set[int]:
        """Numbers of those that arrived since the last time. Never waits."""
        try:
            return set(self._reader.recv(4096))
        except BlockingIOError:
            return set()


def ignore(_number: int, _frame: object) -> None:
    """The wakeup descriptor says it all; a handler must be there for that."""
