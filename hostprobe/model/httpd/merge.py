"""Which directive holds for a request (httpd's manual, "How the sections are merged").

Main server, virtual host, then <Directory> by length, <DirectoryMatch>, <Files>, <Location>; in
each group the main server's sections before the virtual host's. <If> is decided per request and
.htaccess files are not read: neither is looked at.
"""

import posixpath
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from hostprobe.facts.httpd import Directive
from hostprobe.model.httpd.servers import TRANSPARENT, Server
from hostprobe.model.httpd.wildcard import is_pattern, path_matches

LONGEST_SUBJECT = 512
MOST_QUANTIFIERS = 4


@dataclass(frozen=True, slots=True)
class Target:
    """What is asked for: where the request lands."""

    path: str | None = None
    """File in the file system, e.g. a WSGI script."""

    location: str | None = None
    """URL path, e.g. a mount point."""


@dataclass(frozen=True, slots=True, eq=False)
class Level:
    """What the directives of one server or section say of one directive."""

    said: Directive | None = None
    """The last one that stands outside of sections."""

    directories: "tuple[Section, ...]" = ()
    files: "tuple[Section, ...]" = ()
    locations: "tuple[Section, ...]" = ()


@dataclass(frozen=True, slots=True, eq=False)
class Section:
    """A section that has the directive in it, with its pattern read once."""

    pattern: str
    is_regex: bool
    inside: Level


NOTHING = Level()


def effective(
    server: Server, key: str, path: str | None = None, location: str | None = None
) -> Directive | None:
    """The one directive `key` (lower case) that holds for the file `path` at URL `location`."""
    levels = (level_of(server.inherited, key), level_of(server.directives, key))
    return merged(levels, Target(path, location))


def level_of(directives: Sequence[Directive], key: str) -> Level:
    """Only what says something of `key` (lower case)."""
    said = None
    for said in simple(directives, key):  # noqa: B007  the last one wins
        pass
    kinds = (DIRECTORIES, FILES, LOCATIONS)
    found = [tuple(sections(directives, kind, key)) for kind in kinds]
    return Level(said, *found) if said or any(found) else NOTHING


def simple(directives: Iterable[Directive], key: str) -> Iterator[Directive]:
    """Those of `key` at this level; <Limit> is looked through, other sections are not."""
    for directive in directives:
        if directive.children is None:
            if directive.key == key:
                yield directive
        elif directive.key in TRANSPARENT:
            yield from simple(directive.children, key)


def sections(directives: Iterable[Directive], kind: frozenset[str], key: str) -> Iterator[Section]:
    """Sections of this kind that have the directive in them."""
    for section in directives:
        if section.children is None or section.key not in kind or not section.args:
            continue
        inside = level_of(section.children, key)
        if inside is not NOTHING:
            regex = is_regex(section)
            plain = directory_of(section) if kind is DIRECTORIES else section.args[0]
            yield Section(section.args[-1] if regex else plain, regex, inside)


def merged(levels: Sequence[Level], target: Target) -> Directive | None:
    """The last one of all that applies, the main server's level before the virtual host's."""
    last = None
    for level in in_order(levels, target):
        last = level.said or last
    return last


def in_order(levels: Sequence[Level], target: Target) -> Iterator[Level]:
    """What applies, in the order httpd merges it."""
    yield from levels
    if target.path is not None:
        directories = [*directory_sections(levels, target.path)]
        yield from directories
        name = posixpath.basename(target.path)
        for level in (*levels, *directories):
            yield from (each.inside for each in level.files if matches(each, name, path_matches))
    location = target.location
    for level in levels if location is not None else ():
        for each in level.locations:
            if matches(each, location or "", location_matches):
                yield each.inside


def directory_sections(levels: Sequence[Level], path: str) -> Iterator[Level]:
    """<Directory> by length, then <DirectoryMatch>."""
    matched = [
        each
        for level in levels
        for each in level.directories
        if matches(each, path, directory_matches)
    ]
    plain = [each for each in matched if not each.is_regex]
    plain.sort(key=lambda each: each.pattern.count("/"))
    yield from (each.inside for each in plain)
    yield from (each.inside for each in matched if each.is_regex)


def matches(section: Section, subject: str, plain: Callable[[str, str], bool]) -> bool:
    """Whether its pattern takes the subject; `plain` is the rule without regular expression."""
    rule = searches if section.is_regex else plain
    return rule(section.pattern, subject)


DIRECTORIES = frozenset({"<directory", "<directorymatch"})
FILES = frozenset({"<files", "<filesmatch"})
LOCATIONS = frozenset({"<location", "<locationmatch"})


def is_regex(section: Directive) -> bool:
    """<DirectoryMatch x> and <Directory ~ x>."""
    return section.key.endswith("match") or section.args[0] == "~"


def directory_of(section: Directive) -> str:
    """The pattern of <Directory> with one slash at its end."""
    return section.args[0].rstrip("/") + "/" if section.args else "/"


def directory_matches(pattern: str, path: str) -> bool:
    """A directory above the file, or the directory itself."""
    if not is_pattern(pattern):
        return (path + "/").startswith(pattern)
    depth = pattern.count("/")
    upper = "/".join((path + "/").split("/")[:depth])
    return path_matches(pattern.rstrip("/"), upper)


def location_matches(pattern: str, location: str) -> bool:
    """Whole path elements; without trailing slash the location itself too."""
    if is_pattern(pattern):
        return path_matches(pattern, location)
    if pattern.endswith("/"):
        return location.startswith(pattern)
    return location == pattern or location.startswith(pattern + "/")


def searches(pattern: str, subject: str) -> bool:
    """A regular expression anywhere in the subject; one that could run for long never matches."""
    if not is_quick(pattern) or len(subject) > LONGEST_SUBJECT:
        return False
    try:
        return re.search(pattern, subject) is not None
    except (re.error, RecursionError, OverflowError):
        return False


def is_quick(pattern: str) -> bool:
    """Few repetitions and no repeated group that repeats inside: no exponential search."""
    repeated_group = re.search(r"[+*}][^()]*\)[+*{]", pattern)
    return repeated_group is None and len(re.findall(r"[+*{]", pattern)) <= MOST_QUANTIFIERS
