"""The limits that httpd's processes inherit: of the running parent, else as it would be started.

systemd sets what the unit says, then the shell script that runs httpd what `ulimit` says. A
sysconfig file is read by systemd itself, which runs no shell.
"""

import posixpath
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from hostprobe.facts.files import Files, Missing
from hostprobe.facts.httpd import HttpdStart
from hostprobe.facts.limits import ProcessLimits, ShellLimits
from hostprobe.facts.systemd import UnitFile
from hostprobe.model.httpd.environment import find_unit, settings
from hostprobe.model.httpd.start import DEBIAN, UNITS, command
from hostprobe.model.instance import Instance

SIZE = re.compile(r"(\d{1,18})([KMGTPE]?)B?", re.IGNORECASE)
POWERS = {"": 0, "k": 10, "m": 20, "g": 30, "t": 40, "p": 50, "e": 60}
UNIT_KEYS = {"stack": "STACK", "data": "DATA", "address_space": "AS", "processes": "NPROC"}
LETTERS = {"s": "stack", "d": "data", "v": "address_space", "u": "processes", "p": "processes"}
NEVER_RUN = ("/etc/sysconfig/httpd", "/etc/sysconfig/apache2", "/etc/default/apache2")
"""Files with assignments, which only a start script of another init would run."""


@dataclass(frozen=True, slots=True)
class Limit:
    """One limit and where it was said."""

    value: int | None
    """Bytes, or a count; None: explicitly unlimited."""

    origin: str
    """"ulimit -s (/etc/apache2/envvars:7)", "LimitAS= of httpd.service", "/proc/7/limits"."""


@dataclass(frozen=True, slots=True)
class StartLimits:
    """None where nothing is said: the kernel's own, 8 MB for stacks and none for the others."""

    stack: Limit | None = None
    data: Limit | None = None
    address_space: Limit | None = None
    processes: Limit | None = None


def start_limits(files: Files, instance: Instance) -> StartLimits:
    """Of the parent that runs; of the planned start where none does."""
    planned = planned_limits(files, instance.configuration.start)
    if instance.running is None:
        return planned
    path = f"/proc/{instance.running.parent.pid}/limits"
    found = files.read(path, ProcessLimits)
    if isinstance(found, Missing):
        return planned
    return StartLimits(
        **{
            name: in_force(getattr(planned, name), Limit(getattr(found, name), path))
            for name in UNIT_KEYS
        }
    )


def in_force(planned: Limit | None, live: Limit) -> Limit:
    """What the process has, with the line that says so where there is one."""
    return planned if planned and planned.value == live.value else live


def planned_limits(files: Files, start: HttpdStart) -> StartLimits:
    """Unit, then control script."""
    name, unit = unit_of(files, start)
    found = dict(unit_limits(name, unit))
    found.update(shell_limits(files, shell_files(files, start, unit)))
    return StartLimits(**found)


def unit_of(files: Files, start: HttpdStart) -> tuple[str, tuple[UnitFile, ...]]:
    """The unit that starts this httpd; no files where there is none."""
    suffix = start.origin.partition("apache2ctl-")[2]
    names = (f"apache2@{suffix}.service", "apache2@.service") if suffix else UNITS
    for name in names:
        unit = find_unit(files, name)
        program = posixpath.basename(command(unit)[0]) if command(unit) else ""
        if program in {"apachectl", "apache2ctl", posixpath.basename(start.binary)}:
            return name, unit
    return "", ()


def unit_limits(name: str, unit: Sequence[UnitFile]) -> Iterator[tuple[str, Limit]]:
    """LimitSTACK= and the like; of `soft:hard` the soft one."""
    for limit, key in UNIT_KEYS.items():
        for text in settings(unit, f"Limit{key}")[-1:]:
            soft = text.partition(":")[0]
            value = size(soft)
            if value is not None or soft == "infinity":
                yield limit, Limit(value, f"Limit{key}= of {name}")


def size(text: str) -> int | None:
    """`512M` to base 1024 (systemd.exec(5)); None for what is no size."""
    match = SIZE.fullmatch(text.strip())
    return int(match[1]) << POWERS[match[2].lower()] if match else None


def shell_files(files: Files, start: HttpdStart, unit: Sequence[UnitFile]) -> Iterator[str]:
    """What the control script sources: envvars beside the configuration, or beside the program."""
    if start.binary == DEBIAN:
        folder = posixpath.dirname(start.config_file)
        own = files.read(f"{folder}/envvars", ShellLimits)
        yield f"{folder if isinstance(own, ShellLimits) else '/etc/apache2'}/envvars"
        return
    words = command(tuple(unit))
    if not words or posixpath.basename(words[0]) == "apachectl":
        yield f"{posixpath.dirname(start.binary)}/envvars"
    if not unit:
        yield from NEVER_RUN


def shell_limits(files: Files, paths: Iterator[str]) -> Iterator[tuple[str, Limit]]:
    """`ulimit` commands in order; the last of a kind counts."""
    for path in paths:
        found = files.read(path, ShellLimits)
        for letter, value, line in () if isinstance(found, Missing) else found.settings:
            yield LETTERS[letter], Limit(value, f"ulimit -{letter} ({path}:{line})")


def unheard(files: Files, start: HttpdStart) -> tuple[str, ...]:
    """`ulimit` lines that systemd reads and no shell runs: "/etc/sysconfig/httpd:3"."""
    _, unit = unit_of(files, start)
    found = ((path, files.read(path, ShellLimits)) for path in NEVER_RUN if unit)
    return tuple(
        f"{path}:{line}"
        for path, limits in found
        if isinstance(limits, ShellLimits)
        for _, _, line in limits.settings
    )


def place_of_start(files: Files, start: HttpdStart) -> str:
    """Where an administrator changes limits and environment of the start: a file or a unit."""
    name, unit = unit_of(files, start)
    sourced = next(shell_files(files, start, unit), None)
    if sourced is not None and not isinstance(files.stat(sourced), Missing):
        return sourced
    return name or "the script that starts httpd"


def exporting(place: str, name: str, value: int | str) -> str:
    """How a variable gets into the environment of the start."""
    if place.endswith(".service"):
        return f"`Environment={name}={value}` under [Service] (`systemctl edit {place}`)"
    return f"`export {name}={value}` in {place}"


def limiting_stacks(place: str, size: int) -> str:
    """How the default stack of every thread is set."""
    if place.endswith(".service"):
        return f"`LimitSTACK={size}` under [Service] (`systemctl edit {place}`)"
    return f"`ulimit -s {size >> 10}` in {place}"
