"""What the processes of each httpd may do: who they are, and the access model they are put to."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from stat import S_ISDIR

from hostprobe.facts.files import Files, Missing, Stat
from hostprobe.model.access import READ, SEARCH, Access
from hostprobe.model.cure import Cures, cures
from hostprobe.model.identity import Identities, identities, with_running
from hostprobe.model.instance import Instance, PythonTopology
from hostprobe.model.mounts import Mounts, mounts_seen
from hostprobe.model.users import Users


@dataclass(frozen=True, slots=True)
class InstancePermissions:
    """One httpd with the users of its processes."""

    instance: Instance
    who: Identities


@dataclass(frozen=True, slots=True)
class Permissions:
    """All instances with a Python inside, on one root."""

    files: Files
    users: Users
    access: Access
    cures: Cures
    all: tuple[InstancePermissions, ...]

    def unknown(self) -> Iterator[str]:
        """Why some process is not judged, a sentence each."""
        for one in self.all:
            for reason in one.who.unknown():
                yield f"{one.instance.name}: who its processes are is not known: {reason}"


def permissions(
    files: Files, users: Users, topology: PythonTopology, *, is_live: bool
) -> Permissions:
    """Nothing is looked at yet but who they are, and what is mounted read-only."""
    found = tuple(
        InstancePermissions(one, outside(files, users, one)) for one in topology.instances
    )
    mounts = planned_mounts(files, topology.instances, is_live=is_live)
    access = Access(files, mounts)
    return Permissions(files, users, access, cures(files, users), found)


def planned_mounts(
    files: Files, instances: tuple[Instance, ...], *, is_live: bool
) -> Mounts | None:
    """Those of the system; what a unit makes read-only besides is its sandbox."""
    if not instances:
        return None
    mounts = mounts_seen(files, replace(instances[0], running=None), is_live=is_live)
    return mounts if isinstance(mounts, Mounts) else None


def outside(files: Files, users: Users, instance: Instance) -> Identities:
    """Daemons with chroot= see other files under the same paths: nothing is judged for them."""
    who = with_running(files, users, identities(users, instance), instance)
    inside = {
        group.name: Missing(f"process group {group.name} has a root directory of its own")
        for group in instance.process_groups
        if group.options.get("chroot")
    }
    return replace(who, daemons={**who.daemons, **inside})


def reading(files: Files, path: str) -> int:
    """What an import needs of a path: a directory is listed and searched, a file read."""
    stat = files.stat(path)
    is_directory = isinstance(stat, Stat) and S_ISDIR(stat.mode)
    return READ | SEARCH if is_directory else READ
