"""What a process may do with a path, as the kernel decides it.

fs/namei.c (generic_permission, acl_permission_check, may_delete, may_follow_link) and
fs/posix_acl.c (posix_acl_permission) of Linux. Every directory on the way is searched, those of
symbolic links too. What a security module or a remote server forbids besides is not asked here.
"""

import posixpath
from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from stat import S_IRWXG, S_ISDIR, S_ISVTX, S_IWOTH

from hostprobe.facts.access import AccessControlList, AclEntry, AclTag, SymbolicLink
from hostprobe.facts.files import Files, Missing, Stat, is_directory
from hostprobe.facts.memory import KernelNumber
from hostprobe.model.mounts import Mounts
from hostprobe.model.users import Credentials

READ, WRITE, SEARCH = 4, 2, 1
EXECUTE = SEARCH
"""Bits of access(2)."""

DAC_OVERRIDE, DAC_READ_SEARCH, FOWNER = 1 << 1, 1 << 2, 1 << 3
PROTECTED_SYMLINKS = "/proc/sys/fs/protected_symlinks"
"""proc_sys_fs(5); of the kernel that runs: a root that does not run has none."""

STICKY_FOR_ALL = S_ISVTX | S_IWOTH
ANY_EXECUTE = 0o111
DEEPEST_LINKS = 40
"""Links inside the targets of links, as MAXSYMLINKS of the kernel."""


class Rule(StrEnum):
    """Which of the permissions of a file counts for somebody."""

    OWNER = "owner"
    GROUP = "group"
    OTHER = "other"
    ACL_USER = "ACL entry of the user"
    ACL_GROUP = "ACL entry of a group"
    ACL_MASK = "ACL mask"
    STICKY = "sticky bit"
    READ_ONLY = "read-only mount"
    LINK = "fs.protected_symlinks"


@dataclass(frozen=True, slots=True)
class Denial:
    """The component that stops somebody."""

    path: str
    """After symbolic links."""

    stat: Stat
    wants: int
    """What is asked of it: READ, WRITE, SEARCH."""

    rule: Rule
    who: Credentials
    acl: AccessControlList | None = None
    """Only where it decided."""


@dataclass(frozen=True, slots=True)
class Way:
    """How the kernel walks one path, whoever asks."""

    place: str | Missing
    """Where it leads, without symbolic links."""

    directories: tuple[str, ...] = ()
    """Those that are searched on the way, each once, in order."""

    entries: tuple[str, ...] = ()
    """Every name that is looked up in them: directories, links, the file itself."""

    last_links: tuple[str, ...] = ()
    """Links that are the last component of the path, or of such a link's target."""


