"""What of a fact may leave the host. A kind without a rule here is not shared at all."""

import re
import shlex
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from typing import Any

from hostprobe.collect.redact_source import redact_source
from hostprobe.collect.secret import REDACTED, SECRET, USERINFO
from hostprobe.facts.access import AccessControlList, SymbolicLink
from hostprobe.facts.apparmor import LoadedProfiles, ModuleSwitch
from hostprobe.facts.apr import AprUtilBuild
from hostprobe.facts.capability import FileCapabilities
from hostprobe.facts.denial import AuditdSettings, DenialLog
from hostprobe.facts.elf import Banners, Elf, StackSegment
from hostprobe.facts.error_log import ErrorLog
from hostprobe.facts.extension import ExtensionTexts, ModuleDefinitions
from hostprobe.facts.httpd import ConfigFile, EnvironmentFile, HttpdBuild, ModuleStructures
from hostprobe.facts.limits import ArenaHeaps, ProcessLimits, ProcessStatus, ShellLimits
from hostprobe.facts.linker import LinkerCache, PreloadFile
from hostprobe.facts.memory import (
    Beancounters,
    CgroupMembership,
    KernelCounters,
    KernelNumber,
    OnlineProcessors,
    PooledMemory,
)
from hostprobe.facts.mod_wsgi import ModWsgiBuild
from hostprobe.facts.mount import Fstab, MountTable
from hostprobe.facts.package import Owner, PackageVersions
from hostprobe.facts.php import PhpBuild, PhpIni
from hostprobe.facts.process import HttpdProcess, Processes
from hostprobe.facts.python import PthFile, PythonSource, PyvenvCfg, ScannedSource
from hostprobe.facts.request import Request
from hostprobe.facts.selinux import (
    FileLabel,
    PolicyBooleans,
    ProcessLabel,
    SelinuxBoolean,
    SelinuxMode,
    UsualLabel,
    Verdicts,
)
from hostprobe.facts.sudoers import Alias, CommandRule, Defaults, Member, Rule, Statement, Sudoers
from hostprobe.facts.systemd import UnitFile
from hostprobe.facts.user import Accounts, UserGroups
from hostprobe.facts.zone import ZoneFile

SAFE: frozenset[type] = frozenset(
    {
        AccessControlList,
        Accounts,
        AprUtilBuild,
        ArenaHeaps,
        AuditdSettings,
        Banners,
        Beancounters,
        CgroupMembership,
        Elf,
        ExtensionTexts,
        FileCapabilities,
        FileLabel,
        Fstab,
        HttpdBuild,
        KernelCounters,
        KernelNumber,
        LinkerCache,
        ModWsgiBuild,
        LoadedProfiles,
        ModuleDefinitions,
        ModuleStructures,
        ModuleSwitch,
        MountTable,
        OnlineProcessors,
        Owner,
        PackageVersions,
        PhpBuild,
        PolicyBooleans,
        PooledMemory,
        PreloadFile,
        ProcessLabel,
        ProcessLimits,
        ProcessStatus,
        PthFile,
        PyvenvCfg,
        ScannedSource,
        SelinuxBoolean,
        SelinuxMode,
        ShellLimits,
        StackSegment,
        SymbolicLink,
        UserGroups,
        UsualLabel,
        Verdicts,
        ZoneFile,
    }
)
"""Kinds that hold names, numbers and paths only."""

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
        "scriptalias",
        "scriptaliasmatch",
        "rewriteengine",
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

PHP_KEYS = frozenset({"extension", "zend_extension", "extension_dir", "zend_extension_ts"})

VARIABLES = frozenset(
    {
        "GLIBC_TUNABLES",
        "HOME",
        "HTTPD",
        "LANG",
        "MALLOC_ARENA_MAX",
        "OPTIONS",
        "PATH",
        "PERL_DL_NONLAZY",
        "PYTHONHOME",
        "PYTHONPATH",
        "SUFFIX",
        "TZ",
    }
)
SUDO_SETTINGS = frozenset({"env_check", "env_delete", "env_keep", "runas_default"})
UNIT_KEYS = frozenset(
    {
        "BindPaths",
        "BindReadOnlyPaths",
        "CacheDirectory",
        "EnvironmentFile",
        "ExecPaths",
        "ExecStart",
        "Group",
        "InaccessiblePaths",
        "LimitAS",
        "LimitDATA",
        "LimitNPROC",
        "LimitSTACK",
        "LogsDirectory",
        "MemoryDenyWriteExecute",
        "MemoryHigh",
        "MemoryMax",
        "NoExecPaths",
        "PrivateDevices",
        "PrivateTmp",
        "ProtectHome",
        "ProtectSystem",
        "ReadOnlyPaths",
        "ReadWritePaths",
        "RestrictAddressFamilies",
        "RootDirectory",
        "RuntimeDirectory",
        "StateDirectory",
        "TasksMax",
        "TemporaryFileSystem",
        "Type",
        "User",
        "WorkingDirectory",
    }
)
PREFIXES = ("APACHE_", "LC_", "LD_")

USE = re.compile(r"\$\{([^}:]+)(?::[^}]*)?\}")
WORDS = re.compile(r"(<?)\s*([^\s>]+)\s*(.*?)(>?)\s*$", re.DOTALL)


