"""Who else may change the code that httpd runs.

Code is changed by writing to its file, by replacing the file or a directory on the way to it, and
by adding a file where Python imports from. The sticky bit keeps others from replacing, not from
adding.
"""

import posixpath
from collections.abc import Iterator
from dataclasses import dataclass, field
from shlex import quote

from hostprobe.facts.files import Files, Missing, Stat, is_directory
from hostprobe.model.access import SEARCH, WRITE, Rule
from hostprobe.model.identity import is_started_by_root
from hostprobe.model.instance import Application, Instance, PythonEnvironment
from hostprobe.model.permissions import InstancePermissions, Permissions
from hostprobe.model.python.own_module import Reached
from hostprobe.model.unreachable import import_places, python_paths
from hostprobe.model.users import EVERYONE, Credentials

Target = tuple[str, bool]
"""A path, and whether files that are added there are imported."""


@dataclass(slots=True)
class Opening:
    """One file or directory that somebody may change."""

    path: str
    who: Credentials
    code: dict[str, None] = field(default_factory=dict)
    """What can be changed through it."""

    affected: dict[str, None] = field(default_factory=dict)


def find_openings(permissions: Permissions, one: InstancePermissions) -> tuple[Opening, ...]:
    """For everyone, and for httpd's own user; what everyone may is told once."""
    found: dict[tuple[str, Credentials], Opening] = {}
    search = Search(permissions, [EVERYONE, *apache_user(one)])
    for name, targets in targets_of(permissions.files, one.instance):
        for target in targets:
            opened = search.opening(target)
            if opened is not None:
                opening = found.setdefault(opened, Opening(*opened))
                opening.code.setdefault(target[0])
                opening.affected.setdefault(name)
    return tuple(found.values())


def apache_user(one: InstancePermissions) -> Iterator[Credentials]:
    """The children's user; an httpd that its own user starts is that user's in every way."""
    child = one.who.child
    if is_started_by_root(one.instance) and isinstance(child, Credentials) and child.uid != 0:
        yield child


class Search:
    """Who of some may change a target, each asked once."""

    def __init__(self, permissions: Permissions, some: list[Credentials]) -> None:
        self._access = permissions.access
        self._files = permissions.files
        self._some = some
        self._known: dict[Target, tuple[str, Credentials] | None] = {}
        self._replaced: dict[tuple[int, str], bool] = {}

    def opening(self, target: Target) -> tuple[str, Credentials] | None:
        """The first component that the first of them may change."""
        if target not in self._known:
            found = ((self._component(who, *target), who) for who in self._some)
            self._known[target] = next(((path, who) for path, who in found if path), None)
        return self._known[target]

    def _component(self, who: Credentials, path: str, takes_files: bool) -> str | None:  # noqa: FBT001
        way = self._access.way(path)
        if isinstance(way.place, Missing):
            return None
        for entry in way.entries:
            if self._may_replace(who, entry):
                return posixpath.dirname(entry)
        if self._is_fixed(who, way.place):
            return None
        wants = WRITE | SEARCH if takes_files else WRITE
        return way.place if self._access.denied(who, way.place, wants) is None else None

    def _may_replace(self, who: Credentials, entry: str) -> bool:
        key = (who.uid, entry)
        if key not in self._replaced:
            fixed = self._is_fixed(who, posixpath.dirname(entry))
            self._replaced[key] = not fixed and (
                self._access.replacement_denied(who, entry) is None
            )
        return self._replaced[key]

    def _is_fixed(self, who: Credentials, place: str) -> bool:
        """Its owner alone may write: no ACL grants more than the bits of the group."""
        stat = self._files.stat(place)
        return isinstance(stat, Stat) and stat.uid != who.uid and not stat.mode & 0o022


def targets_of(files: Files, instance: Instance) -> Iterator[tuple[str, Iterator[Target]]]:
    """What each application consists of, and what the whole httpd does."""
    yield instance.name, configured(instance)
    paths = python_paths(instance)
    for script in instance.scripts:
        yield script.name, iter([(script.script, False)])
    for application in instance.applications:
        entries = paths.get(application.process_group or "", ())
        yield application.name, code_of(files, application, entries)


def configured(instance: Instance) -> Iterator[Target]:
    """Configuration files and the modules that they load."""
    yield from ((path, False) for path in instance.configuration.files)
    loads = (load.path for load in instance.configuration.loads)
    yield from ((path, False) for path in loads if path.startswith("/"))


def code_of(
    files: Files, application: Application, python_path: tuple[str, ...]
) -> Iterator[Target]:
    """Script, own modules, import path, and the extensions that it reaches."""
    yield application.script, False
    environment = application.environment
    if isinstance(environment, PythonEnvironment):
        for place in import_places(environment, python_path):
            yield place, is_directory(files, place)
    for module in application.own:
        if module.reached not in {Reached.SCRIPT, Reached.BESIDE}:
            yield posixpath.dirname(module.path), True
            yield module.path, False
    for extension in application.reachable:
        yield posixpath.dirname(extension.path), True
        yield extension.path, False


def closing(permissions: Permissions, opening: Opening) -> str:
    """The command that takes the right away, for what lies below a directory too."""
    below = is_directory(permissions.files, opening.path)
    wants = WRITE | SEARCH if below else WRITE
    all_of, path = " -R" if below else "", quote(opening.path)
    rule, user = permissions.access.rule(opening.who, opening.path, wants), opening.who.user
    if rule is Rule.OWNER:
        group = permissions.users.group_name(opening.who.gid).lstrip("#")
        owner = f"chown{all_of} --from={quote(user.lstrip('#'))} root:{quote(group)} {path}"
        return f"{owner} && chmod{all_of} g+rX,g-w {path}"
    if rule in {Rule.ACL_USER, Rule.ACL_GROUP}:
        return f"setfacl{all_of} -m u:{quote(user.lstrip('#'))}:rX {path}"
    return f"chmod{all_of} {'g' if rule is Rule.GROUP else 'o'}-w {path}"