class Access:
    """Permissions of one root; every way is walked once for everybody."""

    def __init__(self, files: Files, mounts: Mounts | None = None) -> None:
        self._files = files
        self._mounts = mounts if mounts and mounts.any_read_only else None
        self._ways = {"/": Way("/")}
        self._judged: dict[tuple[Credentials, str, int], Denial | Missing | None] = {}

    def denials(self, who: Credentials, path: str, wants: int) -> Iterator[Denial | Missing]:
        """Each component that stops `who`, the first one first; Missing where it is not known.

        Nothing follows a Missing: what lies behind it cannot be looked at.
        """
        way = self.way(path)
        for directory in way.directories:
            yield from self._verdict(who, directory, SEARCH)
        for link in way.last_links:
            yield from self._unfollowed(who, link)
        if isinstance(way.place, Missing):
            yield way.place
        else:
            yield from self._verdict(who, way.place, wants)

    def denied(self, who: Credentials, path: str, wants: int) -> Denial | Missing | None:
        """The first component that stops `who`; None: the kernel grants it."""
        return next(self.denials(who, path, wants), None)

    def replacement_denied(self, who: Credentials, path: str) -> Denial | Missing | None:
        """Whether `who` may not delete, rename or replace what the path itself names."""
        parent, name = posixpath.split(path)
        first = self.denied(who, parent, WRITE | SEARCH)
        if first is not None:
            return first
        place = self.way(parent).place
        return place if isinstance(place, Missing) else self._sticky(who, place, name)

    def way(self, path: str, depth: int = 0) -> Way:
        """How the path is walked; `depth` counts the links that lead to it."""
        pending, above = [], path
        while above not in self._ways:
            pending.append(above)
            above = posixpath.split(above.rstrip("/"))[0] or "/"
        for one in reversed(pending):
            self._ways[one] = self._last_step(one, depth)
        return self._ways[path]

    def _sticky(self, who: Credentials, parent: str, name: str) -> Denial | Missing | None:
        """check_sticky: in such a directory only owners delete."""
        directory = self._files.stat(parent)
        if isinstance(directory, Missing):
            return directory
        if not directory.mode & S_ISVTX or directory.uid == who.uid or who.capabilities & FOWNER:
            return None
        path = posixpath.join(parent, name)
        link = self._files.read(path, SymbolicLink)
        entry = self._files.stat(path) if isinstance(link, Missing) else link
        if isinstance(entry, Missing):
            return entry
        return None if entry.uid == who.uid else Denial(parent, directory, WRITE, Rule.STICKY, who)

    def _last_step(self, path: str, depth: int) -> Way:
        """The way to its parent, which is known, and one component more."""
        parent, name = posixpath.split(path.rstrip("/"))
        way = replace(self._ways[parent or "/"], last_links=())
        above = way.place
        if isinstance(above, Missing) or not is_directory(self._files, above):
            return replace(way, place=self._not_there(path))
        way = replace(way, directories=with_more(way.directories, (above,)))
        if name == ".":
            return way
        if name == "..":
            return replace(way, place=posixpath.dirname(above))
        entry = posixpath.join(above, name)
        return self._step(replace(way, entries=(*way.entries, entry)), entry, depth)

    def _not_there(self, path: str) -> Missing:
        """Why nothing is found behind what is no directory."""
        stat = self._files.stat(path)
        return stat if isinstance(stat, Missing) else Missing(f"{path}: changed while it was read")

    def _step(self, way: Way, entry: str, depth: int) -> Way:
        """One name in a directory whose own path has no links."""
        stat = self._files.stat(entry)
        if isinstance(stat, Stat) and stat.real == entry:
            return replace(way, place=entry)
        link = self._files.read(entry, SymbolicLink)
        if isinstance(link, Missing):
            return replace(way, place=stat if isinstance(stat, Missing) else link)
        if depth >= DEEPEST_LINKS:
            return replace(way, place=Missing(f"{entry}: too many levels of symbolic links"))
        more = self.way(posixpath.join(posixpath.dirname(entry), link.target), depth + 1)
        directories = with_more(way.directories, more.directories)
        entries = with_more(way.entries, more.entries)
        return Way(more.place, directories, entries, with_more((entry,), more.last_links))

    def _unfollowed(self, who: Credentials, path: str) -> Iterator[Denial | Missing]:
        """may_follow_link: in such a directory links of others lead nowhere."""
        directory = self._files.stat(posixpath.dirname(path))
        link = self._files.read(path, SymbolicLink)
        for answer in (directory, link):
            if isinstance(answer, Missing):
                yield answer
                return
        assert isinstance(directory, Stat)
        assert isinstance(link, SymbolicLink)
        if directory.mode & STICKY_FOR_ALL != STICKY_FOR_ALL:
            return
        if link.uid not in {who.uid, directory.uid} and self._protects_links:
            yield Denial(path, directory, SEARCH, Rule.LINK, who)

    @property
    def _protects_links(self) -> bool:
        number = self._files.read(PROTECTED_SYMLINKS, KernelNumber)
        return isinstance(number, KernelNumber) and bool(number.value)

    def _verdict(self, who: Credentials, place: str, wants: int) -> Iterator[Denial | Missing]:
        key = (who, place, wants)
        if key not in self._judged:
            self._judged[key] = self._judge(who, place, wants)
        found = self._judged[key]
        if found is not None:
            yield found

    def _judge(self, who: Credentials, place: str, wants: int) -> Denial | Missing | None:
        stat = self._files.stat(place)
        if isinstance(stat, Missing):
            return stat
        mount = self._mounts.of(place) if self._mounts and wants & WRITE else None
        if mount is not None and mount.is_read_only:
            return Denial(mount.place, stat, WRITE, Rule.READ_ONLY, who)
        if is_overridden(who, stat, wants):
            return None
        acl = self._acl(who, place, stat)
        if isinstance(acl, Missing):
            return acl
        granted, rule = by_acl(who, stat, acl, wants) if acl else by_mode(who, stat, wants)
        return None if granted else Denial(place, stat, wants, rule, who, acl)

    def _acl(self, who: Credentials, place: str, stat: Stat) -> AccessControlList | Missing | None:
        """None where the mode decides: for the owner, and where no group bit is set."""
        if who.uid == stat.uid or not stat.mode & S_IRWXG:
            return None
        found = self._files.read(place, AccessControlList)
        return None if isinstance(found, Missing) and found.not_found else found

    def rule(self, who: Credentials, place: str, wants: int) -> Rule:
        """By what somebody has a right there that was granted."""
        stat = self._files.stat(place)
        if isinstance(stat, Missing):
            return Rule.OTHER
        acl = self._acl(who, place, stat)
        if acl is None or isinstance(acl, Missing):
            return by_mode(who, stat, wants)[1]
        rule = by_acl(who, stat, acl, wants)[1]
        return acl_entry(who, acl) if rule is Rule.ACL_MASK else rule


