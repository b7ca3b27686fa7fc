"""What of a fact may leave the host. A kind without a rule here is not shared at all."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from hostprobe.collect.redact_config import redact_config
from hostprobe.collect.redact_source import redact_source
from hostprobe.collect.redact_start import (
    redact_environment,
    redact_php,
    redact_processes,
    redact_unit,
)
from hostprobe.collect.redact_sudoers import redact_sudoers
from hostprobe.facts.access import AccessControlList, SymbolicLink
from hostprobe.facts.apparmor import LoadedProfiles, ModuleSwitch, ProfileText
from hostprobe.facts.apr import AprUtilBuild
from hostprobe.facts.capability import FileCapabilities
from hostprobe.facts.denial import AuditdSettings, DenialLog
from hostprobe.facts.egg import Egg
from hostprobe.facts.elf import Banners, Elf, StackSegment
from hostprobe.facts.error_log import ErrorLog, LogClock
from hostprobe.facts.extension import ExtensionTexts, ModuleDefinitions
from hostprobe.facts.httpd import ConfigFile, EnvironmentFile, HttpdBuild, ModuleStructures
from hostprobe.facts.limits import ArenaHeaps, ProcessLimits, ProcessStatus, ShellLimits
from hostprobe.facts.linker import LinkerCache, PreloadFile
from hostprobe.facts.memory import (
    Beancounters,
    CgroupMembership,
    DiskSpace,
    KernelCounters,
    KernelNumber,
    OnlineProcessors,
    OomLog,
    PooledMemory,
    SocketUse,
)
from hostprobe.facts.mod_wsgi import ModWsgiBuild
from hostprobe.facts.mount import Fstab, MountTable
from hostprobe.facts.package import Owner, PackageVersions
from hostprobe.facts.php import PhpBuild, PhpIni
from hostprobe.facts.process import Processes
from hostprobe.facts.python import PthFile, PythonSource, PyvenvCfg, ScannedSource
from hostprobe.facts.selinux import (
    FileLabel,
    PolicyBooleans,
    ProcessLabel,
    SelinuxBoolean,
    SelinuxMode,
    UsualLabel,
    Verdicts,
)
from hostprobe.facts.sudoers import Sudoers
from hostprobe.facts.systemd import UnitFile
from hostprobe.facts.user import Accounts, ProcessCredentials, UserGroups
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
        DiskSpace,
        Egg,
        Elf,
        ExtensionTexts,
        FileCapabilities,
        FileLabel,
        Fstab,
        HttpdBuild,
        KernelCounters,
        KernelNumber,
        LinkerCache,
        LoadedProfiles,
        LogClock,
        ModWsgiBuild,
        ModuleDefinitions,
        ModuleStructures,
        ModuleSwitch,
        MountTable,
        OnlineProcessors,
        OomLog,
        Owner,
        PackageVersions,
        PhpBuild,
        PolicyBooleans,
        PooledMemory,
        PreloadFile,
        ProcessCredentials,
        ProcessLabel,
        ProcessLimits,
        ProcessStatus,
        ProfileText,
        PthFile,
        PyvenvCfg,
        ScannedSource,
        SelinuxBoolean,
        SelinuxMode,
        ShellLimits,
        SocketUse,
        StackSegment,
        SymbolicLink,
        UserGroups,
        UsualLabel,
        Verdicts,
        ZoneFile,
    }
)
"""Kinds that hold names, numbers and paths only."""


def redact(kind: type, fact: Any, used: frozenset[str] = frozenset()) -> Any:
    """The fact without secrets; None when facts of this kind are not shared.

    `used` are the variables that the shown configuration refers to.
    """
    if kind in SAFE:
        return fact
    rule = RULES.get(kind)
    return rule(fact, used) if rule else None


def redact_denials(log: DenialLog, _used: frozenset[str]) -> DenialLog:
    """A checkpoint holds bytes of the log as they are."""
    return replace(log, checkpoint=None)


def redact_error_log(log: ErrorLog, _used: frozenset[str]) -> ErrorLog:
    """Counts, times, scripts and groups stay; the lines themselves do not leave the host."""
    return replace(log, matches=tuple(replace(one, sample="") for one in log.matches))


RULES: dict[type, Callable[[Any, frozenset[str]], Any]] = {
    ConfigFile: redact_config,
    DenialLog: redact_denials,
    EnvironmentFile: redact_environment,
    ErrorLog: redact_error_log,
    PhpIni: redact_php,
    Processes: redact_processes,
    Sudoers: redact_sudoers,
    PythonSource: lambda source, _used: redact_source(source),
    UnitFile: redact_unit,
}
