"""Shared objects that httpd would map from a mount without permission to execute (mount(8))."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from hostprobe.facts.files import Missing
from hostprobe.facts.mount import Mount
from hostprobe.model.linkage import Linkage, Reach
from hostprobe.model.mounts import Mounts, mounts_seen
from hostprobe.model.running.instances import real
from hostprobe.model.sandboxed import sandbox_of


@dataclass(slots=True)
class Unmappable:
    """A noexec mount with what httpd or its applications load from it."""

    mount: Mount
    source: str
    """The file that says how it is mounted."""

    modules: list[str] = field(default_factory=list)
    """Paths of httpd's own objects."""

    extensions: list[str] = field(default_factory=list)
    """Paths of extensions and of what their imports bring."""

    applications: list[str] = field(default_factory=list)
    """Those that import them."""


def unmappable(linkage: Linkage, *, is_live: bool) -> Iterator[Unmappable]:
    """One for each such mount; NoExecPaths= of the unit is another fault."""
    mounts = mounts_seen(linkage.files, linkage.instance, is_live=is_live)
    if isinstance(mounts, Missing) or not mounts.any_noexec:
        return
    sandbox = sandbox_of(linkage.files, linkage.instance, is_live=is_live)
    found: dict[int, Unmappable] = {}
    for path, reach in wanted(linkage).items():
        one = entry(found, mounts, path)
        if one is not None and not (sandbox and sandbox.forbids_executing(path)):
            (one.extensions if reach else one.modules).append(path)
            names = reach.importing if reach else ()
            one.applications += [name for name in names if name not in one.applications]
    yield from (one for one in found.values() if one.modules or one.extensions)


def entry(found: dict[int, Unmappable], mounts: Mounts, path: str) -> Unmappable | None:
    """The entry of the noexec mount on which a path lies; None for any other mount."""
    mount = mounts.of(path)
    if mount is None or "noexec" not in mount.options:
        return None
    return found.setdefault(mount.number, Unmappable(mount, mounts.source))


def wanted(linkage: Linkage) -> dict[str, Reach | None]:
    """Path of every object that is loaded -> who imports it; None for httpd's own."""
    found: dict[str, Reach | None] = {}
    for brought in linkage.brought:
        if brought.is_of_httpd:
            found[brought.object.real] = None
        elif brought.reach.is_imported:
            found.setdefault(brought.object.real, brought.reach)
    for load in linkage.loads:
        reach = linkage.reach([load.extension])
        if reach.is_imported:
            found.setdefault(real(linkage.files, load.extension.path), reach)
    return found
