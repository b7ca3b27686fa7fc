"""The one command that lets somebody pass a component that stops it, and the denial in words."""

from dataclasses import dataclass
from shlex import quote
from stat import S_ISDIR, filemode

from hostprobe.facts.access import AclTag
from hostprobe.facts.files import Files, is_regular
from hostprobe.model.access import READ, SEARCH, WRITE, Denial, Rule
from hostprobe.model.users import Users

SETFACL = ("/usr/bin/setfacl", "/bin/setfacl")
VERBS = {READ: "read", WRITE: "write to", SEARCH: "search", READ | SEARCH: "list and search"}
WRITES = {WRITE | SEARCH: "write to", READ | WRITE: "read and write"}
CLASSES = {Rule.OWNER: "u", Rule.GROUP: "g", Rule.OTHER: "o"}


@dataclass(frozen=True, slots=True)
class Cures:
    """Commands for one root."""

    users: Users
    has_setfacl: bool
    """setfacl(1) is installed there."""

    def of(self, denial: Denial) -> str:
        """Least first: search for all is harmless, reading is given to the one user."""
        path, letters = quote(denial.path), letters_of(denial.wants)
        if denial.rule is Rule.READ_ONLY:
            return f"mount -o remount,rw {path}  # and in /etc/fstab"
        if denial.rule is Rule.LINK:
            return f"chown -h {quote(self.users.user_name(denial.stat.uid).lstrip('#'))} {path}"
        if denial.rule is Rule.ACL_MASK:
            return f"setfacl -m m::{letters_of(denial.wants | mask(denial))} {path}"
        if denial.rule in {Rule.ACL_USER, Rule.ACL_GROUP}:
            return self._entry(denial)
        if denial.rule is not Rule.OTHER or denial.wants == SEARCH:
            return f"chmod {CLASSES[denial.rule]}+{letters} {path}"
        return self._for_one_of_the_others(denial)

    def _for_one_of_the_others(self, denial: Denial) -> str:
        """The group where it has the right already and nobody else needs it, else an ACL entry."""
        path, user = quote(denial.path), quote(denial.who.user.lstrip("#"))
        grants_group = not denial.wants & ~(denial.stat.mode >> 3)
        if denial.stat.gid == 0 and grants_group and denial.acl is None:
            return f"chgrp {quote(self.users.group_name(denial.who.gid).lstrip('#'))} {path}"
        grants_owner = not denial.wants & ~(denial.stat.mode >> 6)
        if denial.wants & WRITE and denial.stat.uid == 0 and grants_owner:
            return f"chown {user} {path}"
        if self.has_setfacl:
            return self._entry(denial)
        letters = letters_of(denial.wants)
        if denial.wants & WRITE:
            return f"chgrp {denial.who.gid} {path} && chmod g+{letters} {path}"
        return f"chmod o+{letters} {path}"

    def _entry(self, denial: Denial) -> str:
        """An entry for the user; what it had there stays."""
        own = [
            one.permissions
            for one in (denial.acl.entries if denial.acl else ())
            if one.tag is AclTag.USER and one.id == denial.who.uid
        ]
        letters = letters_of(denial.wants | sum(own))
        return f"setfacl -m u:{quote(denial.who.user.lstrip('#'))}:{letters} {quote(denial.path)}"


def cures(files: Files, users: Users) -> Cures:
    """Commands that this root has."""
    return Cures(users, any(is_regular(files, path) for path in SETFACL))


def mask(denial: Denial) -> int:
    """What the mask lets through now."""
    entries = denial.acl.entries if denial.acl else ()
    return next((one.permissions for one in entries if one.tag is AclTag.MASK), 0)


def letters_of(permissions: int) -> str:
    """`rx` as chmod(1) and setfacl(1) take it."""
    return "".join(
        letter for letter, bit in zip("rwx", (4, 2, 1), strict=True) if permissions & bit
    )


def described(denial: Denial, users: Users) -> str:
    """What the component is, and which of its permissions counts."""
    if denial.rule is Rule.READ_ONLY:
        return f"{denial.path} is mounted read-only"
    stat, who = denial.stat, denial.who
    if denial.rule is Rule.LINK:
        owner = users.user_name(stat.uid)
        return (
            f"{denial.path} is a symbolic link that belongs neither to {who.user} nor to {owner}, "
            f"in a sticky directory of {owner} that all may write to ({denial.rule})"
        )
    owner = f"{users.user_name(stat.uid)}:{users.group_name(stat.gid)}"
    kind = "directory" if S_ISDIR(stat.mode) else "file"
    shown = f"{denial.path} is a {kind} of {owner} with {filemode(stat.mode)}"
    return f"{shown}; for {who.user} its {denial.rule} counts"


def deed(denial: Denial) -> str:
    """The verb for what is denied."""
    if denial.rule is Rule.LINK:
        return "follow"
    if denial.wants == SEARCH and not S_ISDIR(denial.stat.mode):
        return "execute"
    return (VERBS | WRITES).get(denial.wants, f"{letters_of(denial.wants)} access to")
