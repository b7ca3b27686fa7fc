"""`python -m hostprobe` and the command `hostprobe`."""

import gc
import sys

from hostprobe.cli import main


def process() -> int:
    """`main` for a process of its own, which ends with it; the exit status.

    Without the cyclic collector: facts hold no cycles and live until the end, and going through
    them again and again cost a quarter of a scan.
    """
    gc.disable()
    status = main()
    gc.freeze()  # or the interpreter's last collection goes through all facts, a tenth of the time
    return status


if __name__ == "__main__":
    sys.exit(process())
