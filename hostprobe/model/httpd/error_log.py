"""How the error log shows the time (httpd's server/core.c and server/log.c)."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from hostprobe.facts.files import Missing
from hostprobe.facts.httpd import Directive, HttpdBuild
from hostprobe.model.httpd.servers import Server

FORMAT = "errorlogformat"
DEFAULT = r"[%{u}t] [%-m:%l] [pid %P:tid %T] %7F: %E: [client\ %a] %M% ,\ referer\ %{Referer}i"
"""What httpd does without the directive, as its manual writes it."""

ITEM = re.compile(r"\\.|%[ %]|%(?:\{(?P<argument>[^}]*)\}|[-+]|\d)*(?P<kind>[^-+\d{ ])", re.DOTALL)
STRFTIME = (2, 4, 58)
"""First release with `z` and with strftime formats."""

SHORT = re.compile(r"[cuz%]+")
PAIR = re.compile(r"%.")
ZONE = re.compile(r"%[zZs]")
PROVIDERS = ("syslog", "journald", "systemd")
"""Logs whose time somebody else writes."""


@dataclass(frozen=True, slots=True)
class TimeItem:
    """One `%t` of a format."""

    argument: str | None
    """`u` of `%{u}t`; None without braces."""

    start: int
    end: int


def time_items(text: str) -> Iterator[TimeItem]:
    """Every time that a format shows, by the rules of parse_errorlog_item."""
    for match in ITEM.finditer(text):
        if match["kind"] == "t":
            yield TimeItem(match["argument"], *match.span())


def with_arguments(text: str, arguments: list[str]) -> str:
    """The format with these arguments of its times, in order; "" for none."""
    pieces, end = [], 0
    for item, argument in zip(time_items(text), arguments, strict=True):
        pieces += [text[end : item.start], f"%{{{argument}}}t" if argument else "%t"]
        end = item.end
    return "".join([*pieces, text[end:]])


def quoted(text: str) -> str:
    """The text as one word of a directive (ap_getword_conf)."""
    inside = re.sub(r'\\(?=[\\"]|\Z)', r"\\\\", text).replace('"', r"\"")
    return f'"{inside}"'


def has_strftime(build: HttpdBuild | Missing) -> bool | None:
    """The release knows `z` and strftime formats; None: it is not known."""
    version = None if isinstance(build, Missing) else build.version
    numbers = re.match(r"(\d+)\.(\d+)\.(\d+)", version or "")
    return tuple(map(int, numbers.groups())) >= STRFTIME if numbers else None


def is_nonsense(argument: str) -> bool:
    """A `%` among the letters of the short form: strftime then prints some of them as they are."""
    is_short = "%" in argument and SHORT.fullmatch(argument) is not None
    return is_short and (PAIR.sub("", argument) != "" or argument == "%u")


def shows_offset(argument: str | None, *, strftime: bool) -> bool:
    """The time is told apart from that of another zone."""
    if argument is None or not strftime:
        return False
    return ZONE.search(argument) is not None if "%" in argument else "z" in argument


def with_offset(argument: str | None) -> str:
    """The argument that shows the offset too."""
    if argument and "%" in argument:
        return f"{argument} %z"
    return f"{argument or ''}z"


@dataclass(frozen=True, slots=True)
class LogFormat:
    """Where one server logs errors, and how."""

    is_file: bool
    """A file or pipe to which httpd writes the time."""

    format: str
    directive: Directive | None
    """The ErrorLogFormat; None for the default."""


def error_log(server: Server) -> LogFormat:
    """Of the virtual host, else of the main server."""
    every = (*server.inherited, *server.directives)
    logs = [one.args for one in every if one.key == "errorlog" and one.args]
    formats = [one for one in every if one.key == FORMAT and len(one.args) == 1]
    directive = formats[-1] if formats else None
    return LogFormat(
        is_file=not (logs and logs[-1][0].startswith(PROVIDERS)),
        format=directive.args[0] if directive else DEFAULT,
        directive=directive,
    )
