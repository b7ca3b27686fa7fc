"""Directives of mod_wsgi that stand where they do nothing, or where they stop httpd or requests.

Where each may stand is the table of mod_wsgi.c (wsgi_commands, and GLOBAL_ONLY in the functions).
"""

import posixpath
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from hostprobe.facts.files import Files, Missing
from hostprobe.facts.httpd import ConfigFile, Configuration, Directive, Where
from hostprobe.facts.words import first_word
from hostprobe.model.httpd.drivers import walk
from hostprobe.model.httpd.merge import Level, Target, is_quick, level_of, merged, searches
from hostprobe.model.httpd.servers import TRANSPARENT, Server, servers
from hostprobe.model.instance import Application, Instance, PythonEnvironment, Topology
from hostprobe.model.pythons import split_path

MAIN_ONLY = frozenset(
    [
        "wsgiverbosedebugging",
        "wsgilazyinitialization",
        "wsgipythonwarnings",
        "wsgipy3kwarningflag",
        "wsgidontwritebytecode",
        "wsgipythonoptimize",
        "wsgipythonhome",
        "wsgipythonpath",
        "wsgipythoneggs",
        "wsgipythonhashseed",
        "wsgidestroyinterpreter",
        "wsgirestrictembedded",
        "wsgirestrictstdin",
        "wsgirestrictstdout",
        "wsgirestrictsignal",
        "wsgicasesensitivity",
        "wsgiservermetrics",
        "wsgisocketprefix",
        "wsgisocketrotation",
        "wsgiacceptmutex",
    ]
)
"""Refused in a virtual host, and everywhere else but in the main server."""

SERVER = MAIN_ONLY | frozenset(
    ["wsgiscriptalias", "wsgiscriptaliasmatch", "wsgidaemonprocess", "wsgiimportscript"]
)
"""Refused in <Directory> and the like."""

NOT_IN_HTACCESS = SERVER | frozenset(
    [
        "wsgirestrictprocess",
        "wsgiprocessgroup",
        "wsgiapplicationgroup",
        "wsgidispatchscript",
        "wsgipassapacherequest",
        "wsgihandlerscript",
    ]
)
DIRECTORY_LIKE = frozenset(
    [
        "<directory",
        "<directorymatch",
        "<files",
        "<filesmatch",
        "<location",
        "<locationmatch",
        "<proxy",
        "<proxymatch",
        "<if",
        "<elseif",
        "<else",
    ]
)
OWN_CONDITIONS = frozenset({"mod_wsgi.c", "wsgi_module"})
NOT_FATAL = frozenset({"nonfatal=all", "nonfatal=override"})
REDIRECTS = frozenset(
    ["p", "proxy", "r", "redirect", "f", "forbidden", "g", "gone", "h", "handler"]
)


@dataclass(frozen=True, slots=True)
class Unheard:
    """WSGIPythonPath, and the applications in daemons that do not have it."""

    directive: Directive
    paths: tuple[str, ...]
    applications: tuple[Application, ...]


@dataclass(frozen=True, slots=True)
class Misplaced:
    """A directive in a section where mod_wsgi refuses it."""

    directive: Directive
    section: Directive


@dataclass(frozen=True, slots=True)
class Forbidden:
    """A directive in a .htaccess file that is read for these applications."""

    name: str
    where: Where
    applications: tuple[Application, ...]


@dataclass(frozen=True, slots=True)
class Unmapped:
    """A RewriteRule that leads to an application and does not pass its result through."""

    directive: Directive
    applications: tuple[Application, ...]


@dataclass(frozen=True, slots=True)
class Misuse:
    """All of that in one httpd."""

    instance: Instance
    unheard: tuple[Unheard, ...]
    misplaced: tuple[Misplaced, ...]
    forbidden: tuple[Forbidden, ...]
    unmapped: tuple[Unmapped, ...]


@dataclass(frozen=True, slots=True)
class Misuses:
    """Of every httpd with a Python inside."""

    all: tuple[Misuse, ...]


