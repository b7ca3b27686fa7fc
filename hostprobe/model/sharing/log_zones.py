"""Processes whose application moves their lines of the error log into another time zone."""

import posixpath
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date

from hostprobe.facts.error_log import LogClock
from hostprobe.facts.files import Files, Missing, is_regular
from hostprobe.model.error_logs import log_places
from hostprobe.model.httpd.error_log import (
    LogFormat,
    error_log,
    has_strftime,
    shows_offset,
    time_items,
    with_arguments,
    with_offset,
)
from hostprobe.model.httpd.servers import servers
from hostprobe.model.instance import Instance
from hostprobe.model.python.doing import Applications
from hostprobe.model.sharing.processes import SharedProcess, processes
from hostprobe.model.sharing.times import ZoneWish, zone_wishes
from hostprobe.model.sharing.zones import Rules, Zone, Zones, seconds

QUARTER = 900
RECENT = seconds(date(2020, 1, 1))


@dataclass(frozen=True, slots=True)
class MixedLog:
    """One process that writes another zone than Apache."""

    process: SharedProcess
    apache: Zone
    wishes: tuple[ZoneWish, ...]
    log: LogFormat
    """Of the first application's server."""

    path: str | None = None
    """The file, where its times go back by the difference of the zones."""

    steps_back: int = 0
    """How often they do."""

    @property
    def is_sure(self) -> bool:
        """It follows from the files."""
        return all(wish.is_sure and wish.is_applied for wish in self.wishes)


def mixed_logs(applications: Applications, instance: Instance, zones: Zones) -> Iterator[MixedLog]:
    """In the order of the process groups; nothing where the environment of the start is unknown."""
    environment = instance.configuration.start.environment
    if environment is None:
        return
    apache = zones.of(environment.get("TZ"))
    if isinstance(apache.rules, Missing):
        return
    logs = ambiguous_logs(instance)
    for process in processes(instance):
        wishes = tuple(
            wish
            for wish in zone_wishes(applications, process, zones, environment)
            if wish.member.application.server in logs
            and not isinstance(wish.zone.rules, Missing)
            and wish.zone.rules != apache.rules
        )
        if wishes:
            log = logs[wishes[0].member.application.server]
            yield with_evidence(applications.files, MixedLog(process, apache, wishes, log))


def with_evidence(files: Files, mixed: MixedLog) -> MixedLog:
    """What the log itself shows; once may be the end of summer time."""
    names = {wish.member.application.server for wish in mixed.wishes}
    places = log_places(mixed.process.instance.configuration)
    expected = set[int]().union(
        *(differences(wish.zone.rules, mixed.apache.rules) for wish in mixed.wishes)
    )
    for path, servers_ in places.files.items():
        clock = files.read(path, LogClock) if servers_ & names else None
        steps = clock.steps_back if isinstance(clock, LogClock) else ()
        count = sum(often for quarters, often in steps if quarters * QUARTER in expected)
        if count > 1:
            return replace(mixed, path=path, steps_back=count)
    return mixed


def differences(left: Rules | Missing, right: Rules | Missing) -> set[int]:
    """Seconds between two zones, in the years of which a log may tell."""
    if isinstance(left, Missing) or isinstance(right, Missing):
        return set()
    times = {RECENT, *(at for rules in (left, right) for at, _ in rules if at > RECENT)}
    found = {abs(offset_at(left, at) - offset_at(right, at)) for at in times}
    return found - {0}


def offset_at(rules: Rules, at: int) -> int:
    """Seconds east of UTC."""
    return next((offset for begin, offset in reversed(rules) if begin <= at), rules[0][1])


def ambiguous_logs(instance: Instance) -> dict[str, LogFormat]:
    """Server -> its error log, where that shows the time and not the zone.

    A virtual host of the main server's name is what requests reach.
    """
    main, *hosts = servers(instance.configuration)
    names = {str(host) for host in hosts}
    found: dict[str, LogFormat] = {}
    for server in [*([] if str(main) in names else [main]), *hosts]:
        log = error_log(server)
        if is_ambiguous(log, strftime=has_strftime(instance.build) is not False):
            found.setdefault(str(server), log)
    return found


def is_ambiguous(log: LogFormat, *, strftime: bool) -> bool:
    """It shows the time, but no offset."""
    times = [item.argument for item in time_items(log.format)]
    is_told = any(shows_offset(argument, strftime=strftime) for argument in times)
    return log.is_file and bool(times) and not is_told


def told_apart(instance: Instance, log: LogFormat) -> str | None:
    """The format that shows the offset; None where this httpd has none."""
    if has_strftime(instance.build) is not True:
        return None
    arguments = [with_offset(item.argument) for item in time_items(log.format)]
    return with_arguments(log.format, arguments)


def variables_file(files: Files, instance: Instance) -> str | None:
    """Debian's envvars, which lies beside the configuration; None without it."""
    path = posixpath.join(posixpath.dirname(instance.name), "envvars")
    return path if is_regular(files, path) else None
