"""Files of hostprobe's own: replaced in one step, so that a reader never meets half of one."""

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
