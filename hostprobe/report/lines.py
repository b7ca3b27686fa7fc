"""Lines of text output: escaped, wrapped to the width, coloured only where a person looks."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from textwrap import TextWrapper
from typing import TextIO

from hostprobe.report.escape import escape

STYLES = {
    "": "",
    "heading": "bold",
    "critical": "bold white on red",
    "high": "bold red",
    "medium": "yellow",
    "low": "cyan",
    "info": "dim",
    "warning": "yellow",
    "good": "green",
    "dim": "dim",
}
"""Style -> what rich calls it."""


@dataclass(frozen=True, slots=True)
class Line:
    """One logical line: its text, already escaped, and one style for its first `mark` characters.

    mark 0 styles the whole line. `hang` is the extra indentation of wrapped parts.
    """

    text: str
    style: str = ""
    mark: int = 0
    hang: int = 2
    is_record: bool = False
    """One line for programs too: wrapped only in a terminal's colours."""


BLANK = Line("")


def plain(text: str, hang: int = 2) -> Line:
    """A line without style; whatever is not printable becomes visible here."""
    return Line(escape(text), hang=hang)


def record(text: str, style: str = "", mark: int = 0) -> Line:
    """A line that grep finds whole; whatever is not printable becomes visible here."""
    return Line(escape(text), style, mark, hang=4, is_record=True)


def styled(text: str, style: str, mark: int = 0) -> Line:
    """A line in a style; whatever is not printable becomes visible here."""
    return Line(escape(text), style, mark)


def wrap(line: Line, width: int) -> list[str]:
    """Physical lines of at most `width` columns; long paths and symbols are never cut."""
    indent = len(line.text) - len(line.text.lstrip(" "))
    wrapper = TextWrapper(
        width=max(width, 40),
        subsequent_indent=" " * (indent + line.hang),
        break_long_words=False,
        break_on_hyphens=False,
        drop_whitespace=True,
    )
    return wrapper.wrap(line.text) or [""]


def to_text(lines: Iterable[Line], width: int) -> Iterator[str]:
    """Plain text, a line at a time."""
    for line in lines:
        yield from [line.text] if line.is_record else wrap(line, width)


def print_coloured(lines: Iterable[Line], stream: TextIO, width: int) -> None:
    """The same lines in colour on a terminal."""
    from rich.console import Console  # noqa: PLC0415  only where a person looks
    from rich.text import Text  # noqa: PLC0415

    console = Console(file=stream, width=max(width, 40), highlight=False, markup=False, emoji=False)
    for line in lines:
        for number, part in enumerate(wrap(line, width)):
            text = Text(part)
            end = len(part) if line.mark == 0 else line.mark
            if line.style and (number == 0 or line.mark == 0):
                text.stylize(STYLES[line.style], 0, end)
            console.print(text, soft_wrap=True)
