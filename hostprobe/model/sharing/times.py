"""Which time zone an application gives to the process that loads it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from hostprobe.facts.acts import Unknown
from hostprobe.facts.files import Missing
from hostprobe.model.python.doing import Applications
from hostprobe.model.sharing.processes import SharedProcess
from hostprobe.model.sharing.variables import Member, members
from hostprobe.model.sharing.zones import Zone, Zones

DJANGO_DEFAULT = "America/Chicago"
"""TIME_ZONE in django/conf/global_settings.py."""


@dataclass(frozen=True, slots=True)
class ZoneWish:
    """What one application sets TZ to."""

    member: Member
    zone: Zone
    how: str
    """"TIME_ZONE", or "TZ"."""

    where: str
    is_applied: bool
    """It calls tzset too, as Django does; else it works only from the next mktime() on."""

    is_sure: bool

    @property
    def key(self) -> object:
        """Equal for equal zones; a zone that cannot be read is known by its name only."""
        rules = self.zone.rules
        return self.zone.text if isinstance(rules, Missing) else rules


@dataclass(frozen=True, slots=True)
class ZoneClash:
    """Applications of one process that want different zones."""

    process: SharedProcess
    wishes: tuple[ZoneWish, ...]

    @property
    def zones(self) -> tuple[str, ...]:
        """One name for each zone, in the order of the configuration."""
        names: dict[object, str] = {}
        for wish in self.wishes:
            names.setdefault(wish.key, wish.zone.name)
        return tuple(names.values())

    @property
    def is_sure(self) -> bool:
        """All of it follows from the files, and takes effect at once."""
        return all(
            wish.is_sure and wish.is_applied and not isinstance(wish.zone.rules, Missing)
            for wish in self.wishes
        )


def zone_wishes(
    applications: Applications, process: SharedProcess, zones: Zones, inherited: Mapping[str, str]
) -> tuple[ZoneWish, ...]:
    """Of every application of the process that sets a zone."""
    result: list[ZoneWish] = []
    found: dict[tuple[str, int], ZoneWish | None] = {}
    for member in members(applications, process):
        key = (member.application.script, id(member.application.own))
        if key not in found:
            found[key] = zone_wish(applications, member, zones, inherited)
        if (wish := found[key]) is not None:
            result.append(replace(wish, member=member))
    return tuple(result)


def zone_wish(
    applications: Applications, member: Member, zones: Zones, inherited: Mapping[str, str]
) -> ZoneWish | None:
    """Django sets its zone when the settings are loaded, after the script; None: none, unknown."""
    settings = member.application.settings
    if settings is not None:
        found = applications.setting(member.application, "TIME_ZONE")
        value = found.value if found else DJANGO_DEFAULT
        where = f"{found.path}:{found.line}" if found else settings.path
        if isinstance(value, Unknown):
            return None
        if isinstance(value, str) and value:
            zone = zones.of(value)
            is_sure = found is not None
            return ZoneWish(member, zone, "TIME_ZONE", where, is_applied=True, is_sure=is_sure)
    wish = member.wishes.get("TZ")
    if wish is None or wish.value is None or (wish.is_default and "TZ" in inherited):
        return None
    is_applied = calls_tzset(applications, member)
    return ZoneWish(member, zones.of(wish.value), "TZ", wish.where, is_applied, wish.is_sure)


def calls_tzset(applications: Applications, member: Member) -> bool:
    """Before, or with, the first request."""
    return any(
        call.name == "time.tzset" and call.place.at_import
        for doing in applications.starting(member.application)
        for call in doing.acts.calls
    )


def find_zone_clashes(
    applications: Applications, process: SharedProcess, zones: Zones
) -> Iterator[ZoneClash]:
    """None or one."""
    inherited = process.instance.configuration.start.environment or {}
    wishes = zone_wishes(applications, process, zones, inherited)
    if len({wish.key for wish in wishes}) > 1:
        yield ZoneClash(process, wishes)
