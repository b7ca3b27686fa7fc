"""One httpd configuration file: its logical lines (ap_cfg_getline, server/util.c)."""

from collections.abc import Iterator

from hostprobe.facts.httpd import ConfigFile, ConfigLine
from hostprobe.parse.error import ParseError

SPACE = " \t\n\v\f\r"
LONGEST_LINE = 16 << 20
"""VARBUF_MAX_LEN of server/config.c, bytes; httpd refuses a longer logical line."""

MOST_LINES = 1_000_000
"""Physical lines of one file, hostprobe's own limit: each costs more memory than its text."""


def parse_httpd_config(data: bytes) -> ConfigFile:
    """Join continued lines, strip them, drop comments and blank lines, in that order.

    Text is UTF-8 with surrogateescape. Raises ParseError for a line that httpd refuses as too
    long, and for too many lines.
    """
    if data.count(b"\n") > MOST_LINES:
        raise ParseError(f"more than {MOST_LINES} lines")
    lines = data.decode("utf-8", "surrogateescape").split("\n")
    if lines[-1] == "":
        lines.pop()
    if len(data) > LONGEST_LINE:
        check_length(data)
    if b"\\\n" in data or b"\\\r\n" in data or b"\0" in data:
        return ConfigFile(tuple(kept(joined(lines, is_terminated=data.endswith(b"\n")))))
    make = tuple.__new__  # ConfigLine() itself would cost a Python call for every line
    return ConfigFile(
        tuple(
            [
                make(ConfigLine, (number, number, text))
                for number, line in enumerate(lines, 1)
                if (text := line.strip(SPACE)) and text[0] != "#"
            ]
        )
    )


def kept(lines: Iterator[ConfigLine]) -> Iterator[ConfigLine]:
    """Logical lines that are neither blank nor comments."""
    return (line for line in lines if line.text and not line.text.startswith("#"))


def joined(lines: list[str], *, is_terminated: bool) -> Iterator[ConfigLine]:
    """A backslash right before the line end joins the next line, in comments too.

    A NUL ends the text of its physical line, and the line end that says "continued" with it.
    A last line without a line end keeps its backslash.
    """
    first, parts = 1, []
    endless = 0 if is_terminated else len(lines)
    for number, line in enumerate(lines, 1):
        text, nul, _ = line.partition("\0")
        body = text.removesuffix("\r")
        if body.endswith("\\") and not nul and number != endless:
            parts.append(body[:-1])
            if number < len(lines):
                continue
        else:
            parts.append(text)
        yield ConfigLine(first, number, "".join(parts).strip(SPACE))
        first, parts = number + 1, []


def check_length(data: bytes) -> None:
    """Refuse what httpd refuses, counting bytes of a logical line."""
    length = 0
    for number, line in enumerate(data.split(b"\n"), 1):
        length += len(line)
        if length > LONGEST_LINE:
            raise ParseError(f"line {number} is longer than {LONGEST_LINE >> 20} MiB")
        if not line.removesuffix(b"\r").endswith(b"\\"):
            length = 0
