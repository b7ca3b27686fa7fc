"""Files of hostprobe's own: written by one at a time, and never met half by a reader."""

import fcntl
import os
import tempfile
from contextlib import suppress


def replace_file(
    path: str, data: bytes, mode: int = 0o600, owner: tuple[int, int] | None = None
) -> None:
    """Write beside the file, then rename over it; OSError leaves the old one as it was.

    The data is on disk before the name is (fsync(2), rename(2)), so a crash at any moment leaves
    the old file or the new one. `owner` is a user and a group, by number.
    """
    directory = os.path.dirname(path)  # noqa: PTH120
    descriptor, name = tempfile.mkstemp(prefix=".hostprobe-", dir=directory or ".")
    try:
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(data)
            if owner is not None:
                os.fchown(descriptor, *owner)
            os.fchmod(descriptor, mode)
            stream.flush()
            os.fsync(descriptor)
        os.replace(name, path)  # noqa: PTH105
    except BaseException:
        with suppress(OSError):
            os.unlink(name)  # noqa: PTH108
        raise


def locked(path: str) -> int:
    """A descriptor that holds the lock until it is closed, also by a death of the process.

    OSError; of it BlockingIOError where another process holds the lock (flock(2)).
    """
    lock = os.open(path, os.O_RDONLY | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(lock)
        raise
    return lock
