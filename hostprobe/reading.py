"""Files of hostprobe's own: read whole, never one that hangs or has no end."""

import os
from stat import S_ISREG


def read_file(path: str, limit: int) -> bytes:
    """The content; OSError, or ValueError for no regular file and for more bytes than `limit`."""
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)  # a FIFO must not hang
    with os.fdopen(descriptor, "rb") as stream:
        if not S_ISREG(os.fstat(descriptor).st_mode):
            raise ValueError("not a regular file")
        data = stream.read(limit + 1)
    if len(data) > limit:
        raise ValueError(f"larger than {limit} bytes")
    return data


def reason(error: Exception) -> str:
    """Why it could not be read or written, as other messages say it."""
    return error.strerror.lower() if isinstance(error, OSError) and error.strerror else str(error)