def find_misuses(files: Files, topology: Topology) -> Misuses:
    """Look through the configuration, and at the .htaccess files that httpd would read."""
    return Misuses(
        tuple(
            Misuse(
                one,
                tuple(find_unheard(one)),
                tuple(find_misplaced(one.configuration.directives)),
                tuple(find_forbidden(files, one)),
                tuple(find_unmapped(files, one)),
            )
            for one in topology.instances
        )
    )


def find_unheard(instance: Instance) -> Iterator[Unheard]:
    """A daemon has its own python-path; without one it has none (wsgi_python_init)."""
    last = None
    for one in instance.configuration.directives:
        if one.key == "wsgipythonpath" and one.args:
            last = one
    if last is None:
        return
    paths = split_path(last.args[0])
    own = {group.name for group in instance.process_groups if "python-path" in group.options}
    known = {group.name for group in instance.process_groups} - own
    found = tuple(
        one for one in instance.applications if one.process_group in known and lacks(one, paths)
    )
    if found:
        yield Unheard(last, paths, found)


def lacks(application: Application, paths: Sequence[str]) -> bool:
    """One of the directories is not where its interpreter looks by other means."""
    environment = application.environment
    if not isinstance(environment, PythonEnvironment):
        return False
    return not set(paths) <= set(environment.search_path)


def find_misplaced(
    directives: Sequence[Directive], section: Directive | None = None
) -> Iterator[Misplaced]:
    """What stands in the wrong kind of section, in the order of the configuration."""
    refused = MAIN_ONLY if section and section.key == "<virtualhost" else SERVER
    for one in directives:
        key = one.key
        if one.children is None:
            if section and key.startswith("wsgi") and key in refused:
                yield Misplaced(one, section)
        elif key == "<virtualhost" or key in DIRECTORY_LIKE:
            yield from find_misplaced(one.children, one)
        elif key in TRANSPARENT:
            yield from find_misplaced(one.children, section)


def find_forbidden(files: Files, instance: Instance) -> Iterator[Forbidden]:
    """.htaccess files on the way to each script, where AllowOverride makes httpd read them."""
    reach = tuple(read_directories(instance))
    names = access_file_names(instance.configuration)
    applications: dict[str, list[Application]] = {}
    for application, directory in reach:
        applications.setdefault(directory, []).append(application)
    for directory, hit in applications.items():
        for name in names:
            path = posixpath.join(directory, name)
            found = files.read(path, ConfigFile)
            if not isinstance(found, Missing):
                for word, where in refused_lines(found, path):
                    yield Forbidden(word, where, tuple(hit))


def access_file_names(configuration: Configuration) -> tuple[str, ...]:
    """AccessFileName of the main server."""
    found = [one.args for one in configuration.directives if one.key == "accessfilename"]
    return found[-1] if found else (".htaccess",)


def read_directories(instance: Instance) -> Iterator[tuple[Application, str]]:
    """Each application with each directory above its script whose .htaccess files count."""
    if not any(is_overriding(one) for one in walk(instance.configuration.directives)):
        return
    levels = override_levels(servers(instance.configuration))
    for one in instance.applications:
        for directory in directories_above(one.script):
            target = Target(path=directory)
            if any(is_overriding(merged(pair, target)) for pair in levels.get(one.server, ())):
                yield one, directory


def is_overriding(directive: Directive | None) -> bool:
    """Whether AllowOverride lets files in, and an error in them ends the request."""
    if directive is None or directive.key != "allowoverride":
        return False
    words = {word.lower() for word in directive.args}
    return bool(words - {"none"}) and not words & NOT_FATAL


def override_levels(all_servers: Sequence[Server]) -> dict[str, list[tuple[Level, Level]]]:
    """What main server and virtual host say of AllowOverride, for each name of a server."""
    main, *_ = [level_of(one.directives, "allowoverride") for one in all_servers[:1]]
    found: dict[str, list[tuple[Level, Level]]] = {}
    for one in all_servers:
        own = Level() if one.is_main else level_of(one.directives, "allowoverride")
        found.setdefault(str(one), []).append((main, own))
    return found


