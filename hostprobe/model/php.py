"""What mod_php opens when httpd starts (main/php_ini.c, ext/standard/dl.c, Zend/zend_extensions.c).

PHP reads one php.ini and then every file of its scan directories; Zend extensions are opened
first, then extensions, each kind in the order of the entries. A restart of httpd closes the
extensions; Zend extensions stay, as do all under ZEND_DONT_UNLOAD_MODULES (module_destructor).
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from hostprobe.facts.elf import Elf
from hostprobe.facts.files import Files, Missing, is_directory, is_regular
from hostprobe.facts.httpd import Configuration, ModuleLoad
from hostprobe.facts.php import PhpBuild, PhpIni
from hostprobe.facts.plan import Open, OpenFlags

FLAGS = OpenFlags.LAZY | OpenFlags.GLOBAL | OpenFlags.DEEPBIND
"""DL_LOAD of Zend/zend_portability.h; the Apache SAPI keeps DEEPBIND in 8.5 and later too."""

SAPI = "apache2handler"
MODULES = frozenset({"php_module", "php7_module", "php5_module"})
VERSION = re.compile(r"libphp(\d+(?:\.\d+)?)\.so")
VARIABLE = re.compile(r"\$\{([^}:]+)(?::-([^}]*))?\}")
ENTRY_POINTS = {
    "extension": (b"get_module", b"_get_module"),
    "zend_extension": (b"zend_extension_entry", b"_zend_extension_entry"),
}
"""What a loaded object must define; PHP closes it again otherwise."""

KEEPS_ALL = "ZEND_DONT_UNLOAD_MODULES"
MAX_OPENS = 1000


@dataclass(frozen=True, slots=True)
class PhpStart:
    """What PHP's start in one httpd opens."""

    opens: tuple[Open, ...] = ()
    problems: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Entry:
    """One extension= or zend_extension= entry."""

    kind: str
    value: str
    where: str


def php_module(configuration: Configuration) -> ModuleLoad | None:
    """The LoadModule of mod_php; None without one."""
    return next((load for load in configuration.loads if load.symbol in MODULES), None)


def php_opens(files: Files, configuration: Configuration, libphp: str) -> PhpStart:
    """The dlopens of the extensions, in order; nothing but files is read."""
    return _Start(files, configuration, libphp).run()


