"""What zstd compressed, unpacked by libzstd in a child of its own.

Python has no reader for it before 3.14; the library is on nearly every host, as dpkg, rpm, kmod and
systemd need it.
"""

from base64 import b64decode, b64encode
from collections.abc import Callable, Iterator
from typing import Any

from hostprobe.collect.isolated import Isolated

MAGIC = b"\x28\xb5\x2f\xfd"
LIBRARY = "libzstd.so.1"


class Zstd:
    """The child, begun when it is first needed; OSError for what cannot be unpacked."""

    def __init__(self) -> None:
        self._child: Isolated | None = None

    def close(self) -> None:
        """End the child."""
        if self._child:
            self._child.close()
        self._child = None

    def unpacked(self, data: bytes) -> bytes:
        """The content of one frame, of a long one its beginning."""
        return self._ask(data, is_new=True)[0]

    def stream(self, read: Callable[[], bytes]) -> Iterator[bytes]:
        """Of frames that follow each other, read in portions until one is empty."""
        is_new = is_whole = True
        while data := read():
            is_full = True
            while is_full:
                found, is_full, is_whole = self._ask(data, is_new=is_new)
                data, is_new = b"", False
                yield found
        if not is_whole:
            raise EOFError("cut short")

    def _ask(self, data: bytes, *, is_new: bool) -> tuple[bytes, bool, bool]:
        """What was unpacked, whether there is more of it, whether a frame has just ended."""
        if self._child is None:
            self._child = Isolated(unpacker)
        answer = self._child.ask([is_new, b64encode(data).decode("ascii")])
        if not isinstance(answer, list):
            raise OSError(f"compressed by zstd: {answer or f'{LIBRARY} failed on it'}")
        found, is_full, is_whole = answer
        return b64decode(found), is_full, is_whole


def unpacker() -> Callable[[Any], Any]:
    """In the child: what unpacks; a text says why it cannot."""
    from hostprobe.collect.libzstd import Decompressor  # noqa: PLC0415  loads ctypes

    try:
        decompressor = Decompressor(LIBRARY)
    except OSError:
        return lambda _: f"{LIBRARY} is not on this host"

    def answer(question: Any) -> Any:
        is_new, text = question
        try:
            found, is_full, is_whole = decompressor.feed(b64decode(text), is_new=is_new)
        except ValueError as error:
            return str(error)
        return [b64encode(found).decode("ascii"), is_full, is_whole]

    return answer
