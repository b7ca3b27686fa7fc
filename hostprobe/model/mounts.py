"""On which mount a path lies, as an httpd sees it (path_resolution(7), fs/namei.c)."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from hostprobe.facts.files import Files, Missing
from hostprobe.facts.mount import Fstab, Mount, MountTable
from hostprobe.model.instance import Instance

PLANNED = ("/proc/1/mountinfo", "/proc/self/mountinfo")
"""What a start by the system would see; process 1 can be hidden (hidepid)."""

FSTAB = "/etc/fstab"
Children = Mapping[tuple[int, str], Mount]
"""The mount that stands on another one at a place."""


@dataclass(frozen=True, slots=True)
class Mounts:
    """The mounts that one httpd sees, or would."""

    source: str
    """The file that says so."""

    top: int
    """What the topmost mount stands on."""

    children: Children

    @property
    def any_noexec(self) -> bool:
        """Some mount forbids to execute."""
        return any("noexec" in mount.options for mount in self.children.values())

    @property
    def any_read_only(self) -> bool:
        """Some mount forbids to write."""
        return any(mount.is_read_only for mount in self.children.values())

    def of(self, path: str) -> Mount | None:
        """The mount of a path without symbolic links; None where nothing is known of it."""
        found, number, seen = None, self.top, set[int]()
        for place in ways(path):
            while (above := self.children.get((number, place))) and above.number not in seen:
                found, number = above, above.number
                seen.add(number)
        return found


def mounts_seen(files: Files, instance: Instance, *, is_live: bool) -> Mounts | Missing:
    """Of the running httpd's own namespace, else of the system; /etc/fstab of a mounted root.

    A /proc that is mounted in such a root tells of another system's paths.
    """
    running = instance.running
    sources = (f"/proc/{running.parent.pid}/mountinfo",) if running else PLANNED
    answers = [(source, files.read(source, MountTable)) for source in sources if is_live]
    for source, table in answers:
        if isinstance(table, MountTable):
            return mounts_of(source, table.mounts)
    unread = [found for _, found in answers if isinstance(found, Missing) and not found.not_found]
    return unread[0] if unread else mounts_at_start(files)


def mounts_at_start(files: Files) -> Mounts | Missing:
    """What /etc/fstab mounts, upper places first, as systemd orders them (systemd.mount(5))."""
    fstab = files.read(FSTAB, Fstab)
    if isinstance(fstab, Missing):
        return mounts_of(FSTAB, ()) if fstab.not_found else fstab
    children = {(0, "/"): Mount(1, 0, "/", "", ())}
    mounts = Mounts(FSTAB, 0, children)
    ordered = sorted(fstab.entries, key=lambda entry: len(list(ways(entry.place))))
    for number, entry in enumerate(ordered, 2):
        below = mounts.of(entry.place)
        parent = below.number if below else 0
        children[parent, entry.place] = Mount(
            number, parent, entry.place, entry.filesystem, entry.options
        )
    return mounts


def mounts_of(source: str, mounts: Iterable[Mount]) -> Mounts:
    """A table by place; the first mount whose parent is not shown is the topmost."""
    children = {(one.parent, one.place): one for one in mounts}
    numbers = {one.number for one in children.values()}
    unseen = (one.parent for one in children.values() if one.parent not in numbers)
    return Mounts(source, next(unseen, 0), children)


def ways(path: str) -> Iterator[str]:
    """The root directory, then every directory on the way, then the path."""
    yield "/"
    end = path.find("/", 1)
    while end > 0:
        yield path[:end]
        end = path.find("/", end + 1)
    if path != "/":
        yield path
