"""Who runs what, where: the planned instances of the inspected root."""

from collections.abc import Iterable, Iterator, Mapping
from itertools import islice

from hostprobe.facts.files import Files, Missing
from hostprobe.facts.httpd import Configuration, Directive, Fault, HttpdBuild, ModuleLoad, Problem
from hostprobe.facts.mod_wsgi import ModWsgiBuild
from hostprobe.facts.plan import Open
from hostprobe.facts.python import PythonSource
from hostprobe.model.httpd.drivers import Drivers, drivers, module_places, walk
from hostprobe.model.httpd.servers import Server, servers
from hostprobe.model.instance import (
    Application,
    Instance,
    ProcessGroup,
    Topology,
)
from hostprobe.model.php import PhpStart, php_module, php_opens
from hostprobe.model.python.embedded import EmbeddedPython, embedded_python
from hostprobe.model.pythons import Pythons
from hostprobe.model.wsgi import (
    ALIASES,
    SCRIPTS,
    Mount,
    OptionError,
    Script,
    Site,
    mount_of,
    process_group,
    script_of,
    scripts_of,
    site_of,
    usual_identity,
)

MAX_APPLICATIONS = 50_000
HANDLER = "wsgi-script"


def build_topology(
    files: Files,
    configurations: tuple[Configuration, ...],
    builds: tuple[HttpdBuild | Missing, ...] = (),
) -> Topology:
    """One instance per configuration; without `builds` the binaries are read."""
    if not builds:
        builds = tuple(files.read(one.start.binary, HttpdBuild) for one in configurations)
    pairs = zip(configurations, builds, strict=True)
    return Topology(tuple(Planner(files, *pair).instance() for pair in pairs))


def module_load(configuration: Configuration, symbol: str) -> ModuleLoad | None:
    """The LoadModule of one module; None when the configuration does not load it."""
    return next((load for load in configuration.loads if load.symbol == symbol), None)


