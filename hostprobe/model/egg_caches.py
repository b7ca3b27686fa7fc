"""Whether exactly the right user may write an egg cache."""

import posixpath
from collections.abc import Iterator
from dataclasses import dataclass

from hostprobe.facts.files import Missing, Stat, is_directory
from hostprobe.model.access import SEARCH, WRITE
from hostprobe.model.instance import Application, Instance
from hostprobe.model.python.doing import Applications
from hostprobe.model.python.eggs import EggCache, UnpackedEgg, egg_cache, unpacked_eggs
from hostprobe.model.users import Credentials
from hostprobe.model.working_directory import WorkingDirectories, Workplaces

ANYBODY = Credentials("nobody", 65534, 65534)


@dataclass(frozen=True, slots=True)
class CacheFault:
    """One cache that one user cannot use safely, and who needs it."""

    cache: EggCache
    who: Credentials
    obstacle: str
    """What stops the user; "" where everybody may write there."""

    eggs: tuple[UnpackedEgg, ...]
    applications: tuple[Application, ...]


def cache_faults(
    applications: Applications, places: Workplaces, instance: Instance, one: WorkingDirectories
) -> Iterator[CacheFault]:
    """One for each cache and user, in the order of the applications."""
    found: dict[tuple[EggCache, Credentials], list[tuple[Application, list[UnpackedEgg]]]] = {}
    for application in instance.applications:
        who = one.who.of(application.process_group)
        account = who if isinstance(who, Missing) else places.users.account_of_uid(who.uid)
        if isinstance(who, Missing) or isinstance(account, Missing):
            continue
        eggs = list(unpacked_eggs(applications, application))
        if not eggs:
            continue
        cache = egg_cache(applications, places.users, instance, application, account)
        if cache:
            found.setdefault((cache, who), []).append((application, eggs))
    for (cache, who), needed in found.items():
        fault = judged(places, cache, who, needed)
        if fault:
            yield fault


def judged(
    places: Workplaces,
    cache: EggCache,
    who: Credentials,
    needed: list[tuple[Application, list[UnpackedEgg]]],
) -> CacheFault | None:
    """None where the user may write there and not everybody may."""
    eggs = {egg.path: egg for _, found in needed for egg in found}
    wanted = tuple(egg for egg in eggs.values() if not is_unpacked(places, cache, who, egg))
    obstacle = unwritable(places, cache.path, who) if wanted else ""
    is_public = is_directory(places.files, cache.path) and not denied(places, cache.path, ANYBODY)
    if not obstacle and not is_public:
        return None
    applications = tuple(application for application, _ in needed)
    return CacheFault(cache, who, obstacle, wanted or tuple(eggs.values()), applications)


def unwritable(places: Workplaces, path: str, who: Credentials) -> str:
    """What stops somebody from making files below a directory that may not be there yet."""
    place = posixpath.normpath(path)
    while place != "/" and is_absent(places, place):
        place = posixpath.dirname(place)
    return denied(places, place, who)


def is_absent(places: Workplaces, path: str) -> bool:
    """It is established that nothing is there."""
    stat = places.files.stat(path)
    return isinstance(stat, Missing) and stat.not_found


def denied(places: Workplaces, path: str, who: Credentials) -> str:
    """In words; "" where it is granted or not known."""
    if isinstance(places.files.stat(path), Stat) and not is_directory(places.files, path):
        return f"{path} is no directory"
    found = places.access.denied(who, path, WRITE | SEARCH)
    if found is None or isinstance(found, Missing):
        return ""
    verb = "write" if found.wants & WRITE else "search"
    return f"{who.user} may not {verb} {found.path}"


def is_unpacked(places: Workplaces, cache: EggCache, who: Credentials, egg: UnpackedEgg) -> bool:
    """Its extensions were unpacked before, and the user may read them: nothing is written."""
    folder = f"{cache.path}/{posixpath.basename(egg.path)}-tmp"
    if not egg.egg.extensions or egg.egg.askers or egg.egg.has_eager_resources or egg.asked_at:
        return False
    for member, size in egg.egg.extensions:
        stat = places.files.stat(f"{folder}/{member}")
        if isinstance(stat, Missing) or stat.size != size:
            return False
    return places.access.denied(who, folder, SEARCH) is None
