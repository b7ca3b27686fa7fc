"""Drivers that directives make apr-util load (apr-util's misc/apu_dso.c, dbd, dbm, crypto, ldap).

A driver is loaded once into APR's outermost pool: unloading the modules leaves it, and no later
reading opens it again. Those that a directive or an early hook asks for in the first reading so
stand before all modules in the global scope.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from hostprobe.facts.apr import AprUtilBuild
from hostprobe.facts.files import Files, Missing, is_directory, is_regular
from hostprobe.facts.httpd import Configuration, Directive, Problem
from hostprobe.facts.plan import Open, Plan
from hostprobe.model.httpd.plan import apr_flags
from hostprobe.model.loader.process import start

SOCACHES = {
    "sslsessioncache": "ssl_module",
    "sslstaplingcache": "ssl_module",
}
"""Directive -> the module that makes the cache once the second reading is done (ssl_scache.c)."""

EARLY_SOCACHES = {
    "authncachesocache": "authn_socache_module",
    "cachesocache": "cache_socache_module",
}
"""The same for modules that do it after each reading (mod_authn_socache.c, mod_cache_socache.c)."""

DIRECTIVES = frozenset(
    {"dbdriver", "rewritemap", "authncacheenable", "sessioncryptodriver"}
    | {*SOCACHES, *EARLY_SOCACHES}
)

DBM_TYPES = {"gdbm": "gdbm", "ndbm": "ndbm", "sdbm": "sdbm", "db": "db", "default": ""}
"""As a configuration may spell them, in lower case (dbm_open_type); "": the compiled-in one."""

DEFAULT_DBM = ("db", "gdbm", "ndbm")
"""In the order in which apr-util's configure prefers them."""

DEFAULT_CRYPTO = "openssl"
"""APU_CRYPTO_RECOMMENDED_DRIVER on Linux (apr_crypto.h)."""

Place = tuple[bool, int]
"""When a post_config hook runs: whether with the last ones, then its module's load position."""


@dataclass(frozen=True, slots=True)
class Drivers:
    """What one httpd loads by apr-util."""

    at_reading: tuple[Open, ...] = ()
    """In the first reading, after its modules."""

    at_start: tuple[tuple[Place, Open], ...] = ()
    """After the second reading, by the hooks of these places."""

    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True)
class _Wish:
    """One driver that something asks for."""

    kind: str
    """dbd, dbm, crypto or ldap."""

    name: str
    where: str
    refusal: Problem | None
    """What httpd says when there is no such driver; None: it goes on without."""

    place: Place | None = None
    """None: in the first reading."""

    guess: str = ""


def drivers(
    files: Files, configuration: Configuration, static_modules: tuple[str, ...] = ()
) -> Drivers:
    """Drivers of the directives that are in force; reads libaprutil only when one is wanted."""
    wishes = tuple(_Wishes(configuration, static_modules).all())
    if not wishes:
        return Drivers()
    environment = configuration.start.environment or {}
    build = apr_util(files, configuration.start.binary, environment)
    if isinstance(build, Missing):
        return Drivers(problems=(Problem(f"drivers of apr-util: {build.reason}", None),))
    return _Loading(files, build, environment).run(wishes)


def module_places(
    configuration: Configuration, static_modules: tuple[str, ...]
) -> Mapping[str, int]:
    """Module -> its place among the loads; those in the binary come before all."""
    places = dict.fromkeys(static_modules, -1)
    for number, load in enumerate(configuration.loads):
        if load.symbol is not None:
            places.setdefault(load.symbol, number)
    return places


class _Wishes:
    """What the directives and modules ask for, in the order in which httpd gets to it."""

    def __init__(self, configuration: Configuration, static_modules: tuple[str, ...]) -> None:
        self._configuration = configuration
        self._places = module_places(configuration, static_modules)
        every = walk(configuration.directives)
        self._directives = tuple(one for one in every if one.key in DIRECTIVES)

    def all(self) -> Iterator[_Wish]:
        for one in self._directives:
            yield from self._of_directive(one)
        yield from self._early_caches()
        yield from self._ssl_caches()
        yield from self._ldap()
        yield from self._session_crypto()

    def _of_directive(self, one: Directive) -> Iterator[_Wish]:
        """dbd_param of mod_dbd.c and cmd_rewritemap of mod_rewrite.c load at once."""
        args = one.args
        if one.key == "dbdriver" and args and "dbd_module" in self._places:
            problem = Problem(f"DBDriver: no driver file apr_dbd_{args[0]}", one.where, fatal=True)
            yield _Wish("dbd", args[0], str(one.where), problem)
        elif one.key == "rewritemap" and len(args) > 1 and "rewrite_module" in self._places:
            name = dbm_type_of_map(args[1])
            if name is not None:
                problem = Problem(f"RewriteMap: dbm type {name} is invalid", one.where, fatal=True)
                yield _Wish("dbm", name, str(one.where), problem)

    def _early_caches(self) -> Iterator[_Wish]:
        """The caches whose modules work after the first reading already, in load order."""
        found = []
        has_authn_cache = any(one.key == "authncacheenable" for one in self._directives)
        for key, module in EARLY_SOCACHES.items():
            if key != "authncachesocache" or has_authn_cache:
                found += [(self._places[module], one) for one in self._caches(key, module)]
        for _, one in sorted(found, key=lambda pair: pair[0]):
            yield _Wish("dbm", "default", str(one.where), no_cache(one))

    def _ssl_caches(self) -> Iterator[_Wish]:
        for key, module in SOCACHES.items():
            for one in self._caches(key, module):
                place = (False, self._places[module])
                yield _Wish("dbm", "default", str(one.where), no_cache(one), place)

    def _caches(self, key: str, module: str) -> Iterator[Directive]:
        """The last directive of a name, if it asks for mod_socache_dbm."""
        found = [one for one in self._directives if one.key == key and one.args]
        if found and module in self._places and "socache_dbm_module" in self._places:
            one = found[-1]
            if one.args[0].partition(":")[0] == "dbm":
                yield one

    def _ldap(self) -> Iterator[_Wish]:
        """util_ldap_post_config asks apr-util for the version of the LDAP library."""
        place = self._places.get("ldap_module")
        if place is not None:
            yield _Wish("ldap", "", self._where("ldap_module"), None, (False, place))

    def _session_crypto(self) -> Iterator[_Wish]:
        """session_crypto_init, a last hook; the main server's driver counts."""
        place = self._places.get("session_crypto_module")
        if place is None:
            return
        said = [one for one in self._configuration.directives if one.key == "sessioncryptodriver"]
        name, where, guess = DEFAULT_CRYPTO, self._where("session_crypto_module"), ""
        if said and said[-1].args:
            name, where = said[-1].args[0], str(said[-1].where)
        else:
            guess = f"mod_session_crypto has its own default driver, {name} is assumed"
        at = said[-1].where if said else None
        problem = Problem(f"the crypto library {name!r} could not be loaded", at, fatal=True)
        yield _Wish("crypto", name, where, problem, (True, place), guess)

    def _where(self, module: str) -> str:
        """The LoadModule of a module; empty for one in the binary."""
        found = [str(one.where) for one in self._configuration.loads if one.symbol == module]
        return found[0] if found else ""