def with_more(some: tuple[str, ...], more: tuple[str, ...]) -> tuple[str, ...]:
    """Both in order, nothing twice."""
    return (*some, *(one for one in more if one not in some))


def by_mode(who: Credentials, stat: Stat, wants: int) -> tuple[bool, Rule]:
    """Owner, group or others: the first that fits counts, even if a later one grants more."""
    if who.uid == stat.uid:
        return not wants & ~(stat.mode >> 6), Rule.OWNER
    if who.has_group(stat.gid):
        return not wants & ~(stat.mode >> 3), Rule.GROUP
    return not wants & ~stat.mode, Rule.OTHER


def by_acl(who: Credentials, stat: Stat, acl: AccessControlList, wants: int) -> tuple[bool, Rule]:
    """posix_acl_permission for somebody who is not the owner."""
    is_member = False
    for entry in acl.entries:
        if entry.tag is AclTag.USER and entry.id == who.uid:
            return masked(acl, entry, wants, Rule.ACL_USER)
        if is_group_of(who, entry, stat):
            is_member = True
            if not wants & ~entry.permissions:
                return masked(acl, entry, wants, Rule.ACL_GROUP)
        if entry.tag is AclTag.OTHER and not is_member:
            return not wants & ~entry.permissions, Rule.OTHER
    return False, Rule.ACL_GROUP


def acl_entry(who: Credentials, acl: AccessControlList) -> Rule:
    """Whether an entry of the user itself counts, or one of a group."""
    named = any(one.tag is AclTag.USER and one.id == who.uid for one in acl.entries)
    return Rule.ACL_USER if named else Rule.ACL_GROUP


def is_group_of(who: Credentials, entry: AclEntry, stat: Stat) -> bool:
    """The entry is of the file's group or of a named one, and `who` has that group."""
    if entry.tag is AclTag.GROUP_OBJ:
        return who.has_group(stat.gid)
    return entry.tag is AclTag.GROUP and who.has_group(entry.id)


def masked(acl: AccessControlList, entry: AclEntry, wants: int, rule: Rule) -> tuple[bool, Rule]:
    """The mask takes away from every entry but the owner's and the others'."""
    if wants & ~entry.permissions:
        return False, rule
    masks = (one.permissions for one in acl.entries if one.tag is AclTag.MASK)
    return not wants & ~next(masks, 7), Rule.ACL_MASK


def is_overridden(who: Credentials, stat: Stat, wants: int) -> bool:
    """CAP_DAC_OVERRIDE and CAP_DAC_READ_SEARCH; a file without any x is executed by nobody."""
    if who.capabilities & DAC_READ_SEARCH:
        reads = not wants & WRITE if S_ISDIR(stat.mode) else wants == READ
        if reads:
            return True
    if not who.capabilities & DAC_OVERRIDE:
        return False
    return S_ISDIR(stat.mode) or not wants & EXECUTE or bool(stat.mode & ANY_EXECUTE)
