"""Users and groups of the root: /etc/passwd and /etc/group (passwd(5), group(5))."""

from dataclasses import dataclass
from typing import NamedTuple


# Named tuples: a university's passwd has 100,000 lines.
class Account(NamedTuple):
    """One line of passwd; password and comment are not kept."""

    name: str
    uid: int
    gid: int
    """The user's own group."""

    home: str
    """As written; "" where the field is missing."""


class UserGroup(NamedTuple):
    """One line of group."""

    name: str
    gid: int
    members: tuple[str, ...]
    """Users that have it besides their own group."""


@dataclass(frozen=True, slots=True)
class Accounts:
    """The lines of passwd that name a user, in order: of equal ones the first counts."""

    all: tuple[Account, ...]


@dataclass(frozen=True, slots=True)
class UserGroups:
    """The lines of group that name a group, in order."""

    all: tuple[UserGroup, ...]


@dataclass(frozen=True, slots=True)
class ProcessCredentials:
    """Who a process acts as, by /proc/PID/status (proc_pid_status(5))."""

    uid: int
    """Of the file system, as the kernel asks it; so are gid and capabilities."""

    gid: int
    groups: frozenset[int]
    """Supplementary ones."""

    capabilities: int
    """Effective ones, one bit each."""
