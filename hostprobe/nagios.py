"""`hostprobe nagios`, and the same as a command of its own: `check_hostprobe`.

The plugin reads the last report, which needs neither the checks nor a scan. Whatever goes wrong is
UNKNOWN with one line on stdout, where monitoring looks for it.
"""

from __future__ import annotations

import argparse
import os
import signal
import sys
from collections.abc import Callable, Sequence

from hostprobe import __version__
from hostprobe.report.formats import Document
from hostprobe.report.nagios import (
    STATES,
    UNKNOWN,
    Policy,
    parse_limits,
    render_plugin,
    unknown,
)

TYPE_CHECKING = False  # see report/escape.py
if TYPE_CHECKING:
    from typing import Any, NoReturn, TypeVar

    Parsed = TypeVar("Parsed")

REPORT = "/var/lib/hostprobe/report.json"
MAX_REPORT = 1 << 28
MAX_AHEAD = 300
"""Seconds that the clock of a report may be ahead."""

WIDTH = 90
UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
DESCRIPTION = "Judges the last report of hostprobe as a plugin of Nagios, Icinga or Naemon."
EPILOG = """\
examples:
  check_hostprobe                                 WARNING from medium on, CRITICAL from high on
  check_hostprobe -w high -c critical -v
  check_hostprobe -w medium=5 -c high=0,critical=0
  check_hostprobe --live -t 50                    scans now, as root or with its capabilities

exit status: 0 OK, 1 WARNING, 2 CRITICAL, 3 UNKNOWN
"""


class TimeUp(BaseException):
    """The time is up; no `except Exception` of a scan takes it for an error of a check."""


class NoAnswerError(Exception):
    """There is no report to judge; the message is for the first line."""


def main(arguments: Sequence[str] | None = None, prog: str = "check_hostprobe") -> int:
    """The command `check_hostprobe`; returns the state."""
    parser = PluginParser(
        prog=prog,
        description=DESCRIPTION,
        epilog=EPILOG,
        formatter_class=PluginHelp,
        allow_abbrev=False,
    )
    add_options(parser)
    return nagios(parser.parse_args(arguments))


class PluginHelp(argparse.RawDescriptionHelpFormatter):
    """Of one width: argparse makes a formatter per option, and to ask the terminal costs."""

    def __init__(self, prog: str) -> None:
        super().__init__(prog, width=WIDTH)


class PluginParser(argparse.ArgumentParser):
    """A mistake in the options is UNKNOWN too."""

    def error(self, message: str) -> NoReturn:
        """One line on stdout, and 3."""
        state, text = unknown(f"{message} (see {self.prog} --help)")
        written(text)
        self.exit(state)


def add_options(parser: argparse.ArgumentParser) -> None:
    """The options of both commands."""
    parser.add_argument("-V", "--version", action="version", version=f"hostprobe {__version__}")
    source = parser.add_mutually_exclusive_group()
    source.add_argument(
        "--report", metavar="FILE", default=REPORT, help=f"a report in JSON (default: {REPORT})"
    )
    source.add_argument("--live", action="store_true", help="scan this host now instead")
    parser.add_argument(
        "--max-age",
        metavar="AGE",
        type=checked(duration),
        default="3h",
        help="an older report is UNKNOWN; 90, 90s, 15m, 3h or 2d (default: 3h)",
    )
    for name, default in (("warning", "medium"), ("critical", "high")):
        parser.add_argument(
            f"-{name[0]}",
            f"--{name}",
            metavar="THRESHOLD",
            type=checked(parse_limits),
            default=default,
            help=f"{name.upper()} from this severity on, or SEVERITY=RANGE,... for numbers of "
            f"findings, or none (default: {default})",
        )
    parser.add_argument(
        "--incomplete",
        metavar="STATE",
        choices=[each.lower() for each in STATES],
        default="unknown",
        help="what a report is that does not know everything, without a finding that alerts: "
        "ok, warning, critical, unknown (default: unknown)",
    )
    parser.add_argument(
        "-t",
        "--timeout",
        metavar="SECONDS",
        type=checked(duration),
        default="10",
        help="UNKNOWN after this time (default: 10)",
    )
    parser.add_argument(
        "-v", "--verbose", action="count", default=0, help="-v findings, -vv cures, -vvv all"
    )


