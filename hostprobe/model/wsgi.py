"""mod_wsgi's directives (4.9): options, groups, mounts."""

import posixpath
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from hostprobe.facts.files import Files, Missing, is_directory, is_regular
from hostprobe.facts.httpd import Directive, Where
from hostprobe.facts.words import first_word, leading_number
from hostprobe.model.httpd.merge import NOTHING, Level, Target, level_of, merged
from hostprobe.model.httpd.servers import Server
from hostprobe.model.instance import IMPORT_SCRIPT, ProcessGroup

NAME = re.compile(r"[ \t\n\v\f\r]*([^=\s]+)=")
ALIASES = frozenset({"wsgiscriptalias", "wsgiscriptaliasmatch"})
GROUP_DIRECTIVES = frozenset({"wsgiprocessgroup", "wsgiapplicationgroup", "wsgidispatchscript"})
CONDITIONS = frozenset({"<if", "<elseif", "<else"})
CAPTURE = re.compile(r"\$\d")
GLOBAL = "%{GLOBAL}"
DEFAULT_THREADS = 15
MAX_SCRIPTS = 500


IMPORT = "wsgiimportscript"
SCRIPTS = {
    IMPORT: IMPORT_SCRIPT,
    "wsgiaccessscript": "WSGIAccessScript",
    "wsgiauthuserscript": "WSGIAuthUserScript",
    "wsgiauthgroupscript": "WSGIAuthGroupScript",
    "wsgidispatchscript": "WSGIDispatchScript",
}
"""Directives of scripts that serve no URL, as mod_wsgi spells them."""


class OptionError(ValueError):
    """Options with which httpd would not start."""


@dataclass(frozen=True, slots=True)
class Mount:
    """One WSGI script at one URL path."""

    url: str
    """As in the directive; a pattern for WSGIScriptAliasMatch."""

    script: str
    options: Mapping[str, str]
    where: Where
    is_pattern: bool = False


@dataclass(frozen=True, slots=True)
class Script:
    """One script that serves no URL, and where it runs."""

    directive: str
    script: str
    process_group: str
    application_group: str | None
    """"" is the main interpreter; None: decided per request."""

    where: Where

    @property
    def answers(self) -> bool:
        """Requests call its functions."""
        return self.directive != IMPORT_SCRIPT

    @property
    def place(self) -> tuple[str, str, str, str | None]:
        """Equal ones are the same code in the same interpreter."""
        return self.directive, self.script, self.process_group, self.application_group


def script_of(directive: Directive, server: Server) -> Script:
    """One of SCRIPTS; OptionError where httpd would refuse.

    All but WSGIImportScript run in the children of httpd, in the main interpreter by default
    (wsgi_server_group, wsgi_config.c).
    """
    path, rest = first_word(directive.raw)
    options = parse_options(rest)
    if not path:
        raise OptionError(f"{directive.name} without a script")
    if directive.key == IMPORT:
        for name in ("process-group", "application-group"):
            if name not in options:
                raise OptionError(f"WSGIImportScript without '{name}'")
    elif options.keys() - {"application-group"}:
        raise OptionError(f"{directive.name}: application-group is its only option")
    name = options.get("application-group", GLOBAL)
    process = options.get("process-group", GLOBAL)
    return Script(
        SCRIPTS[directive.key],
        path,
        "" if process == GLOBAL else process,
        interpreter(name, server, is_literal=directive.key == IMPORT),
        directive.where,
    )


def interpreter(name: str, server: Server, *, is_literal: bool) -> str | None:
    """Of a script that serves no URL; WSGIImportScript knows %{GLOBAL} only."""
    if name == GLOBAL:
        return ""
    if name == "%{SERVER}" and not is_literal:
        return None if server.is_main else str(server)
    return name


def parse_options(text: str) -> dict[str, str]:
    """`name=value` words; only the value may be quoted, the last of equal names counts.

    ap_getword_conf skips blanks before a value: `a= b=c` gives a the value `b=c`.
    """
    options: dict[str, str] = {}
    rest = text.lstrip()
    while rest:
        match = NAME.match(rest)
        if match is None:
            word = first_word(rest)[0]
            raise OptionError(f"{word!r} is not an option of the form name=value")
        options[match[1]], rest = first_word(rest[match.end() :])
    return options


Identity = tuple[str | None, str | None]
"""User and group; None where the configuration does not say."""


def usual_identity(main: Server) -> Identity:
    """User and Group of the main server, which daemons have unless told otherwise."""
    return _last(main, "user"), _last(main, "group")


def process_group(directive: Directive, server: Server, usual: Identity) -> ProcessGroup:
    """The group of one WSGIDaemonProcess; OptionError where httpd would refuse."""
    name, rest = first_word(directive.raw)
    if not name:
        raise OptionError("WSGIDaemonProcess without a name")
    options = parse_options(rest)
    return ProcessGroup(
        name=name,
        user=options.get("user") or usual[0],
        group=options.get("group") or usual[1],
        processes=_number(options, "processes", 1, least=1),
        threads=_number(options, "threads", DEFAULT_THREADS, least=0),
        options=options,
        where=directive.where,
        server="" if server.is_main else str(server),
    )


def _last(server: Server, key: str) -> str | None:
    values = [d.args[0] for d in server.directives if d.key == key and d.args]
    return values[-1] if values else None


