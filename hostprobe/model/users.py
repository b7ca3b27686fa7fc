"""Users and groups of the inspected root, looked up as httpd and glibc do."""

import re
from dataclasses import dataclass
from functools import cached_property

from hostprobe.facts.files import Files, Missing
from hostprobe.facts.user import Account, Accounts, UserGroup, UserGroups

PASSWD, GROUP = "/etc/passwd", "/etc/group"
ATOI = re.compile(r"\s*([+-]?)([0-9]{0,20})")


ALL_CAPABILITIES = (1 << 64) - 1


@dataclass(frozen=True, slots=True)
class Credentials:
    """Who a process acts as (credentials(7))."""

    user: str
    """For people: "www-data", or "#1000" where passwd has no name."""

    uid: int
    gid: int
    groups: frozenset[int] = frozenset()
    """Supplementary groups; the own group may be among them."""

    capabilities: int = 0
    """Effective ones, one bit each, CAP_CHOWN the lowest; uid 0 alone implies none."""

    def has_group(self, gid: int) -> bool:
        """in_group_p of the kernel."""
        return gid == self.gid or gid in self.groups


EVERYONE = Credentials("everyone", 0xFFFFFFFE, 0xFFFFFFFE)
"""Somebody who owns nothing and belongs to no group: what it may do, every user may."""


class Users:
    """passwd and group of one root, each read when first asked for.

    Missing with `not_found` is an unknown name; without it, the file itself could not be read.
    A user of another directory (LDAP, SSSD) is an unknown name too.
    """

    def __init__(self, files: Files) -> None:
        self._files = files

    def account(self, name: str) -> Account | Missing:
        """getpwnam(3)."""
        if isinstance(self._accounts, Missing):
            return self._accounts
        found = self._by_name.get(name)
        return found or Missing(f"{PASSWD} has no user {name}", not_found=True)

    def account_of_uid(self, uid: int) -> Account | Missing:
        """getpwuid(3)."""
        if isinstance(self._accounts, Missing):
            return self._accounts
        return self._by_uid.get(uid) or Missing(f"{PASSWD} has no uid {uid}", not_found=True)

    def uid(self, text: str) -> int | Missing:
        """ap_uname2id: "shop", or "#1000" whether or not such a user exists."""
        if text == "root":
            return 0
        if text.startswith("#"):
            return atoi(text[1:])
        account = self.account(text)
        return account if isinstance(account, Missing) else account.uid

    def gid(self, text: str) -> int | Missing:
        """ap_gname2id: "shop" or "#1000"."""
        if text.startswith("#"):
            return atoi(text[1:])
        group = self.group(text)
        return group if isinstance(group, Missing) else group.gid

    def group(self, name: str) -> UserGroup | Missing:
        """getgrnam(3)."""
        if isinstance(self._groups, Missing):
            return self._groups
        found = self._groups_by_name.get(name)
        return found or Missing(f"{GROUP} has no group {name}", not_found=True)

    def supplementary(self, name: str, gid: int) -> frozenset[int] | Missing:
        """initgroups(3): every group that lists the user, and `gid`."""
        if isinstance(self._groups, Missing):
            return self._groups
        return self._memberships_of.get(name, frozenset()) | {gid}

    def login(self, name: str) -> Credentials | Missing:
        """A user with all its groups, as User= of a unit starts processes."""
        uid = self.uid(name)
        account = uid if isinstance(uid, Missing) else self.account_of_uid(uid)
        if isinstance(account, Missing):
            return account
        groups = self.supplementary(account.name, account.gid)
        if isinstance(groups, Missing):
            return groups
        return credentials(account.name, account.uid, account.gid, groups)

    def user_name(self, uid: int) -> str:
        """For people: the name, or "#1000"."""
        account = self.account_of_uid(uid)
        return f"#{uid}" if isinstance(account, Missing) else account.name

    def group_name(self, gid: int) -> str:
        """For people: the name, or "#1000"."""
        if isinstance(self._groups, Missing):
            return f"#{gid}"
        return self._groups_by_gid.get(gid, f"#{gid}")

    @cached_property
    def _accounts(self) -> Accounts | Missing:
        return self._files.read(PASSWD, Accounts)

    @cached_property
    def _groups(self) -> UserGroups | Missing:
        return self._files.read(GROUP, UserGroups)

    # of equal names or numbers the first one counts, so each table is filled from the end
    @cached_property
    def _by_name(self) -> dict[str, Account]:
        return {one.name: one for one in reversed(known(self._accounts))}

    @cached_property
    def _by_uid(self) -> dict[int, Account]:
        return {one.uid: one for one in reversed(known(self._accounts))}

    @cached_property
    def _groups_by_name(self) -> dict[str, UserGroup]:
        return {one.name: one for one in reversed(listed(self._groups))}

    @cached_property
    def _groups_by_gid(self) -> dict[int, str]:
        return {one.gid: one.name for one in reversed(listed(self._groups))}

    @cached_property
    def _memberships_of(self) -> dict[str, frozenset[int]]:
        found: dict[str, set[int]] = {}
        for group in listed(self._groups):
            for member in group.members:
                found.setdefault(member, set()).add(group.gid)
        return {name: frozenset(gids) for name, gids in found.items()}


def credentials(user: str, uid: int, gid: int, groups: frozenset[int]) -> Credentials:
    """After setgid, setgroups and setuid by root: setuid to root keeps every capability."""
    return Credentials(user, uid, gid, groups, 0 if uid else ALL_CAPABILITIES)


def known(accounts: Accounts | Missing) -> tuple[Account, ...]:
    """The users of a passwd that could be read."""
    return () if isinstance(accounts, Missing) else accounts.all


def listed(groups: UserGroups | Missing) -> tuple[UserGroup, ...]:
    """The groups of a group file that could be read."""
    return () if isinstance(groups, Missing) else groups.all


def atoi(text: str) -> int:
    """Leading digits as an id; "-1" is the largest one, as uid_t is unsigned."""
    match = ATOI.match(text)
    number = int(match[2] or "0") if match else 0
    return (-number if match and match[1] == "-" else number) & 0xFFFFFFFF
