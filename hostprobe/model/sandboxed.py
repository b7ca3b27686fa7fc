"""What the unit of an httpd takes away from its applications, of all that they use."""

import posixpath
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from stat import S_ISSOCK
from typing import NamedTuple

from hostprobe.facts.files import Files, Missing
from hostprobe.facts.memory import CgroupMembership
from hostprobe.model.httpd.environment import unit_parts
from hostprobe.model.instance import Application, Instance, PythonEnvironment
from hostprobe.model.linkage import Linkage
from hostprobe.model.python.data import DataPath, data_paths
from hostprobe.model.python.doing import Applications
from hostprobe.model.python.own_module import Reached
from hostprobe.model.running.instances import real
from hostprobe.model.sandbox import Said, Sandbox

BOOTED = "/run/systemd/system"
"""It is there where systemd is the init (sd_booted(3))."""

INSTALLED = ("/usr/lib/systemd/systemd", "/lib/systemd/systemd")
UNIX = "AF_UNIX"


class Need(StrEnum):
    """What an application must be able to do with something."""

    SEE = "see"
    MAP = "map"
    WRITE = "write"
    CONNECT = "connect"
    MAKE_CODE = "make code"


# A named tuple: a host with thousands of applications has a hundred thousand of them.
class Use(NamedTuple):
    """Something that an application needs."""

    path: str
    need: Need
    purpose: str
    """What it is for: "script", "extension", "written by /srv/app.py:7"."""

    is_certain: bool = True
    """The configuration says so; else the application's source."""


@dataclass(slots=True)
class Denial:
    """One setting with what it takes away."""

    said: Said
    uses: dict[Use, None] = field(default_factory=dict)
    applications: dict[str, None] = field(default_factory=dict)


def sandbox_of(files: Files, instance: Instance, *, is_live: bool) -> Sandbox | None:
    """Of the unit that an httpd runs in, else of the one that would start it.

    None where hostprobe runs in that unit too: then it sees what httpd sees.
    """
    present = (BOOTED,) if is_live else INSTALLED
    if all(isinstance(files.stat(path), Missing) for path in present):
        return None
    running = instance.running
    inside = service(files, f"/proc/{running.parent.pid}/cgroup") if running else None
    if inside is not None and inside == service(files, "/proc/self/cgroup"):
        return None
    unit = inside or instance.configuration.start.unit
    parts = unit_parts(files, unit) if unit else ()
    return Sandbox(unit, parts, files) if parts else None


def service(files: Files, path: str) -> str | None:
    """The service that a process's control group belongs to; None where it runs in none."""
    found = files.read(path, CgroupMembership)
    groups = () if isinstance(found, Missing) else (entry.path for entry in found.entries)
    names = (name for group in groups for name in reversed(group.split("/")))
    return next((name for name in names if name.endswith(".service")), None)


def denials(linkage: Linkage, doings: Applications, sandbox: Sandbox) -> tuple[Denial, ...]:
    """One for each setting that keeps something from the applications of an httpd."""
    found: dict[tuple[Said, bool], Denial] = {}
    for use, names in uses(linkage, doings, sandbox).items():
        said = denied(sandbox, use)
        if said is not None:
            key = (said, use.need is Need.WRITE)
            one = found.setdefault(key, Denial(said))
            one.uses[use] = None
            one.applications |= dict.fromkeys(names)
    return tuple(found.values())


def denied(sandbox: Sandbox, use: Use) -> Said | None:
    """The setting that stands against a use: of the path as written, and without links."""
    path = real(sandbox.files, use.path)
    match use.need:
        case Need.MAKE_CODE:
            return sandbox.forbids_new_code
        case Need.WRITE:
            folders = (posixpath.dirname(use.path), posixpath.dirname(path))
            hidden = next(filter(None, map(sandbox.hides, folders)), None)
            return hidden or sandbox.forbids_writing(path)
    hidden = sandbox.hides(use.path) or sandbox.hides(path)
    if use.need is Need.MAP:
        return hidden or sandbox.forbids_executing(path)
    return hidden or (sandbox.forbids_family(UNIX) if use.need is Need.CONNECT else None)


Uses = dict[Use, list[str]]
"""What is needed -> the applications that need it."""


