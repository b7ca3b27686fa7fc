"""What a sudoers file says (sudoers(5)): statements in order, nothing resolved."""

from dataclasses import dataclass
from typing import NamedTuple


class Member(NamedTuple):
    """One word of a list of users, hosts, target users or commands."""

    text: str
    """Unescaped: "alice", "%wheel", "#1000", "ALL", an alias; a command with its arguments."""

    is_negated: bool = False
    """An odd number of exclamation marks stands before it."""


class Setting(NamedTuple):
    """One parameter of a Defaults line."""

    name: str
    operator: str
    """"" (a flag that is set), "!", "=", "+=" or "-="."""

    value: str = ""


@dataclass(frozen=True, slots=True)
class Defaults:
    """One Defaults line."""

    scope: str
    """"" for all; "@" hosts, ":" users, ">" target users, "!" commands."""

    members: tuple[Member, ...]
    """To whom it applies; empty for all."""

    settings: tuple[Setting, ...]
    line: int


@dataclass(frozen=True, slots=True)
class Alias:
    """One definition of an alias line."""

    kind: str
    """"User_Alias", "Host_Alias", "Runas_Alias" or "Cmnd_Alias"."""

    name: str
    members: tuple[Member, ...]
    line: int


class CommandRule(NamedTuple):
    """One command of a rule, with what stands before it or was taken over from its left."""

    command: Member
    runas_users: tuple[Member, ...] | None
    """None: nothing is said, so root or runas_default."""

    runas_groups: tuple[Member, ...] | None
    tags: tuple[str, ...]
    """As written and in order: "NOPASSWD", "SETENV"."""


@dataclass(frozen=True, slots=True)
class Rule:
    """Who may run what on which hosts; several host lists of one line are several rules."""

    users: tuple[Member, ...]
    hosts: tuple[Member, ...]
    commands: tuple[CommandRule, ...]
    line: int


@dataclass(frozen=True, slots=True)
class SudoersInclude:
    """@include, #include, @includedir or #includedir."""

    path: str
    """%h not replaced yet."""

    is_directory: bool
    line: int


Statement = Defaults | Alias | Rule | SudoersInclude


@dataclass(frozen=True, slots=True)
class Sudoers:
    """One file."""

    statements: tuple[Statement, ...]
    unread: tuple[tuple[int, str], ...] = ()
    """(line, why) of statements that are not understood: sudo leaves them out or refuses all."""
