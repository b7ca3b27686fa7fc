"""`python -m hostprobe` and the command `hostprobe`."""

import gc
import sys

from hostprobe.cli import main


def process() -> int:
    """`main` for a process of its own, which ends with it; the exit status."""
    gc.disable()
    status = main()
    gc.freeze()  # or the interpreter's last collection goes through all facts, a tenth of the time
    return status


if __name__ == "__main__":
    sys.exit(process())
