"""`MemoryFiles` with owners, modes and ACLs: 0755 root for directories, 0644 root for files."""

import posixpath
from dataclasses import replace

from hostprobe.facts.access import AccessControlList, AclEntry, AclTag, SymbolicLink
from hostprobe.facts.files import Missing
from tests.model.memory_files import DIRECTORY, MemoryFiles

TYPE = 0o170000
TAGS = {"u": (AclTag.USER_OBJ, AclTag.USER), "g": (AclTag.GROUP_OBJ, AclTag.GROUP)} | {
    "m": (AclTag.MASK,),
    "o": (AclTag.OTHER,),
}
BITS = {"r": 4, "w": 2, "x": 1, "-": 0}


def acl(text):
    """`u::rw- u:1000:r-- g::r-- m::r-- o::---` as getfacl(1) shows it."""
    return AccessControlList(tuple(entry(*word.split(":")) for word in text.split()))


def entry(kind, name, letters):
    return AclEntry(TAGS[kind][bool(name)], sum(BITS[one] for one in letters), int(name or 0))


class OwnedFiles(MemoryFiles):
    """`owners`: path -> (mode, uid, gid); `acls`: path -> text; `link_owners`: link -> uid.

    A path of `owners` without content is an empty directory.
    """

    def __init__(self, contents=(), owners=(), links=(), *, acls=(), link_owners=()):
        super().__init__(contents, links)
        self.owners = dict(owners)
        self.acls = {path: acl(text) for path, text in dict(acls).items()}
        self.link_owners = dict(link_owners)
        for path in self.owners:
            if path not in self.contents:
                self.children.setdefault(path, set())
                self._enter(path)

    def stat(self, path):
        stat = super().stat(path)
        if isinstance(stat, Missing):
            return stat
        is_directory = stat.mode & TYPE == DIRECTORY & TYPE
        usual = (0o755 if is_directory else 0o644, 0, 0)
        mode, uid, gid = self.owners.get(stat.real, usual)
        return replace(stat, mode=stat.mode & TYPE | mode, uid=uid, gid=gid)

    def read(self, path, kind):
        if kind is SymbolicLink:
            return self.link(path)
        if kind is AccessControlList:
            none = Missing(f"{path}: no data available", not_found=True)
            return self.acls.get(self.real(path), none)
        return super().read(path, kind)

    def link(self, path):
        parent, name = posixpath.split(path)
        place = posixpath.join(self.real(parent) or parent, name)
        if place in self.links:
            return SymbolicLink(self.links[place], self.link_owners.get(place, 0))
        return Missing(f"{path}: not a symbolic link", not_found=True)