class _Start:
    def __init__(self, files: Files, configuration: Configuration, libphp: str) -> None:
        self._files = files
        self._configuration = configuration
        self._libphp = libphp
        self._environment: Mapping[str, str] = configuration.start.environment or {}
        self._problems: list[str] = []
        self._guess = ""
        self._build = self._read_build()
        self._values: dict[str, str] = {}
        self._entries: list[_Entry] = []

    def run(self) -> PhpStart:
        if (ini := self._php_ini()) is not None:
            self._read(ini)
        for path in self._scanned():
            self._read(path)
        opens = (found for entry in self._ordered() for found in self._open(entry))
        unique = {found.path: found for found in reversed(tuple(opens))}
        kept = tuple(reversed(unique.values()))[:MAX_OPENS]
        return PhpStart(kept, tuple(dict.fromkeys(self._problems)))

    def _read_build(self) -> PhpBuild:
        build = self._files.read(self._libphp, PhpBuild)
        if isinstance(build, PhpBuild) and build.config_path is not None:
            return build
        known = build if isinstance(build, PhpBuild) else PhpBuild(None, None, None)
        usual = self._usual()
        self._guess = f"{self._libphp} does not tell its paths, {usual} is assumed"
        scan_dir = known.scan_dir
        if scan_dir is None:
            candidates = (f"{usual}/conf.d", "/etc/php.d")
            scan_dir = next((path for path in candidates if is_directory(self._files, path)), "")
        return PhpBuild(usual, scan_dir, known.extension_dir)

    def _usual(self) -> str:
        match = VERSION.search(self._libphp)
        candidates = [f"/etc/php/{match[1]}/apache2"] if match else []
        for path in (*candidates, "/usr/local/etc/php"):
            if is_directory(self._files, path):
                return path
        return "/etc"

    def _php_ini(self) -> str | None:
        """The one file that php_init_config would take."""
        override = self._ini_directory()
        places = (
            [override] if override else [self._environment.get("PHPRC"), self._build.config_path]
        )
        places = [place for place in places if place]
        for place in places[:1]:
            if is_regular(self._files, place):
                return place
        for name in (f"php-{SAPI}.ini", "php.ini"):
            for place in places:
                if is_regular(self._files, f"{place}/{name}"):
                    return f"{place}/{name}"
        return None

    def _ini_directory(self) -> str | None:
        """PHPIniDir: the first one counts, relative to ServerRoot."""
        found = [d for d in self._configuration.directives if d.key == "phpinidir" and d.args]
        if not found:
            return None
        path = found[0].args[0]
        return path if path.startswith("/") else f"{self._configuration.start.server_root}/{path}"

    def _scanned(self) -> Iterator[str]:
        """*.ini of the scan directories; an empty element of PHP_INI_SCAN_DIR is the default."""
        default = self._build.scan_dir or ""
        for element in self._environment.get("PHP_INI_SCAN_DIR", default).split(":"):
            directory = element or default
            names = self._files.list(directory) if directory else ()
            if isinstance(names, Missing):
                self._problems.append(names.reason)
                continue
            for name in names:
                path = f"{directory.rstrip('/')}/{name}"
                if name.endswith(".ini") and is_regular(self._files, path):
                    yield path

    def _read(self, path: str) -> None:
        ini = self._files.read(path, PhpIni)
        if isinstance(ini, Missing):
            self._problems.append(ini.reason)
            return
        for key, value, line in ini.entries:
            expanded = self._expand(value)
            if key.lower() in ENTRY_POINTS:
                self._entries.append(_Entry(key.lower(), expanded, f"{path}:{line}"))
            else:
                self._values[key] = expanded

    def _expand(self, value: str) -> str:
        """`${X}` is an earlier entry, then an environment variable."""
        return VARIABLE.sub(self._variable, value)

    def _variable(self, match: re.Match[str]) -> str:
        value = self._values.get(match[1])
        if value is None:
            value = self._environment.get(match[1])
        return value if value is not None else match[2] or ""

    def _ordered(self) -> list[_Entry]:
        zend = [entry for entry in self._entries if entry.kind == "zend_extension"]
        return zend + [entry for entry in self._entries if entry.kind == "extension"]

    def _open(self, entry: _Entry) -> Iterator[Open]:
        if not entry.value:
            return
        path = self._resolve(entry)
        if path is None:
            self._problems.append(f"{entry.where}: {entry.kind} {entry.value} cannot be located")
            return
        elf = self._files.elf(path)
        if isinstance(elf, Elf) and not self._is_accepted(entry, elf):
            self._problems.append(f"{entry.where}: {path} is no {entry.kind}, PHP closes it again")
            return
        if isinstance(elf, Missing):
            self._problems.append(f"{entry.where}: {elf.reason}")
        is_kept = entry.kind == "zend_extension" or KEEPS_ALL in self._environment
        guess, where = self._guess, entry.where
        yield Open(path, FLAGS, self._libphp, "php", guess=guess, where=where, is_kept=is_kept)

    def _is_accepted(self, entry: _Entry, elf: Elf) -> bool:
        return any(name in elf.definitions for name in ENTRY_POINTS[entry.kind])

    def _resolve(self, entry: _Entry) -> str | None:
        """A name with a slash is a path (absolute, for a Zend extension); else NAME, NAME.so."""
        value = entry.value
        is_path = value.startswith("/") if entry.kind == "zend_extension" else "/" in value
        if is_path:
            return value if value.startswith("/") else None
        directory = self._values.get("extension_dir") or self._build.extension_dir
        if not directory or not directory.startswith("/"):
            return None
        plain = f"{directory.rstrip('/')}/{value}"
        is_complete = value.endswith(".so") or is_regular(self._files, plain)
        return plain if is_complete else f"{plain}.so"
