"""What the settings of a systemd unit take away from a service (systemd.exec(5), core/namespace.c).

The deepest setting above a path decides, and where two are for one place, systemd's own order of
mount modes: inaccessible, bind, private /tmp, read-only, writable, tmpfs.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from enum import IntEnum
from functools import cached_property

from hostprobe.facts.files import Files, Missing
from hostprobe.facts.systemd import UnitFile
from hostprobe.model.httpd.environment import split
from hostprobe.model.mounts import ways
from hostprobe.model.running.instances import real

TRUE = frozenset({"1", "yes", "y", "true", "t", "on"})
FALSE = frozenset({"0", "no", "n", "false", "f", "off"})
HOMES = ("/home", "/root", "/run/user")
HOME_WORDS = TRUE | FALSE | {"read-only", "tmpfs"}
SYSTEM = ("/usr", "/boot", "/efi")
KERNEL = ("/proc", "/sys", "/dev")
STATE = {
    "RuntimeDirectory": "/run/",
    "StateDirectory": "/var/lib/",
    "CacheDirectory": "/var/cache/",
    "LogsDirectory": "/var/log/",
}
"""Directories that systemd makes for the service."""

DEVICES = (
    *("core", "fd", "full", "hugepages", "log", "mqueue", "null", "ptmx", "pts", "random", "shm"),
    *("stderr", "stdin", "stdout", "tty", "urandom", "zero"),
)
"""What PrivateDevices= leaves in /dev."""

SPECIFIERS = {"%%": "%", "%t": "/run", "%S": "/var/lib", "%C": "/var/cache", "%L": "/var/log"}

Parts = tuple[tuple[str, UnitFile], ...]
"""Path and settings of a unit and of its drop-ins, as systemd reads them."""


class Effect(IntEnum):
    """What a setting does to a place; of one place the lowest counts."""

    INACCESSIBLE = 0
    BOUND = 1
    BOUND_READ_ONLY = 2
    PRIVATE = 3
    """An empty directory that may be written to."""

    READ_ONLY = 4
    WRITABLE = 5
    NOT_EXECUTABLE = 6
    EXECUTABLE = 7
    EMPTY = 8
    EMPTY_READ_ONLY = 9
    WRITABLE_UNLESS_SAID = 10


BOUND = frozenset({Effect.BOUND, Effect.BOUND_READ_ONLY})
EMPTIED = frozenset({Effect.PRIVATE, Effect.EMPTY, Effect.EMPTY_READ_ONLY})
UNWRITABLE = frozenset({Effect.BOUND_READ_ONLY, Effect.READ_ONLY, Effect.EMPTY_READ_ONLY})
OF_CODE = frozenset({Effect.NOT_EXECUTABLE, Effect.EXECUTABLE})


@dataclass(frozen=True, slots=True)
class Said:
    """One value of a setting, and the file that says it."""

    key: str
    value: str
    file: str

    def __str__(self) -> str:
        return f"{self.key}={self.value}"


@dataclass(frozen=True, slots=True)
class Rule:
    """What one setting does to everything below a place."""

    place: str
    effect: Effect
    said: Said
    source: str = ""
    """What is bound there."""


@dataclass(frozen=True)
class Sandbox:
    """The file system and the system calls that one unit leaves to its processes."""

    unit: str
    parts: Parts
    files: Files

    @cached_property
    def rules(self) -> dict[str, tuple[Rule, ...]]:
        """By place, the one that counts first."""
        found: dict[str, list[Rule]] = {}
        for rule in rules_of(self.parts):
            found.setdefault(real(self.files, rule.place), []).append(rule)
        return {
            place: tuple(sorted(rules, key=lambda rule: rule.effect))
            for place, rules in found.items()
        }

    @cached_property
    def root(self) -> Said | None:
        """Another root directory."""
        return next(said(self.parts, "RootDirectory"), None)

    def hides(self, path: str) -> Said | None:
        """The setting through which a path is not there; an emptied directory itself is."""
        steps = self._on_the_way(path)
        barred = first(steps, frozenset({Effect.INACCESSIBLE}))
        shown = barred or first(steps, BOUND | EMPTIED)
        if shown is None:
            return self.root if self.root and self._lacks(self.root.value + path) else None
        if shown.effect in BOUND:
            source = shown.source + path[len(shown.place) :]
            return shown.said if self._lacks(source) else None
        is_the_place = path == shown.place and shown.effect in EMPTIED
        return None if is_the_place else shown.said

    def forbids_writing(self, path: str) -> Said | None:
        """The setting that makes a path read-only."""
        rule = next(iter(self._deepest(path)), None)
        return rule.said if rule and rule.effect in UNWRITABLE else None

    def forbids_executing(self, path: str) -> Said | None:
        """The setting that keeps code from being mapped."""
        rule = first(self._deepest(path), OF_CODE)
        return rule.said if rule and rule.effect is Effect.NOT_EXECUTABLE else None

    @cached_property
    def has_places_without_code(self) -> bool:
        """Some place is not executable."""
        every = (rule for rules in self.rules.values() for rule in rules)
        return any(rule.effect is Effect.NOT_EXECUTABLE for rule in every)

    @cached_property
    def forbids_new_code(self) -> Said | None:
        """The setting that keeps memory from being written and executed."""
        found = last(self.parts, "MemoryDenyWriteExecute", TRUE | FALSE)
        return found if found and found.value.lower() in TRUE else None

    def forbids_family(self, family: str) -> Said | None:
        """The setting that refuses sockets of a family: "AF_UNIX"."""
        found = tuple(said(self.parts, "RestrictAddressFamilies"))
        return found[-1] if found and family in forbidden([one.value for one in found]) else None

    def _on_the_way(self, path: str) -> list[Rule]:
        """The rule of each place above, the deepest first; the others of a place are dropped."""
        return [self.rules[place][0] for place in self._ways_up(path)]

    def _deepest(self, path: str) -> tuple[Rule, ...]:
        """The nearest place with a rule: what is above does not reach it, whatever it is about."""
        return next((self.rules[place] for place in self._ways_up(path)), ())

    def _ways_up(self, path: str) -> Iterator[str]:
        return (place for place in reversed(list(ways(path))) if place in self.rules)

    def _lacks(self, path: str) -> bool:
        stat = self.files.stat(path)
        return isinstance(stat, Missing) and stat.not_found


def first(rules: Iterable[Rule], effects: frozenset[Effect]) -> Rule | None:
    """The first that has one of these effects."""
    return next((rule for rule in rules if rule.effect in effects), None)


def said(parts: Parts, key: str) -> Iterator[Said]:
    """The values of a setting; an empty one forgets those before it."""
    found: list[Said] = []
    for path, unit in parts:
        for name, value in unit.settings:
            if name == key:
                found = [*found, Said(key, value, path)] if value else []
    yield from found


def last(parts: Parts, key: str, words: frozenset[str]) -> Said | None:
    """The value of a setting that has one of these; systemd ignores any other value."""
    lines = ((path, one) for path, unit in parts for one in unit.settings)
    found = [Said(key, value, path) for path, (name, value) in lines if name == key]
    valid = [one for one in found if one.value.lower() in words]
    return valid[-1] if valid else None


def forbidden(values: Iterable[str]) -> "Families":
    """RestrictAddressFamilies=: the first value says whether it lists what is allowed."""
    found: Families | None = None
    for value in values:
        is_refused = value.startswith("~")
        if found is None or value == "none":
            found = Families(frozenset(), is_refused=is_refused)
        words = set(value.removeprefix("~").split()) - {"none"}
        adds = is_refused is found.is_refused
        found = replace(found, named=found.named | words if adds else found.named - words)
    return found or Families(frozenset(), is_refused=True)


@dataclass(frozen=True, slots=True)
class Families:
    """Address families of which no socket can be made."""

    named: frozenset[str]
    is_refused: bool
    """Those named are refused; else all others."""

    def __contains__(self, family: str) -> bool:
        return (family in self.named) is self.is_refused


def rules_of(parts: Parts) -> Iterator[Rule]:
    """Of every setting about the file system."""
    yield from dynamic_user(parts)
    yield from private_tmp(last(parts, "PrivateTmp", TRUE | FALSE | {"disconnected"}))
    yield from private_devices(last(parts, "PrivateDevices", TRUE | FALSE))
    yield from protect_home(last(parts, "ProtectHome", HOME_WORDS))
    yield from protect_system(last(parts, "ProtectSystem", TRUE | FALSE | {"full", "strict"}))
    for key, effect in LISTS.items():
        yield from (Rule(place, effect, one) for one, place in listed(parts, key))
    for key, base in STATE.items():
        for one, name in listed(parts, key):
            yield Rule(f"{base}{name}", Effect.WRITABLE_UNLESS_SAID, one)
    for one in said(parts, "TemporaryFileSystem"):
        yield from temporary(one)
    for key, effect in BINDS.items():
        for one in said(parts, key):
            yield from (bound(word, effect, one) for word in split(one.value))


LISTS = {
    "InaccessiblePaths": Effect.INACCESSIBLE,
    "ReadOnlyPaths": Effect.READ_ONLY,
    "ReadWritePaths": Effect.WRITABLE,
    "NoExecPaths": Effect.NOT_EXECUTABLE,
    "ExecPaths": Effect.EXECUTABLE,
}
BINDS = {"BindPaths": Effect.BOUND, "BindReadOnlyPaths": Effect.BOUND_READ_ONLY}


def dynamic_user(parts: Parts) -> Iterator[Rule]:
    """DynamicUser= implies three others, which cannot be switched off (unit_patch_contexts)."""
    one = last(parts, "DynamicUser", TRUE | FALSE)
    if one is None or one.value.lower() in FALSE:
        return
    home = last(parts, "ProtectHome", HOME_WORDS)
    rules = [*private_tmp(replace(one, value="yes")), *protect_system(replace(one, value="strict"))]
    if home is None or home.value.lower() in FALSE:
        rules += protect_home(replace(one, value="read-only"))
    yield from (replace(rule, said=one) for rule in rules)


def private_tmp(value: Said | None) -> Iterator[Rule]:
    """Two directories of its own; `disconnected` came with systemd 257."""
    if value and value.value.lower() not in FALSE:
        for place in ("/tmp", "/var/tmp"):  # noqa: S108  names, nothing is opened
            yield Rule(place, Effect.PRIVATE, value)


def private_devices(value: Said | None) -> Iterator[Rule]:
    """A /dev with what every program may need."""
    if value and value.value.lower() in TRUE:
        yield Rule("/dev", Effect.PRIVATE, value)
        for name in DEVICES:
            yield Rule(f"/dev/{name}", Effect.BOUND, value, f"/dev/{name}")


def protect_home(value: Said | None) -> Iterator[Rule]:
    """Nothing, read-only, or empty."""
    effects = {"read-only": Effect.READ_ONLY, "tmpfs": Effect.EMPTY_READ_ONLY}
    effects |= dict.fromkeys(TRUE, Effect.INACCESSIBLE)
    if value and value.value.lower() in effects:
        for place in HOMES:
            yield Rule(place, effects[value.value.lower()], value)


def protect_system(value: Said | None) -> Iterator[Rule]:
    """/usr; /etc too; everything but the kernel's file systems and the homes."""
    word = value.value.lower() if value else ""
    if value and word == "strict":
        yield Rule("/", Effect.READ_ONLY, value)
        for place in (*KERNEL, *HOMES):
            yield Rule(place, Effect.WRITABLE_UNLESS_SAID, value)
    elif value and (word == "full" or word in TRUE):
        for place in (*SYSTEM, *(("/etc",) if word == "full" else ())):
            yield Rule(place, Effect.READ_ONLY, value)


def temporary(one: Said) -> Iterator[Rule]:
    """`place:options`."""
    for word in split(one.value):
        place, _, options = word.partition(":")
        is_read_only = "ro" in options.split(",")
        effect = Effect.EMPTY_READ_ONLY if is_read_only else Effect.EMPTY
        yield Rule(expanded(place), effect, one)


def listed(parts: Parts, key: str) -> Iterator[tuple[Said, str]]:
    """Every word; `-` is for paths that may be absent, `+` for those of RootDirectory."""
    for one in said(parts, key):
        for word in split(one.value):
            yield one, expanded(word.lstrip("-+"))


def bound(word: str, effect: Effect, one: Said) -> Rule:
    """`source:destination:options`."""
    source, _, rest = word.lstrip("-+").partition(":")
    place = rest.partition(":")[0] or source
    return Rule(expanded(place), effect, one, expanded(source))


def expanded(path: str) -> str:
    """Without the specifiers whose value is the same for every system service."""
    for specifier, value in SPECIFIERS.items():
        path = path.replace(specifier, value)
    return path.rstrip("/") or "/"