class Planner:
    """One instance from one configuration."""

    def __init__(
        self, files: Files, configuration: Configuration, build: HttpdBuild | Missing
    ) -> None:
        self._files = files
        self._configuration = configuration
        self._build = build
        self._servers = servers(configuration)
        self._main = self._servers[0]
        self._problems: list[Problem] = []
        self._variables: Mapping[str, str] = configuration.start.environment or {}

    def instance(self) -> Instance:
        """Everything the configuration and the files behind it say."""
        load = module_load(self._configuration, "wsgi_module")
        groups = tuple(self._groups().values()) if load else ()
        python = self._python(load) if load else None
        found = self._drivers()
        mounts = tuple(islice(self._mounts(), MAX_APPLICATIONS + 1)) if python else ()
        scripts = tuple(self._scripts()) if python else ()
        paths = frozenset((*(one.script for _, one in mounts), *(one.script for _, one in scripts)))
        pythons = python and Pythons(
            self._files, python, self._variables, self._main, groups, paths
        )
        return Instance(
            name=self._configuration.start.config_file,
            build=self._build,
            configuration=self._configuration,
            process_groups=groups,
            applications=tuple(self._applications(pythons, mounts)) if pythons else (),
            late_opens=self._late_opens(found),
            driver_opens=found.at_reading,
            mod_wsgi=load.path if load else None,
            mod_wsgi_version=self._version(load) if load else "",
            libpython=python.libpython if python else None,
            python_version=python.version if python else "",
            has_static_python=python is not None and python.is_static,
            scripts=tuple(pythons.script(*one) for one in scripts) if pythons else (),
            problems=tuple(self._problems),
        )

    def _python(self, load: ModuleLoad) -> EmbeddedPython:
        before = [one.path for one in self._configuration.loads if one.symbol is None]
        library_path = self._variables.get("LD_LIBRARY_PATH", "").split(":")
        return embedded_python(self._files, load.path, before, library_path)

    def _version(self, load: ModuleLoad) -> str:
        build = self._files.read(load.path, ModWsgiBuild)
        return "" if isinstance(build, Missing) else build.version

    def _drivers(self) -> Drivers:
        found = drivers(self._files, self._configuration, self._static_modules)
        self._problems.extend(found.problems)
        return found

    @property
    def _static_modules(self) -> tuple[str, ...]:
        return () if isinstance(self._build, Missing) else self._build.static_modules

    def _late_opens(self, found: Drivers) -> tuple[Open, ...]:
        """What post_config hooks open, in the order in which they run."""
        places = module_places(self._configuration, self._static_modules)
        load = php_module(self._configuration)
        place = (False, places[load.symbol or ""]) if load else (False, 0)
        opens = [*((place, each) for each in self._php().opens), *found.at_start]
        return tuple(each for _, each in sorted(opens, key=lambda pair: pair[0]))

    def _php(self) -> PhpStart:
        load = php_module(self._configuration)
        if load is None:
            return PhpStart()
        start = php_opens(self._files, self._configuration, load.path)
        self._problems.extend(Problem(text, load.where) for text in start.problems)
        return start

    def _groups(self) -> dict[str, ProcessGroup]:
        """WSGIDaemonProcess of all servers in the order of the configuration."""
        groups: dict[str, ProcessGroup] = {}
        usual = usual_identity(self._main)
        for server, directive in self._named("wsgidaemonprocess"):
            try:
                group = process_group(directive, server, usual)
            except OptionError as error:
                self._refuse(str(error), directive)
                continue
            if group.name in groups:
                message = f"WSGIDaemonProcess {group.name} is defined twice"
                self._refuse(message, directive, Fault.TOLD)
            groups.setdefault(group.name, group)
        return groups

    def _named(self, key: str) -> Iterator[tuple[Server, Directive]]:
        for server in self._servers:
            for directive in server.directives:
                if directive.key == key:
                    yield server, directive

    def _refuse(self, message: str, directive: Directive, fault: Fault | None = None) -> None:
        self._problems.append(Problem(message, directive.where, fatal=True, fault=fault))

    def _scripts(self) -> Iterator[tuple[Server, Script]]:
        """Each once: an authentication directive may stand in many sections."""
        found: dict[object, tuple[Server, Script]] = {}
        for server in self._servers:
            for directive in walk(server.directives):
                one = self._script(server, directive) if directive.key in SCRIPTS else None
                if one:
                    found.setdefault(one.place, (server, one))
        yield from found.values()

    def _script(self, server: Server, directive: Directive) -> Script | None:
        try:
            return script_of(directive, server)
        except OptionError as error:
            self._refuse(str(error), directive)
            return None

    def _applications(
        self, pythons: "Pythons", mounts: tuple[tuple[Site, Mount], ...]
    ) -> Iterator[Application]:
        self._note_scripts(mount for _, mount in mounts[:MAX_APPLICATIONS])
        self._note_handlers()
        if len(mounts) > MAX_APPLICATIONS:
            text = f"more than {MAX_APPLICATIONS} applications, only the first are looked at"
            self._problems.append(Problem(text, None))
        for site, mount in mounts[:MAX_APPLICATIONS]:
            yield pythons.application(site, mount)

    def _mounts(self) -> Iterator[tuple[Site, Mount]]:
        """Aliases of each server; virtual hosts have the main server's too (merge of the lists)."""
        main, hosts = site_of(self._main), self._servers[1:]
        inherited = tuple(self._own_mounts(self._main))
        if not (hosts and answers_nothing(self._main, hosts)):
            yield from ((main, mount) for mount in inherited)
        for server in hosts:
            site = site_of(server, main)
            own = tuple(self._own_mounts(server))
            yield from ((site, mount) for mount in own)
            urls = {mount.url for mount in own}
            yield from ((site, mount) for mount in inherited if mount.url not in urls)

    def _own_mounts(self, server: Server) -> Iterator[Mount]:
        for directive in server.directives:
            if directive.key not in ALIASES:
                continue
            try:
                mounts, problem = scripts_of(self._files, mount_of(directive))
            except OptionError as error:
                self._refuse(str(error), directive)
                continue
            if problem:
                self._problems.append(Problem(problem, directive.where))
            yield from mounts

    def _note_scripts(self, mounts: Iterable[Mount]) -> None:
        """Scripts that are not there, cannot be read or do not compile, each once."""
        for script, mount in {mount.script: mount for mount in mounts}.items():
            source = self._files.read(script, PythonSource)
            if isinstance(source, Missing):
                fault = Fault.ABSENT if source.not_found else None
                self._problems.append(Problem(source.reason, mount.where, fault=fault))
            elif source.error is not None:
                self._problems.append(Problem(f"{script}: {source.error}", mount.where))

    def _note_handlers(self) -> None:
        """Scripts by handler are whatever files lie below a directory."""
        for server in self._servers:
            for directive in server.directives:
                self._note_handler(directive)

    def _note_handler(self, directive: Directive) -> None:
        for child in directive.children or ():
            self._note_handler(child)
        if directive.key in {"addhandler", "sethandler"} and directive.args[:1] == (HANDLER,):
            text = f"{directive.name} {directive.raw}: which scripts it serves is not enumerated"
            self._problems.append(Problem(text, directive.where))


def answers_nothing(main: Server, hosts: tuple[Server, ...]) -> bool:
    """Every Listen port has a virtual host for all addresses: the main server gets no request."""
    wildcards = {address for host in hosts for address in host.addresses}
    if wildcards & {"*", "_default_", "*:*", "_default_:*"}:
        return True
    ports = [address.rpartition(":")[2] for address in main.addresses]
    return bool(ports) and all({f"*:{p}", f"_default_:{p}"} & wildcards for p in ports)
