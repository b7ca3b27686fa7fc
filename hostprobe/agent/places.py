"""Which directories matter to the next scan, from the last report."""

from collections.abc import Iterator, Mapping
from posixpath import dirname, join
from stat import S_ISDIR
from typing import Any

from hostprobe.agent.inotify import Place
from hostprobe.collect.root import Root
from hostprobe.facts.files import Missing

EVERY_NAME: tuple[str, ...] = ()
MODULES = ("*.so*",)
PACKAGES = ("*.py", "*.so", "*.pth", "*.zip", "*.egg*", "*.dist-info")
"""What installing and removing changes in a directory of sys.path, without data beside it."""

RPM = ("rpmdb.sqlite", "Packages", "Packages.db")
SYSTEM = (
    ("/etc", ("ld.so.cache", "ld.so.preload", "passwd", "group")),
    ("/var/lib/dpkg", ("status",)),
    ("/var/lib/rpm", RPM),
    ("/usr/lib/sysimage/rpm", RPM),
)
"""The files themselves: their neighbours are locks and backups."""

Document = Mapping[str, Any]


def places_of(document: Document, root: Root) -> list[Place]:
    """Directories as the agent sees them, each with what matters there; no two are equal."""
    found = [
        place
        for instance in document["instances"]
        for place in (*configured(instance, root), *installed(instance))
    ]
    found += [place for place in SYSTEM if not isinstance(root.stat(place[0]), Missing)]
    inside = ((path, patterns) for path, patterns in found if path.startswith("/"))
    return [*dict.fromkeys((outside(path, root), patterns) for path, patterns in inside)]


def configured(instance: Document, root: Root) -> Iterator[Place]:
    """Where the configuration stands, behind its links too, and where an Include may look."""
    httpd = instance["httpd"]
    for path in (httpd["config_file"], *instance["configuration"]["files"]):
        yield dirname(path), EVERY_NAME
        real = root.resolve(path)
        if not isinstance(real, Missing):
            yield dirname(real), EVERY_NAME
    if httpd["server_root"]:
        for path in (httpd["server_root"], *folders(httpd["server_root"], root)):
            yield path, EVERY_NAME


def folders(directory: str, root: Root) -> Iterator[str]:
    """Directories in a directory, without links: /etc/httpd/logs is one."""
    names = root.names(directory)
    for name in () if isinstance(names, Missing) else names:
        path = join(directory, name)
        stat = root.stat(path)
        if not isinstance(stat, Missing) and S_ISDIR(stat.mode) and root.resolve(path) == path:
            yield path


def installed(instance: Document) -> Iterator[Place]:
    """Where modules of httpd and of Python are."""
    for load in instance["configuration"]["loads"]:
        yield dirname(load["path"]), MODULES
    for environment in instance["environments"]:
        if environment["home"]:
            yield environment["home"], ("pyvenv.cfg",)
        for path in environment["search_path"]:
            yield path, PACKAGES


def outside(path: str, root: Root) -> str:
    """The path without links and with the root before it; what does not exist keeps its name."""
    real = root.resolve(path)
    return join(root.directory, (path if isinstance(real, Missing) else real).lstrip("/")) or "/"
