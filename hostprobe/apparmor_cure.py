"""AppArmor in words: the line that a profile lacks, and how it is loaded again."""

import re

from hostprobe.facts.denial import ProfileDenial

CAPABILITY, SIGNAL, NETWORK = (
    "capable",
    "signal",
    frozenset({"create", "connect", "bind", "listen"}),
)
PROFILES = "/etc/apparmor.d"


def rule_for(group: list[ProfileDenial]) -> str:
    """What to add, for denials of one directory or thing."""
    one = group[0]
    inside = f"Inside the profile {one.profile} add: "
    name = one.name or ""
    if one.operation == CAPABILITY:
        return f"{inside}capability {name},"
    if one.operation == SIGNAL:
        return f"{inside}signal ({one.mask or 'send'}) peer={name},"
    if name.startswith("/"):
        return f"{inside}{file_rule(pattern_of([each.name or '' for each in group]), one.mask)}"
    if one.operation in NETWORK:
        return f"{inside}network {name},"
    return f"{inside}the rule that `aa-logprof` proposes for {one.operation} of {name}"


def pattern_of(names: list[str]) -> str:
    """The one path, or all in its directory."""
    known = list(dict.fromkeys(names))
    return escaped(known[0]) if len(known) == 1 else f"{escaped(known[0].rpartition('/')[0])}/*"


def file_rule(pattern: str, mask: str) -> str:
    """Path and mode, in the letters that a profile has for what the record calls c and d."""
    modes = "".join(dict.fromkeys("w" if letter in "cd" else letter for letter in mask))
    modes = modes.replace("x", "ix") or "r"
    path = f'"{pattern}"' if " " in pattern else pattern
    return f"{path} {modes},"


def escaped(path: str) -> str:
    """A path as a pattern that matches only it."""
    return re.sub(r"([*?\[\]{}^\\\"])", r"\\\1", path)


def reload_command(profile: str) -> str:
    """The file is called like the path, with dots (apparmor.d(5))."""
    name = profile.partition("//")[0].strip("/").replace("/", ".")
    return f"apparmor_parser -r {PROFILES}/{name}, then restart httpd if a process began without it"
