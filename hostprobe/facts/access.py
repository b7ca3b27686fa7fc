"""What decides access besides mode and owner: POSIX ACLs (acl(5)) and symbolic links."""

from dataclasses import dataclass
from enum import IntEnum
from typing import NamedTuple


class AclTag(IntEnum):
    """e_tag of linux/posix_acl.h."""

    USER_OBJ = 0x01
    USER = 0x02
    GROUP_OBJ = 0x04
    GROUP = 0x08
    MASK = 0x10
    OTHER = 0x20


class AclEntry(NamedTuple):
    """One line of getfacl(1)."""

    tag: AclTag
    permissions: int
    """4 read, 2 write, 1 execute or search."""

    id: int
    """uid or gid of a USER or GROUP entry; without meaning for the others."""


@dataclass(frozen=True, slots=True)
class AccessControlList:
    """The extended attribute system.posix_acl_access of a file or directory."""

    entries: tuple[AclEntry, ...]
    """In the kernel's order."""


@dataclass(frozen=True, slots=True)
class SymbolicLink:
    """A symbolic link itself, not what it leads to."""

    target: str
    """As written."""

    uid: int
    """Its owner."""