def uses(linkage: Linkage, doings: Applications, sandbox: Sandbox) -> Uses:
    """Everything that is there on the host, and that the unit could take away."""
    instance = linkage.instance
    found: Uses = {}
    for application in instance.applications:
        for use in (*code(linkage.files, application), *data(linkage.files, doings, application)):
            found.setdefault(use, []).append(application.name)
    for one in instance.scripts:
        found.setdefault(Use(one.script, Need.SEE, "script"), [])
    for load in instance.configuration.loads:
        found.setdefault(Use(load.path, Need.MAP, "Apache module"), [])
    present = {use: names for use, names in found.items() if is_there(linkage.files, use)}
    if instance.process_groups:
        groups = {group.name for group in instance.process_groups}
        hit = [one.name for one in instance.applications if one.process_group in groups]
        present[Use("/", Need.CONNECT, "the sockets of WSGIDaemonProcess")] = hit
    present |= libraries(linkage) if sandbox.has_places_without_code else {}
    return present | (new_code(linkage, doings) if sandbox.forbids_new_code else {})


def libraries(linkage: Linkage) -> Uses:
    """Every object of httpd and of what applications import."""
    return {
        Use(one.object.real, Need.MAP, "library", one.is_of_httpd): list(one.reach.importing)
        for one in linkage.brought
        if one.is_of_httpd or one.reach.is_imported
    }


def is_there(files: Files, use: Use) -> bool:
    """What does not exist is not taken away; of what is written the directory counts."""
    path = posixpath.dirname(use.path) if use.need is Need.WRITE else use.path
    return not isinstance(files.stat(path), Missing)


def code(files: Files, application: Application) -> Iterator[Use]:
    """Its script, its Python, directories that hold modules, and extensions that it imports."""
    yield Use(application.script, Need.SEE, "script")
    environment = application.environment
    if isinstance(environment, PythonEnvironment):
        if environment.home:
            yield Use(environment.home, Need.SEE, "Python home")
        for path in environment.search_path:
            if files.list(path) != ():
                yield Use(path, Need.SEE, "directory of modules", is_certain=False)
    for module in application.own:
        if module.reached not in (Reached.SCRIPT, Reached.BESIDE):
            yield Use(module.path, Need.SEE, "module", is_certain=False)
    for extension in application.reachable:
        yield Use(extension.path, Need.MAP, "extension", is_certain=False)


def data(files: Files, doings: Applications, application: Application) -> Iterator[Use]:
    """Files and sockets by name; what it writes itself it need not find."""
    found = tuple(data_paths(doings, application))
    written = {one.path for one in found if one.is_written}
    for one in found:
        if one.is_written or one.path not in written:
            yield data_use(files, one)


def data_use(files: Files, one: DataPath) -> Use:
    """How a path of data is used."""
    stat = files.stat(one.path)
    if not isinstance(stat, Missing) and S_ISSOCK(stat.mode):
        return Use(one.path, Need.CONNECT, f"socket, {one.where}", is_certain=False)
    if one.is_written:
        return Use(one.path, Need.WRITE, f"written, {one.where}", is_certain=False)
    return Use(one.path, Need.SEE, f"read, {one.where}", is_certain=False)


def new_code(linkage: Linkage, doings: Applications) -> Uses:
    """Code that is written before it is executed, and stacks that are executed."""
    found: Uses = {}
    for brought in linkage.brought:
        path, names = brought.object.real, list(brought.reach.importing)
        if brought.is_of_httpd or brought.reach.is_imported:
            if brought.object.elf.text_relocation:
                found[Use(path, Need.MAKE_CODE, "relocations in its code")] = names
            is_opened = brought.object.cause is not None
            if is_opened and linkage.parent.is_for_executable_stack(brought.object):
                found[Use(path, Need.MAKE_CODE, "executable stack")] = names
    for application in linkage.instance.applications:
        for use in callbacks(doings, application):
            found.setdefault(use, []).append(application.name)
    return found


def callbacks(doings: Applications, application: Application) -> Iterator[Use]:
    """Closures of cffi are written before they are executed, those of libffi 3.4 are not."""
    for doing in doings.doing(application):
        for call in doing.acts.calls:
            if call.name == "cffi.FFI().callback" and doing.module.reached is not Reached.BESIDE:
                where = f"ffi.callback(), {doing.path}:{call.place.line}"
                yield Use(doing.path, Need.MAKE_CODE, where, is_certain=False)
