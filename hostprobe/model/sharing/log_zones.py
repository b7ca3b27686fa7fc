"""Processes whose application moves their lines of the error log into another time zone."""

import posixpath
from collections.abc import Iterator
from dataclasses import dataclass

from hostprobe.facts.files import Files, Missing, is_regular
from hostprobe.model.httpd.error_log import (
    ErrorLog,
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
from hostprobe.model.sharing.zones import Zone, Zones


@dataclass(frozen=True, slots=True)
class MixedLog:
    """One process that writes another zone than Apache."""

    process: SharedProcess
    apache: Zone
    wishes: tuple[ZoneWish, ...]
    log: ErrorLog
    """Of the first application's server."""

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
            yield MixedLog(process, apache, wishes, log)


def ambiguous_logs(instance: Instance) -> dict[str, ErrorLog]:
    """Server -> its error log, where that shows the time and not the zone.

    A virtual host of the main server's name is what requests reach.
    """
    main, *hosts = servers(instance.configuration)
    names = {str(host) for host in hosts}
    found: dict[str, ErrorLog] = {}
    for server in [*([] if str(main) in names else [main]), *hosts]:
        log = error_log(server)
        if is_ambiguous(log, strftime=has_strftime(instance.build) is not False):
            found.setdefault(str(server), log)
    return found


def is_ambiguous(log: ErrorLog, *, strftime: bool) -> bool:
    """It shows the time, but no offset."""
    times = [item.argument for item in time_items(log.format)]
    is_told = any(shows_offset(argument, strftime=strftime) for argument in times)
    return log.is_file and bool(times) and not is_told


def told_apart(instance: Instance, log: ErrorLog) -> str | None:
    """The format that shows the offset; None where this httpd has none."""
    if has_strftime(instance.build) is not True:
        return None
    arguments = [with_offset(item.argument) for item in time_items(log.format)]
    return with_arguments(log.format, arguments)


def variables_file(files: Files, instance: Instance) -> str | None:
    """Debian's envvars, which lies beside the configuration; None without it."""
    path = posixpath.join(posixpath.dirname(instance.name), "envvars")
    return path if is_regular(files, path) else None
