"""httpd's configuration: lines as written, directives as httpd would keep them, its build."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from hostprobe.facts.words import words


# Lines, places and directives are named tuples: there are 100,000 of them, and a frozen dataclass
# takes four times as long to make.
class ConfigLine(NamedTuple):
    """One logical line: continuation joined, stripped, comments and blank lines left out."""

    first: int
    """Physical line number, from 1."""

    last: int
    text: str


@dataclass(frozen=True, slots=True)
class ConfigFile:
    """The logical lines of one configuration file."""

    lines: tuple[ConfigLine, ...]


class Where(NamedTuple):
    """Where a directive stands."""

    file: str
    first: int
    """Physical line, from 1; 0 for -C and -c directives."""

    last: int
    via: tuple[str, ...] = ()
    """Include and macro chain, outermost first: "file:line" or "macro NAME used at file:line"."""

    def __str__(self) -> str:
        return f"{self.file}:{self.first}"


class Directive(NamedTuple):
    """One evaluated directive; a section has children."""

    name: str
    """As written."""

    raw: str
    """The whole rest of the line after ${}."""

    where: Where
    children: tuple["Directive", ...] | None = None
    """Directives inside a section in order; None for a simple directive."""

    @property
    def args(self) -> tuple[str, ...]:
        """Words after quoting and ${} are resolved; of few directives anybody wants them."""
        end = -1 if self.children is None else self.raw.rfind(">")
        return words(self.raw[:end] if end >= 0 else self.raw)

    @property
    def key(self) -> str:
        """The name as httpd compares it: lower case, sections with their angle bracket."""
        return self.name.lower()


class Fault(StrEnum):
    """Whose fault a problem of the configuration is, where it is not hostprobe's own limit."""

    ABSENT = "absent"
    """It names a file that is not there."""

    PROGRAM = "program"
    """It is a program, which only httpd can run."""

    TOLD = "told"
    """A check of its own tells it: a module that is not there, a process group defined twice."""


@dataclass(frozen=True, slots=True)
class Problem:
    """A part of the configuration that could not be read or would make httpd refuse."""

    message: str
    where: Where | None
    fatal: bool = False
    """httpd itself would not start with this."""

    fault: Fault | None = None
    """None: httpd's refusal of a line if it is fatal, else something hostprobe could not do."""

    def __str__(self) -> str:
        """Where, what, and whether httpd minds."""
        place = f"{self.where}: " if self.where else ""
        return f"{place}{self.message}{' (httpd would not start)' if self.fatal else ''}"


@dataclass(frozen=True, slots=True)
class ModuleLoad:
    """One LoadModule or LoadFile in the order httpd executes them."""

    path: str
    """Made absolute with ServerRoot; a LoadFile or LoadModule name without a slash that does not
    exist there stays bare."""

    symbol: str | None
    """The module structure's name ("ssl_module"); None for LoadFile."""

    where: Where


@dataclass(frozen=True, slots=True)
class HttpdBuild:
    """What is compiled into the httpd binary."""

    version: str | None
    """"2.4.71" from the server banner; None when not found."""

    root: str | None
    """HTTPD_ROOT."""

    config_file: str | None
    """SERVER_CONFIG_FILE, relative to root unless absolute."""

    static_modules: tuple[str, ...]
    """Module structures defined in the binary, e.g. core_module, so_module."""


@dataclass(frozen=True, slots=True)
class ModuleStructure:
    """One `module` structure of httpd (http_config.h) found in an object's data."""

    symbol: str
    """The exported variable: "ssl_module"."""

    source: str
    """Base name of the source file it was compiled from: "mod_ssl.c", "prefork.c"."""

    directives: tuple[str, ...]
    """The directives it adds, as it spells them; sections with their opening bracket."""


@dataclass(frozen=True, slots=True)
class ModuleStructures:
    """Every `module` structure that an object exports, in symbol table order."""

    modules: tuple[ModuleStructure, ...]


@dataclass(frozen=True, slots=True)
class HttpdStart:
    """How httpd would be started: what its command line and its environment say."""

    binary: str
    config_file: str
    server_root: str
    defines: tuple[str, ...] = ()
    """-D names."""

    before: tuple[str, ...] = ()
    """-C directives, read before the configuration."""

    after: tuple[str, ...] = ()
    """-c directives, read after it."""

    environment: Mapping[str, str] | None = None
    """Environment of the start; None when it could not be established."""

    origin: str = ""
    """Where this start comes from: "--config", "/usr/sbin/apache2ctl", "httpd.service" ..."""

    user: str = "root"
    """Who executes the binary: User= of the unit."""

    directory: str | None = None
    """Where it is executed: WorkingDirectory= of the unit; None: wherever its caller stands."""

    unit: str = ""
    """The systemd unit that starts it: "apache2.service"; "" where none is known to."""


@dataclass(frozen=True, slots=True)
class Configuration:
    """The evaluated configuration of one instance."""

    start: HttpdStart
    directives: tuple[Directive, ...]
    """In the order httpd keeps them, conditional sections resolved and dissolved, includes and
    macros expanded; <If> and friends stay as sections."""

    loads: tuple[ModuleLoad, ...]
    files: tuple[str, ...]
    """Every configuration file read, in order of first reading."""

    problems: tuple[Problem, ...]
    unread: tuple[str, ...] = ()
    """Why a file or directory that httpd would read could not be read here: what it says is
    unknown."""

    has_program: bool = False
    """Perl or Lua in it may add any directive."""


@dataclass(frozen=True, slots=True)
class EnvironmentFile:
    """Assignments of a shell-like file (envvars, sysconfig) in order."""

    assignments: tuple[tuple[str, str, bool], ...]
    """(name, value as written with quotes resolved but ${X} kept, exported); $X is written ${X},
    a dollar sign that is only a character is written $$. Exporting an earlier assignment without
    a new value gives (name, "${name}", True)."""

    unset: tuple[str, ...]
    """Names that `unset` removes at the top level."""

    unread: tuple[tuple[int, str], ...] = ()
    """(line, text) of statements only a shell could evaluate: tests, substitutions, `.` files."""