def redact(kind: type, fact: Any, used: frozenset[str] = frozenset()) -> Any:
    """The fact without secrets; None when facts of this kind are not shared.

    `used` are the variables that the shown configuration refers to.
    """
    if kind in SAFE:
        return fact
    rule = RULES.get(kind)
    return rule(fact, used) if rule else None


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


def redact_environment(file: EnvironmentFile, used: frozenset[str]) -> EnvironmentFile:
    """Values of the named variables and of those the configuration uses stay."""
    kept = tuple(
        (name, shown_value(name, value, used), exported)
        for name, value, exported in file.assignments
    )
    unread = tuple((line, hide(text)) for line, text in file.unread)
    return replace(file, assignments=kept, unread=unread)


def shown_value(name: str, value: str, used: frozenset[str]) -> str:
    """The value of an environment variable, or that it is hidden."""
    is_known = name in VARIABLES or name.startswith(PREFIXES) or name in used
    if not is_known or SECRET.search(name):
        return hide(value)
    return USERINFO.sub(rf"\1{REDACTED}@", value)


def redact_php(ini: PhpIni, _used: frozenset[str]) -> PhpIni:
    """Only what loads extensions keeps its value."""
    return PhpIni(
        tuple(
            (key, value if key.lower() in PHP_KEYS else hide(value), line)
            for key, value, line in ini.entries
        )
    )


def redact_unit(unit: UnitFile, used: frozenset[str]) -> UnitFile:
    """What starts httpd stays; Environment= as an environment file."""
    return UnitFile(tuple((key, unit_value(key, value, used)) for key, value in unit.settings))


def unit_value(key: str, value: str, used: frozenset[str]) -> str:
    """The value of one setting."""
    if key == "Environment":
        return shown_assignments(value, used)
    return USERINFO.sub(rf"\1{REDACTED}@", value) if key in UNIT_KEYS else hide(value)


def shown_assignments(text: str, used: frozenset[str]) -> str:
    """Words NAME=value."""
    try:
        words = shlex.split(text)
    except ValueError:
        return hide(text)
    pairs = (word.partition("=") for word in words)
    return shlex.join(f"{name}{eq}{shown_value(name, value, used)}" for name, eq, value in pairs)


def redact_processes(found: Processes, used: frozenset[str]) -> Processes:
    """Command lines and environments as configuration lines and environment files are."""
    return replace(found, all=tuple(redact_process(one, used) for one in found.all))


def redact_process(one: HttpdProcess, used: frozenset[str]) -> HttpdProcess:
    """A variable that is not shown is not even named."""
    shown = {
        name: shown_value(name, value, used) for name, value in (one.environment or {}).items()
    }
    kept = {name: value for name, value in shown.items() if not value.startswith(REDACTED)}
    return replace(
        one,
        command=tuple(redact_command(one.command)),
        environment=None if one.environment is None else kept,
    )


def redact_command(words: tuple[str, ...]) -> Iterator[str]:
    """The directives of -C and -c, joined to the option or behind it (httpd(8))."""
    is_directive = False
    for word in words:
        if is_directive:
            yield redact_line(word)
        elif word.startswith(("-C", "-c")) and len(word) > 2:
            yield word[:2] + redact_line(word[2:])
        else:
            yield word
        is_directive = word in {"-C", "-c"} and not is_directive


def redact_denials(log: DenialLog, _used: frozenset[str]) -> DenialLog:
    """A checkpoint holds bytes of the log as they are."""
    return replace(log, checkpoint=None)


def redact_error_log(log: ErrorLog, _used: frozenset[str]) -> ErrorLog:
    """Counts, times, scripts and groups stay; the lines themselves do not leave the host."""
    return replace(log, matches=tuple(replace(one, sample="") for one in log.matches))


def redact_sudoers(file: Sudoers, _used: frozenset[str]) -> Sudoers:
    """Of commands the arguments are left out but for httpd's, of settings what is not asked for."""
    unread = tuple((line, REDACTED) for line, _ in file.unread)
    return Sudoers(tuple(map(shown_statement, file.statements)), unread)


def shown_statement(one: Statement) -> Statement:
    """One statement of sudoers."""
    match one:
        case Defaults():
            kept = tuple(
                each if each.name in SUDO_SETTINGS else each._replace(value=hide(each.value))
                for each in one.settings
            )
            return replace(one, settings=kept)
        case Alias(kind="Cmnd_Alias"):
            return replace(one, members=tuple(map(shown_command, one.members)))
        case Rule():
            return replace(one, commands=tuple(map(shown_rule, one.commands)))
    return one


def shown_rule(one: CommandRule) -> CommandRule:
    """Who may run it stays."""
    return one._replace(command=shown_command(one.command))


def shown_command(one: Member) -> Member:
    """The program; its arguments where it starts httpd."""
    program, _, arguments = one.text.partition(" ")
    if not arguments or re.search("apache|httpd", program):
        return one
    return one._replace(text=f"{program} {REDACTED}")


RULES: dict[type, Callable[[Any, frozenset[str]], Any]] = {
    DenialLog: redact_denials,
    ConfigFile: redact_config,
    EnvironmentFile: redact_environment,
    ErrorLog: redact_error_log,
    PhpIni: redact_php,
    Processes: redact_processes,
    Sudoers: redact_sudoers,
    PythonSource: lambda source, _used: redact_source(source),
    UnitFile: redact_unit,
}
