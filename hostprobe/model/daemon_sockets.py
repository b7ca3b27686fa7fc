"""Where mod_wsgi's daemons listen (wsgi_start_daemons and wsgi_setup_socket of mod_wsgi.c).

The socket is PREFIX.PID.GENERATION.NUMBER.sock with mode 0700. Its owner is httpd's user, or
socket-user=; the children connect, so they search its directory and own it.
"""

import posixpath
from collections.abc import Iterator
from dataclasses import dataclass

from hostprobe.facts.files import Files
from hostprobe.facts.httpd import Where
from hostprobe.facts.mod_wsgi import ModWsgiBuild
from hostprobe.model.access import SEARCH, WRITE, Denial
from hostprobe.model.httpd.servers import server_root
from hostprobe.model.instance import Instance, ProcessGroup
from hostprobe.model.permissions import InstancePermissions, Permissions
from hostprobe.model.users import EVERYONE, Credentials, Users

LONGEST = 107
"""sizeof(sun_path) less its end."""

SHORTEST_PID, LONGEST_PID = 1, 7
"""Digits; pid_max is at most 4194304."""


@dataclass(frozen=True, slots=True)
class SocketPrefix:
    """Where the sockets of one httpd are."""

    path: str
    where: Where | None
    """The directive; None for what is compiled in."""

    @property
    def directory(self) -> str:
        """In which directory."""
        return posixpath.dirname(self.path)

    def length(self, groups: int, pid_digits: int) -> int:
        """Bytes of the longest path with such a process number."""
        rest = f".{'9' * pid_digits}.0.{groups}.sock"
        return len(f"{self.path}{rest}".encode("utf-8", "surrogateescape"))


def socket_prefix(files: Files, instance: Instance) -> SocketPrefix | None:
    """The last WSGISocketPrefix, else what mod_wsgi has compiled in; None: it is not known."""
    root = server_root(instance.configuration)
    for directive in reversed(instance.configuration.directives):
        if directive.key == "wsgisocketprefix" and directive.args:
            return SocketPrefix(posixpath.join(root, directive.args[0]), directive.where)
    build = files.read(instance.mod_wsgi, ModWsgiBuild) if instance.mod_wsgi else None
    if not isinstance(build, ModWsgiBuild) or build.socket_prefix is None:
        return None
    return SocketPrefix(posixpath.join(root, build.socket_prefix), None)


def closed_directory(
    permissions: Permissions, one: InstancePermissions, prefix: SocketPrefix
) -> Denial | None:
    """What stops the children on the way to the sockets; a directory may be made at the start."""
    child = one.who.child
    if not isinstance(child, Credentials):
        return None
    found = permissions.access.denied(child, prefix.directory, SEARCH)
    return found if isinstance(found, Denial) else None


def is_public(permissions: Permissions, prefix: SocketPrefix) -> bool:
    """Everyone may make files there: /tmp."""
    return permissions.access.denied(EVERYONE, prefix.directory, WRITE | SEARCH) is None


def foreign_sockets(users: Users, one: InstancePermissions) -> Iterator[ProcessGroup]:
    """Process groups whose socket-user= is somebody else than the children."""
    child = one.who.child
    if not isinstance(child, Credentials) or child.uid == 0:
        return
    for group in one.instance.process_groups:
        if "socket-user" in group.options:
            owner = users.uid(group.options["socket-user"])
            if isinstance(owner, int) and owner != child.uid:
                yield group
