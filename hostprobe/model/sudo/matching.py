"""Who and what a list of sudoers means (plugins/sudoers/match.c, match_command.c of sudo)."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from fnmatch import fnmatchcase, translate

from hostprobe.facts.sudoers import Alias, Member
from hostprobe.model.sudo.reading import Placed

MAX_DEPTH = 32
"""Aliases inside of aliases; sudo refuses a cycle."""

Fits = Callable[[str], bool]


@dataclass(frozen=True, slots=True)
class Principal:
    """Somebody who calls sudo."""

    name: str
    """"" for anybody of whom only the groups are known."""

    uid: int | None = None
    groups: frozenset[str] = frozenset()
    gids: frozenset[int] = frozenset()

    def fits(self, text: str) -> bool:
        """One word of a list of users; netgroups and groups of plugins are nobody's."""
        if text.startswith("%#"):
            return text[2:].isdecimal() and int(text[2:]) in self.gids
        if text.startswith("%"):
            return text[1:] in self.groups
        if text.startswith("#"):
            return self.uid is not None and text[1:] == str(self.uid)
        return bool(text) and text == self.name


@dataclass(frozen=True, slots=True)
class Program:
    """One way to call a program."""

    path: str
    arguments: str = ""
    """With one blank between them."""

    def fits(self, text: str) -> bool:
        """One command of a list with its arguments."""
        path, _, arguments = text.partition(" ")
        return self.has_path(path) and self.has_arguments(arguments)

    def has_path(self, pattern: str) -> bool:
        """A path, pattern, directory or regular expression."""
        if pattern.startswith("^"):
            return searches(pattern, self.path)
        if pattern.endswith("/"):
            return self.path.rpartition("/")[0] + "/" == pattern
        is_as_deep = pattern.count("/") == self.path.count("/")  # FNM_PATHNAME
        return pattern == self.path or (is_as_deep and fnmatchcase(self.path, pattern))

    def has_arguments(self, pattern: str) -> bool:
        """Without arguments any are allowed; two quotes mean none."""
        if pattern in {"", '""'}:
            return not pattern or not self.arguments
        if pattern.startswith("^"):
            return searches(pattern, self.arguments)
        return pattern == self.arguments or fnmatchcase(self.arguments, pattern)


def searches(pattern: str, text: str) -> bool:
    """A POSIX extended regular expression, as far as it means the same in Python.

    Nothing that may run for long is tried: a repetition of a group, or more than three of them.
    """
    repetitions = re.findall(r"[*+{?]", pattern)
    if len(pattern) > 1024 or len(repetitions) > 3 or re.search(r"\)[*+{?]", pattern):
        return False
    try:
        return re.search(pattern, text) is not None
    except re.error:
        return False


class Lists:
    """Lists of one policy, with its aliases."""

    def __init__(self, placed: Iterable[Placed]) -> None:
        self._aliases: dict[tuple[str, str], tuple[Member, ...]] = {}
        for one in placed:
            if isinstance(one.statement, Alias):
                key = (one.statement.kind, one.statement.name)
                self._aliases.setdefault(key, one.statement.members)

    def alias(self, kind: str, name: str) -> tuple[Member, ...] | None:
        """What an alias stands for; None: there is no such alias."""
        return self._aliases.get((kind, name))

    def match(
        self, kind: str, members: tuple[Member, ...], fits: Fits, depth: int = 0
    ) -> bool | None:
        """The last word that fits decides: True, or False where it is negated; None: none fits."""
        for member in reversed(members):
            found = self._one(kind, member, fits, depth)
            if found is not None:
                return found is not member.is_negated
        return None

    def _one(self, kind: str, member: Member, fits: Fits, depth: int) -> bool | None:
        """What one word says without its own exclamation mark."""
        if member.text == "ALL":
            return True
        known = self.alias(kind, member.text)
        if known is not None:
            return None if depth >= MAX_DEPTH else self.match(kind, known, fits, depth + 1)
        return True if fits(member.text) else None

    def words(self, kind: str, members: tuple[Member, ...], depth: int = 0) -> Iterable[str]:
        """Every word that is not negated, aliases resolved."""
        for member in members:
            known = self.alias(kind, member.text)
            if member.is_negated or depth >= MAX_DEPTH:
                continue
            if known is None:
                yield member.text
            else:
                yield from self.words(kind, known, depth + 1)


def host_fits(name: str) -> Fits:
    """A host's own name, with or without its domain; its addresses are not known."""
    names = {name.lower(), name.partition(".")[0].lower()}

    def fits(text: str) -> bool:
        pattern = re.compile(translate(text.lower()))
        return any(pattern.match(one) for one in names)

    return fits


def root_fits(text: str) -> bool:
    """Root among target users; its own group too."""
    return text in {"root", "#0", "%root", "%#0"}