def _number(options: Mapping[str, str], name: str, default: int, *, least: int) -> int:
    """The option's value; OptionError below the least one that mod_wsgi takes."""
    if name not in options:
        return default
    number = leading_number(options[name])
    if number < least:
        raise OptionError(f"{name}={options[name]} is not a usable number")
    return number


def mount_of(directive: Directive) -> Mount:
    """WSGIScriptAlias or WSGIScriptAliasMatch; OptionError where httpd would refuse."""
    url, rest = first_word(directive.raw)
    script, rest = first_word(rest)
    if not script:
        raise OptionError(f"{directive.name} requires at least two arguments")
    return Mount(url, script, parse_options(rest), directive.where, directive.key.endswith("match"))


def scripts_of(files: Files, mount: Mount) -> tuple[tuple[Mount, ...], str | None]:
    """The mount of every script behind one alias, and what could not be enumerated.

    An alias of a directory serves every file in it; a pattern with `$1` is enumerated where the
    capture stands in the file name.
    """
    directory, name = posixpath.split(mount.script)
    captures = CAPTURE.findall(mount.script) if mount.is_pattern else []
    if len(captures) == 1 and CAPTURE.search(name):
        before, _, after = name.partition(captures[0])
        return tuple(_matching(files, mount, directory, before, after))[:MAX_SCRIPTS], None
    if captures:
        return (), f"{mount.script}: the scripts behind a pattern cannot be enumerated"
    if not mount.is_pattern and is_directory(files, mount.script.rstrip("/") or "/"):
        return tuple(_inside(files, mount))[:MAX_SCRIPTS], None
    return (mount,), None


def _matching(
    files: Files, mount: Mount, directory: str, before: str, after: str
) -> Iterator[Mount]:
    for path in _regular(files, directory):
        name = posixpath.basename(path)
        is_long = len(name) > len(before) + len(after)
        if is_long and name.startswith(before) and name.endswith(after):
            yield Mount(mount.url, path, mount.options, mount.where, is_pattern=True)


def _inside(files: Files, mount: Mount) -> Iterator[Mount]:
    for path in _regular(files, mount.script.rstrip("/")):
        url = f"{mount.url.rstrip('/')}/{posixpath.basename(path)}"
        yield Mount(url, path, mount.options, mount.where)


def _regular(files: Files, directory: str) -> Iterator[str]:
    names = files.list(directory)
    for name in () if isinstance(names, Missing) else names:
        if not name.startswith(".") and is_regular(files, f"{directory}/{name}"):
            yield f"{directory}/{name}"


@dataclass(frozen=True, slots=True, eq=False)
class Site:
    """One server with what is said anywhere in it about groups."""

    server: Server
    said: Mapping[str, bool]
    """Directive of GROUP_DIRECTIVES -> one of them stands inside an <If>."""

    levels: Mapping[str, tuple[Level, Level]]
    """The same -> what the main server and this virtual host say of it."""


def site_of(server: Server, main: Site | None = None) -> Site:
    """`main`: the main server, for a virtual host."""
    said = dict(main.said) if main else {}
    for key, is_conditional in _said(server.directives, conditional=False):
        said[key] = said.get(key, False) or is_conditional
    above = main.levels if main else {}
    levels = {
        key: (above.get(key, (NOTHING, NOTHING))[1], level_of(server.directives, key))
        for key in said
    }
    return Site(server, said, levels)


def _said(directives: tuple[Directive, ...], *, conditional: bool) -> Iterator[tuple[str, bool]]:
    for directive in directives:
        if directive.children is not None:
            inside = conditional or directive.key in CONDITIONS
            yield from _said(directive.children, conditional=inside)
        elif directive.key in GROUP_DIRECTIVES:
            yield directive.key, conditional


def process_group_of(mount: Mount, site: Site) -> str | None:
    """Name of the daemon process group; "" embedded mode; None: decided per request."""
    written = _written(mount, site, "process-group", "wsgiprocessgroup")
    return "" if written is None else expanded(written, mount, site.server)


def application_group_of(mount: Mount, site: Site) -> str | None:
    """Name of the interpreter; "" the main one; None: decided per request."""
    if _directive(mount, site, "wsgidispatchscript") is not None:
        return None
    written = _written(mount, site, "application-group", "wsgiapplicationgroup")
    return expanded(written or "%{RESOURCE}", mount, site.server)


def _written(mount: Mount, site: Site, option: str, key: str) -> str | None:
    """The option of the alias, else the directive that httpd's merge order leaves."""
    if option in mount.options:
        return mount.options[option]
    if site.said.get(key):
        return "%{ENV:}"
    found = _directive(mount, site, key)
    return found.args[0] if found and found.args else None


def _directive(mount: Mount, site: Site, key: str) -> Directive | None:
    if key not in site.said:
        return None
    location = None if mount.is_pattern else mount.url
    return merged(site.levels[key], Target(mount.script, location))


def expanded(name: str, mount: Mount, server: Server) -> str | None:
    """%{GLOBAL}, %{RESOURCE} and %{SERVER}; other %{...} are known per request only."""
    if name == "%{GLOBAL}":
        return ""
    if name == "%{SERVER}":
        return str(server)
    if name == "%{RESOURCE}":
        return None if mount.is_pattern else f"{server}|{script_name(mount.url)}"
    return None if name.startswith(("%{HOST}", "%{ENV:")) else name


def script_name(url: str) -> str:
    """SCRIPT_NAME as mod_wsgi uses it in names: lower case, no double slashes, "" for the root."""
    return re.sub("//+", "/", url).rstrip("/").lower()
