"""What of a configuration may leave the host: the arguments of directives that hostprobe uses."""

import re
from collections.abc import Iterable
from dataclasses import replace

from hostprobe.collect.secret import REDACTED, SECRET, USERINFO
from hostprobe.facts.httpd import ConfigFile
from hostprobe.facts.request import Request

SECTIONS = frozenset(
    {
        "directory",
        "directorymatch",
        "files",
        "filesmatch",
        "ifdefine",
        "ifdirective",
        "iffile",
        "ifmodule",
        "ifsection",
        "ifversion",
        "limit",
        "limitexcept",
        "location",
        "locationmatch",
        "macro",
        "proxy",
        "proxymatch",
        "virtualhost",
    }
)

DIRECTIVES = frozenset(
    {
        "accessfilename",
        "action",
        "addhandler",
        "alias",
        "aliasmatch",
        "allowoverride",
        "allowoverridelist",
        "authncacheenable",
        "authncachesocache",
        "cachesocache",
        "dbdriver",
        "define",
        "documentroot",
        "error",
        "errorlog",
        "errorlogformat",
        "group",
        "include",
        "includeoptional",
        "listen",
        "loadfile",
        "loadmodule",
        "maxclients",
        "maxconnectionsperchild",
        "maxrequestworkers",
        "mutex",
        "phpinidir",
        "pidfile",
        "protocol",
        "rewriteengine",
        "scriptalias",
        "scriptaliasmatch",
        "serveralias",
        "serverlimit",
        "servername",
        "serverroot",
        "sessioncryptodriver",
        "sethandler",
        "sslsessioncache",
        "sslstaplingcache",
        "startservers",
        "threadlimit",
        "threadsperchild",
        "threadstacksize",
        "undefine",
        "undefmacro",
        "use",
        "usecanonicalname",
        "usecanonicalphysicalport",
        "user",
    }
)
"""Directives whose arguments hostprobe uses; WSGI... belongs to them too."""

USE = re.compile(r"\$\{([^}:]+)(?::[^}]*)?\}")

WORDS = re.compile(r"(<?)\s*([^\s>]+)\s*(.*?)(>?)\s*$", re.DOTALL)


def redact_request(request: Request) -> Request:
    """Directives given on the command line are configuration lines too."""
    lines = (tuple(redact_line(line) for line in part) for part in (request.before, request.after))
    before, after = lines
    return replace(request, before=before, after=after)


def redact_line(line: str) -> str:
    """A configuration line: the arguments of a directive hostprobe does not use are left out.

    `${X}` stays, so that an undefined variable is still reported.
    """
    match = WORDS.match(line)
    if match is None:
        return ""
    opening, name, rest, closing = match.groups()
    known = name.lower() in (SECTIONS if opening else DIRECTIVES) or is_plain(name)
    kept = redact_arguments(name, rest) if known else hide(rest)
    return f"{opening}{name}{' ' if kept else ''}{kept}{closing if opening else ''}"


def is_plain(name: str) -> bool:
    """WSGI directives and closing tags."""
    return name.lower().startswith("wsgi") or name.startswith("/")


def redact_arguments(name: str, rest: str) -> str:
    """Known arguments: URL credentials and the value of a secret-like Define are left out."""
    words = rest.split(None, 1)
    if name.lower() == "define" and len(words) == 2 and SECRET.search(words[0]):
        return f"{words[0]} {hide(words[1])}"
    return USERINFO.sub(rf"\1{REDACTED}@", rest)


def hide(text: str) -> str:
    """Nothing of the text but the variables it uses."""
    return " ".join([REDACTED, *(match[0] for match in USE.finditer(text))]) if text else ""


def used_variables(files: Iterable[ConfigFile]) -> frozenset[str]:
    """Names in ${} of every line that is shown with its arguments."""
    lines = (redact_line(line.text) for file in files for line in file.lines)
    return frozenset(name for line in lines for name in USE.findall(line))


def redact_config(file: ConfigFile, _used: frozenset[str]) -> ConfigFile:
    """Line numbers stay."""
    return ConfigFile(tuple(line._replace(text=redact_line(line.text)) for line in file.lines))
