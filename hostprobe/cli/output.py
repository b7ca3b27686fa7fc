"""Where results go: stdout or a file that is replaced in one step; progress to a terminal."""

import os
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from stat import S_ISREG
from typing import TextIO

from hostprobe.cli.errors import UsageError
from hostprobe.report.escape import escape
from hostprobe.report.lines import Line, print_coloured, to_text
from hostprobe.writing import replace_file

WIDTH = 100
"""Columns where nobody looks."""

PRIVATE, PUBLIC = 0o600, 0o644


def mode_for(report_format: str) -> int:
    """Of a new file: metrics are counts, and another user's node exporter reads them."""
    return PUBLIC if report_format == "prometheus" else PRIVATE


def write_lines(lines: Iterable[Line], output: str | None) -> None:
    """Text: coloured and as wide as the window on a terminal, plain everywhere else."""
    if output is not None:
        write_text("".join(f"{line}\n" for line in to_text(lines, WIDTH)), output)
    elif sys.stdout.isatty() and os.environ.get("TERM") != "dumb" and "NO_COLOR" not in os.environ:
        with standard_output() as stream:
            print_coloured(lines, stream, terminal_width())
    else:
        width = terminal_width() if sys.stdout.isatty() else WIDTH
        text = "".join(f"{line}\n" for line in to_text(lines, width))
        write_text(text, None)


def write_text(text: str, output: str | None, mode: int = PRIVATE) -> None:
    """Text as it is; `mode` is that of a new file."""
    if output is None:
        with standard_output() as stream:
            stream.write(text)
    else:
        write_file(output, text.encode("utf-8", "backslashreplace"), mode=mode)


@contextmanager
def standard_output() -> Iterator[TextIO]:
    """stdout; UsageError where it takes no more, BrokenPipeError where its reader is gone.

    After that it is /dev/null: the interpreter flushes it once more at exit.
    """
    try:
        yield sys.stdout
    except OSError as error:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        if isinstance(error, BrokenPipeError):
            raise
        raise UsageError(f"stdout: {(error.strerror or str(error)).lower()}") from error


def write_file(path: str, data: bytes, option: str = "--output ", mode: int = PRIVATE) -> None:
    """Replace a file at once; UsageError when that is impossible, which names the option.

    The permissions of an existing file stay. What is not a regular file (a terminal, a FIFO,
    /dev/null) is written to.
    """
    try:
        status = os.stat(path) if os.path.lexists(path) else None  # noqa: PTH116
        if status is not None and not S_ISREG(status.st_mode):
            with open(path, "wb") as stream:  # noqa: PTH123
                stream.write(data)
        else:
            kept = mode if status is None else status.st_mode & 0o777
            replace_file(os.path.realpath(path), data, kept)
    except OSError as error:
        raise UsageError(f"{option}{path}: {(error.strerror or str(error)).lower()}") from error


def terminal_width() -> int:
    """Columns of the window."""
    try:
        return os.get_terminal_size(sys.stdout.fileno()).columns or WIDTH
    except OSError:
        return WIDTH


def progress(*, quiet: bool = False) -> Callable[[str], None]:
    """Tell one changing line on a terminal's stderr; an empty phrase clears it."""
    if quiet or not sys.stderr.isatty():
        return lambda _phrase: None

    def tell(phrase: str) -> None:
        text = f"hostprobe: {escape(phrase)} ..." if phrase else ""
        sys.stderr.write(f"\r\x1b[K{text[: terminal_width() - 1]}")
        sys.stderr.flush()

    return tell