def walk(directives: tuple[Directive, ...]) -> Iterator[Directive]:
    """Every directive with those inside sections, in the order in which httpd executes them."""
    for one in directives:
        yield one
        yield from walk(one.children or ())


def dbm_type_of_map(source: str) -> str | None:
    """The type in `dbm:PATH` or `dbm=TYPE:PATH` of a RewriteMap; None for other maps."""
    kind, colon, _ = source.partition(":")
    name, _, dbm_type = kind.partition("=")
    return (dbm_type or "default") if name.lower() == "dbm" and colon else None


def no_cache(one: Directive) -> Problem:
    """mod_ssl and the others end httpd without their cache."""
    return Problem(f"{one.name}: no DBM driver to make the cache with", one.where, fatal=True)


def apr_util(files: Files, binary: str, environment: Mapping[str, str]) -> AprUtilBuild | Missing:
    """The libaprutil that httpd starts with, else what the binary itself contains."""
    for one in start(files, Plan(binary, environment=environment)).objects:
        if one.soname is not None and one.soname.startswith("libaprutil-"):
            return files.read(one.real, AprUtilBuild)
    return files.read(binary, AprUtilBuild)


@dataclass(slots=True)
class _Loading:
    """The search for driver files (apu_dso_load)."""

    files: Files
    build: AprUtilBuild
    environment: Mapping[str, str]
    opened: set[str] = field(default_factory=set)

    def run(self, wishes: tuple[_Wish, ...]) -> Drivers:
        at_reading: list[Open] = []
        at_start: list[tuple[Place, Open]] = []
        problems: list[Problem] = []
        for wish in sorted(wishes, key=lambda one: one.place or (False, -2)):
            file = self._file_name(wish)
            if file is None or file in self.opened:
                continue
            path = self._find(file)
            if path is None:
                problems += [wish.refusal] if wish.refusal else []
                continue
            self.opened.add(file)
            found = self._open(wish, path)
            if wish.place is None:
                at_reading.append(found)
            else:
                at_start.append((wish.place, found))
        return Drivers(tuple(at_reading), tuple(at_start), tuple(problems))

    def _open(self, wish: _Wish, path: str) -> Open:
        flags, guess = apr_flags(self.environment)
        reasons = [wish.guess, guess]
        if self.build.directory is None:
            reasons.append("apr-util does not tell the directory of its drivers")
        if wish.kind == "dbm" and DBM_TYPES.get(wish.name.lower()) == "":
            reasons.append("which DBM is apr-util's default is not known from files")
        reason = "; ".join(one for one in reasons if one)
        return Open(path, flags, by="apr-util", guess=reason, where=wish.where, is_kept=True)

    def _file_name(self, wish: _Wish) -> str | None:
        """The file of one driver; None when it is built in."""
        pattern = next((one for one in self.build.drivers if f"_{wish.kind}" in one), None)
        name = wish.name
        if wish.kind == "dbm":
            name = DBM_TYPES.get(name.lower(), name) or self._default_dbm(pattern or "")
            if name == "sdbm":
                return None
        return None if pattern is None else pattern.replace("%s", name)

    def _default_dbm(self, pattern: str) -> str:
        """The compiled-in type: the first whose driver is there."""
        there = (one for one in DEFAULT_DBM if self._find(pattern.replace("%s", one)))
        return next(there, DEFAULT_DBM[0])

    def _find(self, file: str) -> str | None:
        """The first place where the file is: LD_LIBRARY_PATH, then the compiled-in directory."""
        for directory in self.environment.get("LD_LIBRARY_PATH", "").split(":"):
            for path in (f"{directory}/{file}", f"{directory}/apr-util-1/{file}"):
                if directory and is_regular(self.files, path):
                    return path
        last = self.build.directory or self._usual_directory()
        path = f"{last}/{file}"
        return path if is_regular(self.files, path) else None

    def _usual_directory(self) -> str:
        """Where distributions put them."""
        candidates = ("/usr/lib64/apr-util-1", "/usr/lib/x86_64-linux-gnu/apr-util-1")
        there = (path for path in candidates if is_directory(self.files, path))
        return next(there, "/usr/lib/apr-util-1")
