"""Which directive holds for a request (httpd's manual, "How the sections are merged").

Main server, virtual host, then <Directory> by length, <DirectoryMatch>, <Files>, <Location>; in
each group the main server's sections before the virtual host's. <If> is decided per request and
.htaccess files are not read: neither is looked at.
"""

import posixpath
import re
from collections.abc import Iterable, Iterator
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


def effective(
    server: Server, key: str, path: str | None = None, location: str | None = None
) -> Directive | None:
    """The one directive `key` (lower case) that holds for the file `path` at URL `location`."""
    last = None
    for directive in applicable(server, path, location):
        if directive.key == key:
            last = directive
    return last


def applicable(
    server: Server, path: str | None = None, location: str | None = None
) -> Iterator[Directive]:
    """Every simple directive that applies, in the order httpd merges them: the last one wins."""
    target = Target(path, location)
    levels = (server.inherited, server.directives)
    for level in levels:
        yield from simple(level)
    yield from directory_sections(levels, target)
    for level in levels:
        yield from matching(level, LOCATIONS, target)


def simple(directives: Iterable[Directive]) -> Iterator[Directive]:
    """Directives of this level; <Limit> is looked through, other sections are not."""
    for directive in directives:
        if directive.children is None:
            yield directive
        elif directive.key in TRANSPARENT:
            yield from simple(directive.children)


def directory_sections(
    levels: tuple[tuple[Directive, ...], ...], target: Target
) -> Iterator[Directive]:
    """<Directory>, <DirectoryMatch>, and the <Files> of the levels and of those sections."""
    if target.path is None:
        return
    matched = [s for level in levels for s in level if section_matches(s, DIRECTORIES, target)]
    plain = [section for section in matched if not is_regex(section)]
    plain.sort(key=lambda section: directory_of(section).count("/"))
    ordered = plain + [section for section in matched if is_regex(section)]
    for section in ordered:
        yield from simple(section.children or ())
    for level in (*levels, *[section.children or () for section in ordered]):
        yield from matching(level, FILES, target)


def matching(
    level: Iterable[Directive], keys: frozenset[str], target: Target
) -> Iterator[Directive]:
    """What the sections of one group at one level say, in order."""
    for section in level:
        if section_matches(section, keys, target):
            yield from simple(section.children or ())


DIRECTORIES = frozenset({"<directory", "<directorymatch"})
FILES = frozenset({"<files", "<filesmatch"})
LOCATIONS = frozenset({"<location", "<locationmatch"})


def section_matches(section: Directive, keys: frozenset[str], target: Target) -> bool:
    """Whether `section` is one of `keys` and its pattern takes the target."""
    if section.children is None or section.key not in keys or not section.args:
        return False
    subject = target.location if keys is LOCATIONS else target.path
    if subject is None:
        return False
    if keys is FILES:
        subject = posixpath.basename(subject)
    if is_regex(section):
        return searches(section.args[-1], subject)
    if keys is FILES:
        return path_matches(section.args[0], subject)
    if keys is DIRECTORIES:
        return directory_matches(directory_of(section), subject)
    return location_matches(section.args[0], subject)


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
