"""Who runs what, where: httpd instances, process groups, applications, Python environments."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from hostprobe.facts.files import Missing
from hostprobe.facts.httpd import Configuration, HttpdBuild, Problem, Where
from hostprobe.facts.plan import Open
from hostprobe.facts.python import PyvenvCfg
from hostprobe.model.python.own_module import DjangoSettings, OwnModule
from hostprobe.model.running.processes import Running

IMPORT_SCRIPT = "WSGIImportScript"


@dataclass(frozen=True, slots=True)
class Extension:
    """One compiled module that a Python environment offers."""

    module: str
    """Dotted name: "lxml.etree", "readline"."""

    path: str
    """As the import system would open it."""

    is_stdlib: bool = False
    """Belongs to the interpreter's own lib-dynload."""

    is_guarded: bool = field(default=False, compare=False)
    """Reached only through imports inside a try that catches ImportError: a refusal is handled."""


@dataclass(frozen=True, slots=True)
class PythonEnvironment:
    """What one interpreter of one process would import from."""

    version: str
    """X.Y of the libpython that mod_wsgi brings; "" when it could not be established."""

    patch: str | None
    """X.Y.Z where a file says it."""

    home: str | None
    """python-home, WSGIPythonHome, or None for the compiled-in prefix."""

    home_where: Where | None
    pyvenv: PyvenvCfg | None
    """The virtual environment's configuration, when home is one."""

    prefix: str
    """Where the standard library is: base prefix ("/usr")."""

    executable: str | None
    """The base interpreter (standalone Python) of the same X.Y, for comparison."""

    search_path: tuple[str, ...]
    """sys.path as far as it follows from files: python-path, stdlib, site-packages, .pth."""

    extensions: tuple[Extension, ...]
    """Every extension of that X.Y's ABI on the search path, in path order."""

    problems: tuple[str, ...] = ()
    stdlib: str | None = None
    """Directory of the standard library that this version would use ("/usr/lib/python3.11"); None:
    there is none, the interpreter cannot start (no module named 'encodings')."""

    is_home_directory: bool = True
    """home is a directory; True without a home."""

    home_versions: tuple[str, ...] = ()
    """X.Y of every lib/pythonX.Y in home, whichever version would use it."""

    foreign_paths: tuple[str, ...] = ()
    """Entries of python-path that belong to another X.Y: /venv/lib/python3.9/site-packages."""

    foreign_extensions: tuple[str, ...] = ()
    """Paths of extensions for another Python ABI only: no file of the same module fits."""

    suffixes: tuple[str, ...] = ()
    """File name endings of this Python's extensions, in the order it tries them."""

    built_in: frozenset[str] = frozenset()
    """Modules inside the interpreter: never a file."""


@dataclass(frozen=True, slots=True)
class ProcessGroup:
    """One WSGIDaemonProcess."""

    name: str
    user: str | None
    group: str | None
    processes: int
    threads: int
    options: Mapping[str, str]
    """Every key=value of the directive."""

    where: Where
    server: str
    """ServerName[:port] of the virtual host that defines it; "" for the main server."""


@dataclass(frozen=True, slots=True)
class Application:
    """One WSGI script at one mount point of one server."""

    script: str
    mount: str
    server: str
    """ServerName[:port] as httpd would name it."""

    process_group: str | None
    """"" is embedded mode; None: decided at run time (%{ENV:...}, dispatch script)."""

    application_group: str | None
    """"" is the main interpreter (%{GLOBAL}); None: decided at run time."""

    where: Where
    """The directive that mounts it."""

    environment: PythonEnvironment | Missing
    reachable: tuple[Extension, ...] = ()
    """Extensions that module-level imports from the script reach."""

    problems: tuple[str, ...] = ()
    """Why reachability is not complete: syntax error, dynamic import, caps."""

    own: tuple[OwnModule, ...] = ()
    """The script and the other files of its own, in the order in which they would be executed."""

    settings: DjangoSettings | None = None
    """What DJANGO_SETTINGS_MODULE leads to, where the script or a module it imports sets it."""

    directive: str = ""
    """Of a script that serves no URL: WSGIImportScript, WSGIAuthUserScript ..."""

    @property
    def name(self) -> str:
        """What findings call it: server, mount and script, or directive and script."""
        if self.directive:
            return f"{self.directive} {self.script}"
        return f"{self.server}{self.mount} ({self.script})"

    @property
    def is_movable(self) -> bool:
        """It may have another process: authentication and dispatch run in httpd's children only."""
        return self.directive in {"", IMPORT_SCRIPT}


@dataclass(frozen=True, slots=True)
class Instance:
    """One httpd: planned from its configuration, and running or not."""

    name: str
    """The configuration file."""

    build: HttpdBuild | Missing
    configuration: Configuration
    process_groups: tuple[ProcessGroup, ...]
    applications: tuple[Application, ...]
    late_opens: tuple[Open, ...] = ()
    """dlopens after the second reading of the configuration, in the parent: PHP extensions and
    what hooks make apr-util load."""

    driver_opens: tuple[Open, ...] = ()
    """dlopens of the first reading by apr-util, after its modules; they stay for ever."""

    mod_wsgi: str | None = None
    """Path of the mod_wsgi module; None when it is not loaded."""

    mod_wsgi_version: str = ""
    """X.Y.Z as the module tells it; "" when it does not, or without mod_wsgi."""

    libpython: str | None = None
    """Path of the libpython that mod_wsgi needs; None when static or without mod_wsgi."""

    python_version: str = ""
    """X.Y of the Python that mod_wsgi brings; "" when unknown or without mod_wsgi."""

    has_static_python: bool = False
    """mod_wsgi contains the interpreter instead of needing libpython."""

    scripts: tuple[Application, ...] = ()
    """What mod_wsgi runs in the same processes and mounts nowhere, in the order of directives."""

    running: Running | None = None
    """Its processes; None where it does not run, or where no process was looked at."""

    problems: tuple[Problem, ...] = field(default=())

    @property
    def programs(self) -> tuple[Application, ...]:
        """Everything whose code runs: the applications, and scripts that are not one of them."""
        places = {(a.script, a.process_group, a.application_group) for a in self.applications}
        rest = (
            one
            for one in self.scripts
            if (one.script, one.process_group, one.application_group) not in places
        )
        return (*self.applications, *rest)

    def all_problems(self) -> Iterator[Problem]:
        """Of the configuration, of what it names, and of the Python environments, each once."""
        yield from self.configuration.problems
        yield from self.problems
        environments = (one.environment for one in (*self.applications, *self.scripts))
        known = {id(one): one for one in environments if isinstance(one, PythonEnvironment)}
        texts = dict.fromkeys(text for one in known.values() for text in one.problems)
        yield from (Problem(text, None) for text in texts)


@dataclass(frozen=True, slots=True)
class Topology:
    """All instances of the inspected root."""

    instances: tuple[Instance, ...]


class PythonTopology(Topology):
    """Only the instances with a Python inside."""
