"""`python -m hostprobe` and the command `hostprobe`."""

import gc
import sys


def process() -> int:
    """`main` for a process of its own, which ends with it; the exit status.

    Without the cyclic collector: facts hold no cycles and live until the end, and going through
    them again and again cost a quarter of a scan. The plugin, which monitoring starts every few
    minutes, goes without the parser of all commands.
    """
    if sys.argv[1:2] == ["nagios"]:
        from hostprobe import nagios  # noqa: PLC0415  the one or the other

        return nagios.main(sys.argv[2:], "hostprobe nagios")
    from hostprobe.cli import main  # noqa: PLC0415

    gc.disable()
    status = main()
    gc.freeze()  # or the interpreter's last collection goes through all facts, a tenth of the time
    return status


if __name__ == "__main__":
    sys.exit(process())