def checked(parse: Callable[[str], Parsed]) -> Callable[[str], Parsed]:
    """A type for argparse, which shows the message of no other error."""

    def convert(text: str) -> Parsed:
        try:
            return parse(text)
        except ValueError as error:
            raise argparse.ArgumentTypeError(str(error)) from error

    return convert


def duration(text: str) -> int:
    """Seconds of `90`, `90s`, `15m`, `3h` or `2d`; ValueError."""
    number, unit = (text[:-1], text[-1:]) if text[-1:] in UNITS else (text, "s")
    if not (number.isascii() and number.isdecimal() and int(number[:9]) > 0 and not number[9:]):
        raise ValueError(f"{text!r} is no time such as 90s, 15m, 3h or 2d")
    return int(number) * UNITS[unit]


def nagios(options: argparse.Namespace) -> int:
    """Print the answer; returns the state."""
    try:
        state, text = in_time(options.timeout, answer, options)
    except TimeUp:
        state, text = unknown(f"no answer within {options.timeout} s (-t)")
    except NoAnswerError as error:
        state, text = unknown(str(error))
    except Exception as error:  # noqa: BLE001  2 would be an alarm, 1 a warning
        state, text = unknown(f"internal error: {type(error).__name__}: {error}")
    return state if written(text) else UNKNOWN


def written(text: str) -> bool:
    """Monitoring has got the text."""
    try:
        sys.stdout.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]
        sys.stdout.write(text)
        sys.stdout.flush()
    except AttributeError:  # it was never open
        return False
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # flushed again at exit
        return False
    return True


def in_time(seconds: float, work: Callable[..., Any], *arguments: Any) -> Any:
    """What the work gives; TimeUp when it is not done by then."""

    def end(*_: object) -> NoReturn:
        raise TimeUp

    previous = signal.signal(signal.SIGALRM, end)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        return work(*arguments)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, previous)


def answer(options: argparse.Namespace) -> tuple[int, str]:
    """State and text."""
    document = scanned() if options.live else read(options.report)
    age = 0.0 if options.live else age_of(document, options.report, options.max_age)
    incomplete = STATES.index(options.incomplete.upper())
    policy = Policy(options.warning, options.critical, incomplete)
    return render_plugin(document, policy, age, options.verbose)


def read(path: str) -> Document:
    """The stored report; NoAnswerError."""
    from hostprobe.parse.error import ParseError  # noqa: PLC0415  not for --live
    from hostprobe.parse.report import parse_report  # noqa: PLC0415  brings json

    try:
        with open(path, "rb") as stream:  # noqa: PTH123
            return parse_report(stream.read(MAX_REPORT))
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise NoAnswerError(f"{path}: {reason}: is the scan running?") from error
    except ParseError as error:
        raise NoAnswerError(f"{path}: {error}") from error


def age_of(document: Document, path: str, limit: int) -> float:
    """Seconds since the scan began; NoAnswerError where that says nothing about today."""
    from datetime import UTC, datetime  # noqa: PLC0415  not needed with --live

    try:
        started = datetime.fromisoformat(document["started"])
        age = (datetime.now(UTC) - started).total_seconds()
    except (ValueError, TypeError) as error:
        raise NoAnswerError(f"{path}: the time of the scan is no time: {error}") from error
    if age > limit:
        raise NoAnswerError(f"{path} is {age / 3600:.1f} hours old: is the scan running?")
    if age < -MAX_AHEAD:
        raise NoAnswerError(f"{path} is {-age / 3600:.1f} hours ahead of this clock")
    return max(age, 0.0)


def scanned() -> Document:
    """`hostprobe scan --format json` in this process; NoAnswerError where it refuses."""
    from contextlib import redirect_stdout  # noqa: PLC0415  all this only with --live
    from io import StringIO  # noqa: PLC0415

    from hostprobe.cli.errors import UsageError  # noqa: PLC0415
    from hostprobe.cli.parser import build_parser  # noqa: PLC0415
    from hostprobe.cli.scan import scan  # noqa: PLC0415
    from hostprobe.parse.report import parse_report  # noqa: PLC0415

    text = StringIO()
    try:
        with redirect_stdout(text):
            scan(build_parser().parse_args(["scan", "--format", "json"]))
    except UsageError as error:
        raise NoAnswerError(str(error)) from error
    return parse_report(text.getvalue().encode())
