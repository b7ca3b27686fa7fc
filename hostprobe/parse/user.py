"""Users, groups and the credentials of processes.

passwd(5) and group(5) are read as glibc's "files" service reads them (nss/nss_files/files-parse.c).
A line that glibc passes over is passed over here: a comment, one without its numbers, and the
NIS entries `+name` and `-name`, which only the "compat" service would look up elsewhere.
"""

import re
from collections.abc import Iterator

from hostprobe.facts.user import Account, Accounts, ProcessCredentials, UserGroup, UserGroups
from hostprobe.parse.error import ParseError

NUMBER = re.compile(r"[ \t\v\f\r]*\+?([0-9]{1,19})")
LARGEST_ID = 0xFFFFFFFF
STATUS = re.compile(rb"^(Uid|Gid|Groups|CapEff):[ \t]*(.*)$", re.MULTILINE)
MOST_GROUPS = 65_536
"""NGROUPS_MAX of the kernel."""


def parse_passwd(data: bytes) -> Accounts:
    """Every user, whatever the other lines are."""
    return Accounts(tuple(account for line in lines(data) if (account := account_of(line))))


def parse_group(data: bytes) -> UserGroups:
    """Every group, whatever the other lines are."""
    return UserGroups(tuple(group for line in lines(data) if (group := group_of(line))))


def lines(data: bytes) -> Iterator[list[str]]:
    """The fields of each line that is neither empty, a comment nor a NIS entry."""
    for line in data.decode("utf-8", "surrogateescape").split("\n"):
        text = line.partition("\0")[0].lstrip(" \t\v\f\r")
        if text and text[0] not in "#+-":
            yield text.split(":")


def account_of(fields: list[str]) -> Account | None:
    """name:password:uid:gid:comment:home:shell; only what follows the gid may be missing."""
    name, uid, gid = fields[0], number(fields, 2), number(fields, 3)
    if uid is None or gid is None:
        return None
    return Account(name, uid, gid, fields[5] if len(fields) > 5 else "")


def group_of(fields: list[str]) -> UserGroup | None:
    """name:password:gid:member,member; the members are the whole rest of the line."""
    gid = number(fields, 2)
    if gid is None:
        return None
    members = (word.lstrip(" \t\v\f\r") for word in ":".join(fields[3:]).split(","))
    return UserGroup(fields[0], gid, tuple(word for word in members if word))


def number(fields: list[str], index: int) -> int | None:
    """A decimal field; None for one that is no id."""
    match = NUMBER.fullmatch(fields[index]) if index < len(fields) else None
    value = int(match[1]) if match else LARGEST_ID + 1
    return value if value <= LARGEST_ID else None


def parse_process_credentials(data: bytes) -> ProcessCredentials:
    """The fourth of the user ids and group ids is that of the file system."""
    lines = {name: text.split() for name, text in STATUS.findall(data)}
    try:
        return ProcessCredentials(
            uid=int(lines[b"Uid"][3]),
            gid=int(lines[b"Gid"][3]),
            groups=frozenset(int(group) for group in lines[b"Groups"][:MOST_GROUPS]),
            capabilities=int(lines[b"CapEff"][0], 16),
        )
    except (KeyError, IndexError, ValueError) as error:
        raise ParseError("not the status of a process") from error
