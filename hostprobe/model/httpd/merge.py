"""Which directive holds for a request (httpd's manual, "How the sections are merged").

Main server, virtual host, then <Directory> by length, <DirectoryMatch>, <Files>, <Location>; in
each group the main server's sections before the virtual host's. <If> is decided per request and
.htaccess files are not read: neither is looked at.
"""

import posixpath
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
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
class Group:
    """Sections of one kind at one level, with their number in the configuration."""

    plain: "Mapping[str, tuple[tuple[int, Section], ...]]"
    """Pattern without wildcard -> its sections."""

    others: "tuple[tuple[int, Section], ...]"


EMPTY = Group({}, ())


@dataclass(frozen=True, slots=True, eq=False)
class Level:
    """What the directives of one server or section say of one directive."""

    said: Directive | None = None
    """The last one that stands outside of sections."""

    directories: Group = EMPTY
    files: Group = EMPTY
    locations: Group = EMPTY


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
    groups = [group_of(tuple(sections(directives, kind, key))) for kind in kinds]
    return Level(said, *groups) if said or any(one is not EMPTY for one in groups) else NOTHING


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


def group_of(found: Sequence[Section]) -> Group:
    """Of plain sections with the same pattern only the last one that says it counts."""
    if not found:
        return EMPTY
    last = {one.pattern: one for one in found if one.inside.said and is_plain(one)}
    plain: dict[str, tuple[tuple[int, Section], ...]] = {}
    others = []
    for number, one in enumerate(found):
        if not is_plain(one):
            others.append((number, one))
        elif one.inside.files is not EMPTY or last.get(one.pattern) is one:
            plain[one.pattern] = (*plain.get(one.pattern, ()), (number, one))
    return Group(plain, tuple(others))


def is_plain(section: Section) -> bool:
    """A pattern that is compared as it is."""
    return not (section.is_regex or is_pattern(section.pattern) or "\\" in section.pattern)


def candidates(group: Group, subject: str) -> list[Section]:
    """Sections that may apply, in order: an index, so that many sections cost no more than few."""
    found = list(group.others)
    if len(group.plain) <= 2 * subject.count("/"):
        for some in group.plain.values():
            found += some
    elif group.plain:
        for prefix in prefixes(subject):
            found += group.plain.get(prefix, ())
    return [section for _, section in sorted(found, key=lambda one: one[0])]


def prefixes(subject: str) -> set[str]:
    """The subject, and what stands before each of its slashes, without and with the slash."""
    ends = [end for end, char in enumerate(subject) if char == "/"]
    return {subject, *(subject[:end] for end in ends), *(subject[: end + 1] for end in ends)}


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
            yield from matching(level.files, name, path_matches)
    if target.location is not None:
        for level in levels:
            yield from matching(level.locations, target.location, location_matches)


def matching(group: Group, subject: str, plain: Callable[[str, str], bool]) -> Iterator[Level]:
    """What the sections of a group that take the subject say."""
    for each in candidates(group, subject):
        if matches(each, subject, plain):
            yield each.inside


def directory_sections(levels: Sequence[Level], path: str) -> Iterator[Level]:
    """<Directory> by length, then <DirectoryMatch>."""
    matched = [
        each
        for level in levels
        for each in candidates(level.directories, path + "/")
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