def directories_above(path: str) -> list[str]:
    """From / down to the directory of the file."""
    parts = posixpath.dirname(path).split("/")[1:]
    return ["/", *("/" + "/".join(parts[: end + 1]) for end in range(len(parts)) if parts[end])]


def refused_lines(file: ConfigFile, path: str) -> Iterator[tuple[str, Where]]:
    """Lines outside of conditions but those that mod_wsgi itself fulfils."""
    conditions: list[bool] = []
    for line in file.lines:
        word, rest = first_word(line.text)
        key = word.lower()
        if key.startswith("<if"):
            conditions.append(rest.rstrip(">").strip() in OWN_CONDITIONS)
        elif key.startswith("</if") and conditions:
            conditions.pop()
        elif key in NOT_IN_HTACCESS and all(conditions):
            yield word, Where(path, line.first, line.last)


def find_unmapped(files: Files, instance: Instance) -> Iterator[Unmapped]:
    """Rules of a server whose result is taken for a file name: no alias is looked at any more."""
    if not any(one.key == "rewriterule" for one in walk(instance.configuration.directives)):
        return
    mounted: dict[str, list[Application]] = {}
    for one in instance.applications:
        mounted.setdefault(one.server, []).append(one)
    for server in servers(instance.configuration):
        here = mounted.get(str(server), [])
        for rule in rules_of(server):
            hit = tuple(one for one in here if leads_to(rule, one.mount))
            if hit and not is_file(files, server, rule):
                yield Unmapped(rule, hit)


def rules_of(server: Server) -> Iterator[Directive]:
    """RewriteRule without [PT] or an end of its own, where the engine is on."""
    said = [one for one in server.directives if one.key == "rewriteengine" and one.args]
    if not said or said[-1].args[0].lower() != "on":
        return
    rules = [one for one in server.directives if one.key == "rewriterule" and len(one.args) >= 2]
    through: list[str] = []
    for rule in reversed(rules):
        flags = flags_of(rule)
        if flags & {"pt", "passthrough"}:
            through.append(rule.args[0])
        elif not flags & REDIRECTS:
            ends = flags & {"l", "last", "end"}
            if ends or not any(may_match(pattern, rule.args[1]) for pattern in through):
                yield rule


def may_match(pattern: str, target: str) -> bool:
    """A rule further down takes the result, or cannot be tried; variables count as nothing."""
    is_plain = is_quick(pattern) and not pattern.startswith("!")
    return not is_plain or searches(pattern, re.sub(r"[$%](\d|\{[^}]*\})", "", target))


def flags_of(rule: Directive) -> set[str]:
    """Names of the flags, lower case, without their values."""
    text = rule.args[2].strip("[]") if len(rule.args) > 2 else ""
    return {flag.strip().partition("=")[0].lower() for flag in text.split(",")}


def leads_to(rule: Directive, mount: str) -> bool:
    """The substitution begins with the mount point of an application, by itself a path."""
    target, mount = rule.args[1], mount.rstrip("/")
    rest = target[len(mount) :]
    return len(mount) > 1 and target.startswith(mount) and rest[:1] in {"", "/", "$", "?"}


def is_file(files: Files, server: Server, rule: Directive) -> bool:
    """Something of that name lies in the file system or below DocumentRoot: it may be meant."""
    first = "/" + rule.args[1].lstrip("/").partition("/")[0].partition("$")[0].partition("?")[0]
    both = (*server.inherited, *server.directives)
    roots = [one.args[0] for one in both if one.key == "documentroot" and one.args]
    places = [first, *(posixpath.join(root, first[1:]) for root in roots[-1:])]
    return any(not isinstance(files.stat(place), Missing) for place in places)
