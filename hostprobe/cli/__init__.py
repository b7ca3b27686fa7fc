"""The command line: parse, dispatch, and one clear line for whatever goes wrong."""

import os
import sys
from argparse import Namespace
from collections.abc import Sequence
from importlib import import_module

from hostprobe.cli.errors import UsageError
from hostprobe.cli.output import standard_output
from hostprobe.cli.parser import build_parser

COMMANDS = {
    "scan": "hostprobe.cli.scan",
    "bindings": "hostprobe.cli.bindings",
    "preflight": "hostprobe.cli.preflight",
    "topology": "hostprobe.cli.topology",
    "checks": "hostprobe.cli.checks",
    "explain": "hostprobe.cli.checks",
    "snapshot": "hostprobe.cli.snapshot",
    "schema": "hostprobe.cli.schema",
    "report": "hostprobe.cli.report",
    "diff": "hostprobe.cli.diff",
    "baseline": "hostprobe.cli.baseline",
    "nagios": "hostprobe.nagios",
    "exporter": "hostprobe.cli.exporter",
    "agent": "hostprobe.cli.agent",
}
"""Command -> module whose function of that name runs it; only that one is imported."""

USAGE, INTERNAL, INTERRUPTED, PIPE = 2, 4, 130, 141


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit status."""
    try:
        open_closed_streams()
        return run(build_parser().parse_args(arguments))
    except KeyboardInterrupt:
        return fail("", INTERRUPTED)


def run(options: Namespace) -> int:
    """The command that the options name; whatever goes wrong becomes a line and a status."""
    try:
        command = getattr(import_module(COMMANDS[options.command]), options.command)
        status: int = command(options)
        with standard_output() as stream:
            stream.flush()
    except UsageError as error:
        return fail(f"hostprobe {options.command}: {error}", USAGE)
    except BrokenPipeError:
        return PIPE
    except Exception as error:  # noqa: BLE001  the last resort
        return internal(error, verbose=getattr(options, "verbose", False))
    return status


def open_closed_streams() -> None:
    """A caller may have closed stdout or stderr; what is written there is lost, no error."""
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, "w", encoding="utf-8"))  # noqa: PTH123, SIM115
    if hasattr(sys.stdout, "reconfigure"):
        sys.stdout.reconfigure(errors="backslashreplace")


def fail(message: str, status: int) -> int:
    """One line on stderr, and the status."""
    if message:
        from hostprobe.report.escape import escape  # noqa: PLC0415  only on errors

        sys.stderr.write(f"{escape(message)}\n")
    return status


def internal(error: Exception, *, verbose: bool) -> int:
    """An error of hostprobe itself."""
    if verbose:
        from traceback import print_exception  # noqa: PLC0415  only on errors

        print_exception(error)
    text = f"hostprobe: internal error: {type(error).__name__}: {error}"
    return fail(f"{text} (an error of hostprobe; -v shows where)", INTERNAL)
