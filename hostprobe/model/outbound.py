"""What applications connect to, and whether a boolean of SELinux keeps them from it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from hostprobe.facts.acts import Entries, Value
from hostprobe.facts.elf import Elf
from hostprobe.facts.files import Absent, Files, Missing
from hostprobe.facts.python import PythonSource
from hostprobe.facts.selinux import PolicyBooleans, SelinuxBoolean, SelinuxMode
from hostprobe.model.instance import Application
from hostprobe.model.known_booleans import NETWORK as WIDE
from hostprobe.model.known_services import (
    BOOLEANS,
    DJANGO_ENGINES,
    MAIL,
    SOCKET_HOSTS,
    service_of,
)
from hostprobe.model.python.doing import Applications
from hostprobe.model.selinux import policy_files, selinux_mode

DIRECTORY = "/sys/fs/selinux/booleans"
CLOSURES = frozenset({b"ffi_closure_alloc", b"ffi_prep_closure_loc"})
TRAMPOLINES = 8
"""From this number in its soname on, libffi needs no memory that is both written and executed: its
closures are static code (libffi 3.4, --enable-exec-static-tramp)."""

CALLBACKS, EXECMEM = "callbacks from C (libffi) or compiled code", "httpd_execmem"
COMPILERS = ("numba", "llvmlite")
QUIET_MAIL = ("console", "dummy", "filebased", "locmem")
"""Email backends of Django that connect to nothing."""


@dataclass(slots=True)
class Closed:
    """A boolean that is off and that applications need."""

    boolean: str
    wider: str | None
    """Another boolean that would allow more besides."""

    service: str
    applications: list[str] = field(default_factory=list)
    places: list[str] = field(default_factory=list)
    """File, line and module that say so."""


@dataclass(frozen=True, slots=True)
class ClosedBooleans:
    """All of them, with the mode and where their states were read."""

    all: tuple[Closed, ...]
    is_enforced: bool
    source: str


def closed_booleans(
    applications: Applications, known: frozenset[str], *, is_live: bool
) -> ClosedBooleans | Missing | Absent:
    """`known`: booleans that denials in the log ask for already."""
    mode = selinux_mode(applications.files, is_live=is_live)
    if not isinstance(mode, SelinuxMode):
        return mode
    wanted = [
        (service, application.name, place)
        for instance in applications.instances
        for application in instance.programs
        for service, place in needs(applications, application)
    ]
    if not wanted:
        return ClosedBooleans((), mode.enforcing, "")
    found = boolean_states(applications.files, is_live=is_live)
    if isinstance(found, Missing):
        return found
    source, states = found
    closed: dict[str, Closed] = {}
    for service, name, place in wanted:
        one = off(service, states)
        if one is not None and one.boolean not in known:
            note(closed.setdefault(one.boolean, one), name, place)
    return ClosedBooleans(tuple(closed.values()), mode.enforcing, source)


def note(one: Closed, application: str, place: str) -> None:
    """Who needs it, and what says so, each once."""
    for values, value in ((one.applications, application), (one.places, place)):
        if value not in values:
            values.append(value)


def boolean_states(files: Files, *, is_live: bool) -> tuple[str, Mapping[str, bool]] | Missing:
    """Where they were read, name -> state: the kernel's, else those of the policy file."""
    names = files.list(DIRECTORY) if is_live else ()
    if isinstance(names, tuple) and names:
        states = {name: files.read(f"{DIRECTORY}/{name}", SelinuxBoolean) for name in names}
        return DIRECTORY, {
            name: state.is_on for name, state in states.items() if isinstance(state, SelinuxBoolean)
        }
    reason = Missing("there is no policy in /etc/selinux")
    for policy in policy_files(files, is_live=is_live):
        found = files.read(policy, PolicyBooleans)
        if isinstance(found, PolicyBooleans):
            return policy, found.states
        reason = found
    return reason


def off(service: str, states: Mapping[str, bool]) -> Closed | None:
    """The narrowest boolean that this host has for it, where all that allow it are off."""
    if service == CALLBACKS:
        return Closed(EXECMEM, None, service) if states.get(EXECMEM) is False else None
    names = [name for name in (*BOOLEANS[service], WIDE) if name in states]
    if not names or any(states[name] for name in names):
        return None
    return Closed(names[0], names[1] if names[1:] else None, service)


def needs(applications: Applications, application: Application) -> Iterator[tuple[str, str]]:
    """What it connects to, and where that is said."""
    for doing in applications.doing(application):
        source = applications.files.read(doing.path, PythonSource)
        for found in source.imports if isinstance(source, PythonSource) else ():
            if found.level or found.guarded:
                continue
            for module in (found.module, *(f"{found.module}.{name}" for name in found.names)):
                service = service_of(module)
                if service:
                    yield service, f"{doing.path}:{found.line} imports {module}"
                    break
                if module in COMPILERS:
                    yield CALLBACKS, f"{doing.path}:{found.line} imports {module}"
    yield from of_django(applications, application)
    yield from of_extensions(applications.files, application)


def of_django(applications: Applications, application: Application) -> Iterator[tuple[str, str]]:
    """DATABASES whose client uses TCP, and an email backend that connects."""
    databases = applications.setting(application, "DATABASES")
    for _, entry in (
        databases.value.entries if databases and isinstance(databases.value, Entries) else ()
    ):
        options = dict(entry.entries) if isinstance(entry, Entries) else {}
        engine = options.get("ENGINE")
        name = engine.rpartition(".")[2] if isinstance(engine, str) else ""
        if databases and name in DJANGO_ENGINES and not is_socket(name, options.get("HOST", "")):
            yield DJANGO_ENGINES[name], f"{databases.path}:{databases.line} DATABASES has {engine}"
    backend = applications.setting(application, "EMAIL_BACKEND")
    host = applications.setting(application, "EMAIL_HOST")
    is_written = host is not None and isinstance(host.value, str)
    if host and is_written and (backend is None or is_sending(backend.value)):
        yield MAIL, f"{host.path}:{host.line} sets EMAIL_HOST"


def is_sending(backend: Value) -> bool:
    """An email backend that is known, and is none that keeps what it is given."""
    return isinstance(backend, str) and not any(f".{name}." in backend for name in QUIET_MAIL)


def is_socket(engine: str, host: Value) -> bool:
    """The client takes a Unix socket."""
    if not isinstance(host, str):
        return False
    return host.startswith("/") or host in SOCKET_HOSTS.get(engine, ())


def of_extensions(files: Files, application: Application) -> Iterator[tuple[str, str]]:
    """Extensions that make closures with a libffi that needs execmem for them."""
    for extension in application.reachable:
        elf = None if extension.is_stdlib else files.elf(extension.path)
        if isinstance(elf, Elf) and makes_closures(elf):
            yield CALLBACKS, f"{extension.path} makes callbacks with libffi"


def makes_closures(elf: Elf) -> bool:
    """It calls for closures, and its libffi is not known to have static trampolines."""
    if not any(one.name in CLOSURES for one in elf.references):
        return False
    names = [name for name in elf.needed if name.startswith(b"libffi")]
    return not any(is_new(name) for name in names)


def is_new(soname: bytes) -> bool:
    """libffi.so.8 and later, also renamed as wheels do."""
    number = soname.partition(b".so.")[2].partition(b".")[0]
    return number.isdigit() and int(number) >= TRAMPOLINES
