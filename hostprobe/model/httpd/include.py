"""Which files an Include means (ap_dir_nofnmatch and ap_dir_fnmatch, server/util.c)."""

import posixpath
from dataclasses import dataclass, field
from stat import S_ISDIR

from hostprobe.facts.files import Files, Missing, Stat
from hostprobe.model.httpd.wildcard import is_pattern, matches

DEEPEST_DIRECTORY = 128
"""AP_MAX_FNMATCH_DIR_DEPTH."""

MOST_FILES = 200_000
MOST_DIRECTORIES = 5_000
"""hostprobe's own limits of what one Include may bring."""


@dataclass(slots=True)
class Included:
    """The files of one Include in httpd's order, and why it would fail."""

    paths: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    """The first one ends it."""

    unread: list[str] = field(default_factory=list)
    """Directories that only hostprobe may be unable to list."""

    directories: int = 0
    """How many were listed."""


@dataclass(frozen=True, slots=True)
class Step:
    """A path, and the elements that are still to be matched below it."""

    path: str
    rest: tuple[str, ...]
    above: tuple[str, ...] = ()
    """The directories that were taken whole on the way here, links resolved."""


def absolute(root: str, path: str) -> str:
    """ap_server_root_relative: joined with the ServerRoot, `.`, `..` and `//` resolved."""
    return "/" + posixpath.normpath(posixpath.join(root, path)).lstrip("/")


def find_included(files: Files, path: str, *, is_optional: bool) -> Included:
    """Files that `Include path` reads; directories whole, wildcards in any element."""
    included = Included()
    rest = tuple(path.strip("/").split("/"))
    steps = [Step("/", rest) if is_pattern(path) else Step(path, ())]
    while steps and len(included.errors) == 0:
        step = steps.pop()
        below = walk(files, step, included, is_optional=is_optional)
        steps.extend(reversed(below))
        too_many = len(steps) + len(included.paths) > MOST_FILES
        if too_many or included.directories > MOST_DIRECTORIES:
            included.errors.append(
                f"{path}: more than {MOST_FILES} files or {MOST_DIRECTORIES} directories, "
                "the rest is not read"
            )
    return included


def walk(files: Files, step: Step, included: Included, *, is_optional: bool) -> list[Step]:
    """One step: further steps in order, or a file or an error for `included`."""
    if step.rest:
        return match(files, step, included, is_optional=is_optional)
    stat = files.stat(step.path)
    if isinstance(stat, Stat) and S_ISDIR(stat.mode):
        return entries(files, step, stat.real, included)
    if not (is_optional and isinstance(stat, Missing) and stat.not_found):
        included.paths.append(step.path)
    return []


def entries(files: Files, step: Step, real: str, included: Included) -> list[Step]:
    """Every name of a directory: hidden ones, backups and subdirectories too.

    A directory in itself, by a link, is what httpd gives up on after so many rounds.
    """
    included.directories += 1
    if len(step.above) >= DEEPEST_DIRECTORY or real in step.above:
        included.errors.append(
            f"Directory '{step.path}' exceeds the maximum include directory nesting level of "
            f"{DEEPEST_DIRECTORY}; probably a recursion"
        )
        return []
    names = files.list(step.path)
    if isinstance(names, Missing):
        unlisted(included, names)
        return []
    above = (*step.above, real)
    return [Step(posixpath.join(step.path, name), (), above) for name in names]


def unlisted(included: Included, names: Missing) -> None:
    """An error of httpd only where no directory is; what forbids it to us need not forbid httpd."""
    reasons = included.errors if names.not_found else included.unread
    reasons.append(f"Could not open directory {names.reason}")


def match(files: Files, step: Step, included: Included, *, is_optional: bool) -> list[Step]:
    """The next path element: as it is, or every name that its pattern matches."""
    pattern, rest = step.rest[0], step.rest[1:]
    if not is_pattern(pattern):
        return [Step(posixpath.join(step.path, pattern), rest)]
    included.directories += 1
    names = files.list(step.path)
    if isinstance(names, Missing):
        if not (is_optional and names.not_found):
            unlisted(included, names)
        return []
    found = [
        Step(posixpath.join(step.path, name), rest)
        for name in matches(pattern, names)
        if not rest or is_own_directory(files, step.path, name)
    ]
    if not found and not is_optional:
        included.errors.append(f"No matches for the wildcard '{pattern}' in '{step.path}', failing")
    return found


def is_own_directory(files: Files, parent: str, name: str) -> bool:
    """A directory, not a symbolic link to one: httpd asks the directory entry's own type."""
    stat, above = files.stat(posixpath.join(parent, name)), files.stat(parent)
    if isinstance(stat, Missing) or isinstance(above, Missing):
        return False
    return S_ISDIR(stat.mode) and stat.real == posixpath.join(above.real, name)
