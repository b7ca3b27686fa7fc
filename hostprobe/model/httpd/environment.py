"""The environment that httpd is started with, from files alone; no shell is run."""

import re
import shlex
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from hostprobe.facts.files import Files, Missing
from hostprobe.facts.httpd import EnvironmentFile
from hostprobe.facts.systemd import UnitFile

PIECE = re.compile(r"\$\$|\$\{(\w+)(?:(:?)-([^}]*))?\}")
UNIT_DIRECTORIES = (
    "/etc/systemd/system",
    "/run/systemd/system",
    "/usr/local/lib/systemd/system",
    "/usr/lib/systemd/system",
    "/lib/systemd/system",
)
"""Most important first (systemd.unit(5))."""

LONGEST_VALUE = 1 << 17
"""MAX_ARG_STRLEN of the kernel."""


@dataclass(frozen=True, slots=True)
class Shell:
    """Variables after a shell sourced a file."""

    known: Mapping[str, str]
    """All of them."""

    exported: Mapping[str, str]
    """Those a program started from it gets."""


def after_file(
    file: EnvironmentFile, inherited: Mapping[str, str], own: Mapping[str, str]
) -> Shell:
    """The shell has `inherited` in its environment and `own` variables that are not exported."""
    exported = {name: value for name, value in inherited.items() if name not in file.unset}
    known = {**own, **exported}
    for name, value, is_exported in file.assignments:
        known[name] = substituted(value, known)
        if is_exported or name in exported:
            exported[name] = known[name]
    return Shell(known, exported)


def substituted(value: str, known: Mapping[str, str]) -> str:
    """${X}, ${X-y} and ${X:-y} replaced, unset ones by nothing; $$ is a dollar sign."""
    parts = []
    position = room = 0
    for match in PIECE.finditer(value):
        parts += [value[position : match.start()], referred(match, known)]
        position = match.end()
        room += len(parts[-1])
        if room > LONGEST_VALUE:
            break
    parts.append(value[position:])
    return "".join(parts)[:LONGEST_VALUE]


def referred(match: re.Match[str], known: Mapping[str, str]) -> str:
    """What one reference stands for."""
    if match[1] is None:
        return "$"
    found = known.get(match[1])
    is_wanting = found is None or (match[2] == ":" and not found)
    return (match[3] or "") if is_wanting else found or ""


def find_unit(files: Files, name: str) -> tuple[UnitFile, ...]:
    """The unit `name` and its drop-ins in the order systemd reads them; empty without unit."""
    return tuple(unit for _, unit in unit_parts(files, name))


def unit_parts(files: Files, name: str) -> tuple[tuple[str, UnitFile], ...]:
    """The same, each with its path; an instance `a@b.service` is made of `a@.service`."""
    names = unit_names(name)
    paths = (f"{directory}/{each}" for each in names for directory in UNIT_DIRECTORIES)
    read = ((path, files.read(path, UnitFile)) for path in paths)
    unit = next(((path, found) for path, found in read if isinstance(found, UnitFile)), None)
    if unit is None:
        return ()
    drop_ins: dict[str, str] = {}
    for folder in (*names, "service"):
        for directory in UNIT_DIRECTORIES:
            found = files.list(f"{directory}/{folder}.d")
            for drop_in in () if isinstance(found, Missing) else found:
                if drop_in.endswith(".conf"):
                    drop_ins.setdefault(drop_in, f"{directory}/{folder}.d/{drop_in}")
    read = ((path, files.read(path, UnitFile)) for _, path in sorted(drop_ins.items()))
    return (unit, *((path, found) for path, found in read if isinstance(found, UnitFile)))


def unit_names(name: str) -> tuple[str, ...]:
    """The unit itself, and the template that it is an instance of."""
    prefix, at, rest = name.partition("@")
    is_instance = at and rest != ".service"
    return (name, f"{prefix}@.service") if is_instance else (name,)


def settings(units: Iterable[UnitFile], key: str) -> list[str]:
    """Values of a list setting; an empty one forgets those before it."""
    values: list[str] = []
    for unit in units:
        for name, value in unit.settings:
            if name == key:
                values = [*values, value] if value else []
    return values


def unit_environment(files: Files, units: tuple[UnitFile, ...]) -> dict[str, str]:
    """Environment= first, then EnvironmentFile= over it (systemd.exec(5))."""
    environment: dict[str, str] = {}
    for value in settings(units, "Environment"):
        environment.update(assignments(value))
    for path in settings(units, "EnvironmentFile"):
        file = files.read(path.removeprefix("-"), EnvironmentFile)
        if isinstance(file, EnvironmentFile):
            environment.update((name, literal(value)) for name, value, _ in file.assignments)
    return environment


def assignments(value: str) -> dict[str, str]:
    """The words `NAME=value` of one Environment= line, with systemd's quotes."""
    found = {}
    for word in split(value):
        name, equals, text = word.partition("=")
        if equals:
            found[name] = text
    return found


def split(text: str) -> list[str]:
    """Words of a command line with quotes; what is not closed is one word to the end."""
    try:
        return shlex.split(text)
    except ValueError:
        return text.split()


def literal(value: str) -> str:
    """Undo the escapes: systemd replaces nothing in an EnvironmentFile."""
    return value.replace("$$", "$")
