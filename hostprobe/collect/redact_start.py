"""What of environments, units, command lines and php.ini may leave the host."""

import shlex
from collections.abc import Iterator
from dataclasses import replace

from hostprobe.collect.redact_config import hide, redact_line
from hostprobe.collect.secret import REDACTED, SECRET, USERINFO
from hostprobe.facts.httpd import EnvironmentFile
from hostprobe.facts.php import PhpIni
from hostprobe.facts.process import HttpdProcess, Processes
from hostprobe.facts.systemd import UnitFile

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

UNIT_KEYS = frozenset(
    {
        "BindPaths",
        "BindReadOnlyPaths",
        "CacheDirectory",
        "DynamicUser",
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
