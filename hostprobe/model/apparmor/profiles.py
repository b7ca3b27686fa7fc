"""The profiles of a host with everything that they include, and the one that confines an httpd."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from hostprobe.facts.apparmor import FileRule, Included, LoadedProfiles, Profile, ProfileText
from hostprobe.facts.files import Files, Missing, is_directory, is_regular
from hostprobe.facts.selinux import ProcessLabel
from hostprobe.model.apparmor.pattern import expanded, expression
from hostprobe.model.apparmor.state import PROFILES, loaded_profiles
from hostprobe.model.instance import Instance

MAX_INCLUDES = 2_000
PASSED_OVER = re.compile(r"\..*|README.*|.*~|.*\.(dpkg|rpm)\w*(-\w+)?|.*\.(orig|rej|bak)")
"""Names that apparmor_parser leaves out (is_blacklisted)."""

Variables = Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Rule:
    """A file rule that can be asked."""

    matches: re.Pattern[str]
    modes: str
    is_deny: bool


@dataclass(frozen=True)
class Confinement:
    """The profile of one httpd."""

    name: str
    file: str
    """Where it is written."""

    mode: str
    """enforce, complain, kill, unconfined; what the kernel says, else the file."""

    rules: tuple[Rule, ...]
    allows_all: bool
    has_hats: bool

    @property
    def is_enforced(self) -> bool:
        """It refuses."""
        return self.mode in {"enforce", "kill"}

    def allows(self, path: str, mode: str) -> bool:
        """Some rule grants the mode, none denies it."""
        found = [one for one in self.rules if one.matches.fullmatch(path) and mode in one.modes]
        if any(one.is_deny for one in found):
            return False
        return self.allows_all or bool(found)


class Profiles:
    """What lies in /etc/apparmor.d."""

    def __init__(self, files: Files, *, is_live: bool) -> None:
        self._files = files
        self._is_live = is_live

    def confinement(self, instance: Instance) -> Confinement | Missing | None:
        """None: no profile confines this httpd; Missing where its profile cannot be read whole."""
        label = self.label(instance)
        if label is not None and label.mode == "unconfined":
            return None
        binary = instance.configuration.start.binary
        named = label.name if label else None
        for path, text in self.texts.items():
            if isinstance(text, Missing):
                continue
            variables = self.variables(text)
            for profile in text.profiles:
                if confines(profile, variables, binary, named):
                    return self.whole(path, profile, variables, label)
        return self.unknown(named)

    def label(self, instance: Instance) -> ProcessLabel | None:
        """What /proc tells of a running httpd."""
        if instance.running is None:
            return None
        pid = instance.running.parent.pid
        label = self._files.read(f"/proc/{pid}/attr/current", ProcessLabel)
        return label if isinstance(label, ProcessLabel) and label.mode else None

    def unknown(self, named: str | None) -> Missing | None:
        """No file has it; where one could not be read, that is no answer."""
        if named:
            return Missing(f"{PROFILES}: no file has the profile {named}, which confines httpd")
        unread = (one for one in self.texts.values() if isinstance(one, Missing))
        return next(unread, None)

    @cached_property
    def texts(self) -> dict[str, ProfileText | Missing]:
        """Each file that apparmor_parser would load, by path."""
        names = self._files.list(PROFILES)
        paths = () if isinstance(names, Missing) else (f"{PROFILES}/{name}" for name in names)
        return {
            path: self._files.read(path, ProfileText)
            for path in paths
            if is_regular(self._files, path) and self.is_used(path.rpartition("/")[2])
        }

    def is_used(self, name: str) -> bool:
        """Not passed over by its name, and not linked in `disable`."""
        disabled = self._files.stat(f"{PROFILES}/disable/{name}")
        return not PASSED_OVER.fullmatch(name) and isinstance(disabled, Missing)

    def whole(
        self, path: str, profile: Profile, variables: Variables, label: ProcessLabel | None
    ) -> Confinement | Missing:
        """The profile with the rules of what it includes."""
        rules: list[Rule] = []
        allows_all = profile.allows_all
        for included in self.closure(profile.rules):
            if isinstance(included, Missing):
                return included
            allows_all |= included.allows_all
            rules += compiled(included.rules, variables)
        return Confinement(
            name=profile.name,
            file=path,
            mode=label.mode if label else self.mode(path, profile),
            rules=(*compiled(profile.rules, variables), *rules),
            allows_all=allows_all,
            has_hats=bool(profile.inner),
        )

    def mode(self, path: str, profile: Profile) -> str:
        """As the kernel lists it, else as the file's flags and its link in force-complain say."""
        loaded = loaded_profiles(self._files) if self._is_live else None
        if isinstance(loaded, LoadedProfiles):
            return loaded.modes.get(profile.name, "unconfined")
        forced = self._files.stat(f"{PROFILES}/force-complain/{path.rpartition('/')[2]}")
        if not isinstance(forced, Missing) or "complain" in profile.flags:
            return "complain"
        return next((flag for flag in profile.flags if flag in {"unconfined", "kill"}), "enforce")

    def variables(self, text: ProfileText) -> Variables:
        """Of a file and of what its preamble includes."""
        found: dict[str, tuple[str, ...]] = {}
        texts = [one for one in self.closure(text.rules) if isinstance(one, ProfileText)]
        for one in (*texts, text):
            for name, values, is_added in one.variables:
                found[name] = (*found.get(name, ()), *values) if is_added else values
        return found

    def closure(self, rules: tuple[FileRule | Included, ...]) -> Iterator[ProfileText | Missing]:
        """Everything that is included, the inner before the outer; what is absent is left out."""
        seen: set[str] = set()
        yield from self._included(rules, seen)

    def _included(
        self, rules: tuple[FileRule | Included, ...], seen: set[str]
    ) -> Iterator[ProfileText | Missing]:
        for rule in rules:
            for path in self.places(rule) if isinstance(rule, Included) else ():
                if path in seen or len(seen) > MAX_INCLUDES:
                    continue
                seen.add(path)
                text = self._files.read(path, ProfileText)
                if isinstance(text, ProfileText):
                    yield from self._included(text.rules, seen)
                if isinstance(text, ProfileText) or not text.not_found:
                    yield text

    def places(self, included: Included) -> Iterator[str]:
        """The file, or the files of a directory."""
        path = included.path if included.path.startswith("/") else f"{PROFILES}/{included.path}"
        if not is_directory(self._files, path):
            yield path
            return
        names = self._files.list(path)
        for name in () if isinstance(names, Missing) else names:
            if not PASSED_OVER.fullmatch(name):
                yield f"{path}/{name}"


def confines(profile: Profile, variables: Variables, binary: str, named: str | None) -> bool:
    """By the name that /proc tells, else by what it attaches to."""
    if named is not None:
        return profile.name == named.partition("//")[0]
    pattern = expression(expanded(profile.attachment or "", variables))
    return bool(profile.attachment and pattern and pattern.fullmatch(binary))


def compiled(rules: tuple[FileRule | Included, ...], variables: Variables) -> Iterator[Rule]:
    """Rules that can be asked; a pattern that is none matches nothing."""
    for rule in rules:
        if isinstance(rule, FileRule):
            pattern = expression(expanded(rule.pattern, variables))
            if pattern is not None:
                yield Rule(pattern, rule.modes, rule.is_deny)
