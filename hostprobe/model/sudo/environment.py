"""Whether the caller's HOME gets through sudo (plugins/sudoers/env.c, defaults.c of sudo)."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from hostprobe.facts.sudoers import Defaults, Setting
from hostprobe.model.sudo.matching import Fits, Lists, Principal, Program, root_fits
from hostprobe.model.sudo.reading import Placed

HOME = "HOME"
LISTS = ("env_keep", "env_check", "env_delete")
ALIASES = {"@": "Host_Alias", ":": "User_Alias", ">": "Runas_Alias", "!": "Cmnd_Alias"}


@dataclass(slots=True)
class EnvironmentPolicy:
    """The settings that decide about HOME, as they are after some Defaults lines."""

    flags: dict[str, bool] = field(default_factory=lambda: {"env_reset": True})
    lists: dict[str, list[str]] = field(default_factory=lambda: {name: [] for name in LISTS})
    keeps: Placed | None = None
    """The line that put HOME into env_keep."""

    resets: Placed | None = None
    """The line that last said env_reset or !env_reset."""

    def apply(self, placed: Placed, setting: Setting) -> None:
        """One parameter of one line."""
        if setting.name in LISTS:
            self._change(placed, setting)
        elif setting.operator in {"", "!"}:
            self.flags[setting.name] = setting.operator == ""
            if setting.name == "env_reset":
                self.resets = placed

    def _change(self, placed: Placed, setting: Setting) -> None:
        names = setting.value.split()
        before = self.lists[setting.name] if setting.operator in {"+=", "-="} else []
        if setting.operator == "-=":
            self.lists[setting.name] = [one for one in before if one not in names]
            return
        self.lists[setting.name] = [*before, *names]
        if setting.name == "env_keep" and any(matches_home(one) for one in names):
            self.keeps = placed

    @property
    def passes(self) -> Placed | None:
        """The line by which HOME gets through; None: it does not.

        A value with a slash never passes env_check; set_home is for shells (`sudo -s`) only.
        """
        found = {name: any(map(matches_home, listed)) for name, listed in self.lists.items()}
        if self.flags.get("always_set_home") or found["env_check"]:
            return None
        if self.flags["env_reset"]:
            return self.keeps if found["env_keep"] else None
        return None if found["env_delete"] else self.resets


def matches_home(pattern: str) -> bool:
    """matches_env_pattern: * is the only wildcard; of NAME=VALUE any value is taken to fit."""
    first, *rest = pattern.partition("=")[0].split("*")
    if not rest:
        return first == HOME
    place = len(first) if HOME.startswith(first) else -1
    for piece in rest[:-1]:
        found = HOME.find(piece, place) if place >= 0 else -1
        place = found + len(piece) if found >= 0 else -1
    return place >= 0 and HOME[place:].endswith(rest[-1])


def environment_policy(
    lines: Iterable[Placed], lists: Lists, host: Fits, who: Principal, program: Program
) -> EnvironmentPolicy:
    """For one caller and program on this host, as root; lines for commands count last."""
    policy = EnvironmentPolicy()
    lines = tuple(lines)
    for is_last in (False, True):
        for placed, defaults in defaults_of(lines):
            if (defaults.scope == "!") is is_last:
                fits = {"@": host, ":": who.fits, ">": root_fits, "!": program.fits}
                if applies(defaults, lists, fits):
                    for setting in defaults.settings:
                        policy.apply(placed, setting)
    return policy


def defaults_of(lines: Iterable[Placed]) -> Iterator[tuple[Placed, Defaults]]:
    """The Defaults lines."""
    for placed in lines:
        if isinstance(placed.statement, Defaults):
            yield placed, placed.statement


def applies(defaults: Defaults, lists: Lists, fits: dict[str, Fits]) -> bool:
    """Its scope includes the case."""
    if not defaults.scope:
        return True
    kind = ALIASES[defaults.scope]
    return lists.match(kind, defaults.members, fits[defaults.scope]) is True
