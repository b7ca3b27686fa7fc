"""Which parser makes which kind of fact, and how large a file of that kind may be."""

from collections.abc import Callable
from typing import Any

from hostprobe.facts.apparmor import LoadedProfiles, ModuleSwitch, ProfileText
from hostprobe.facts.apr import AprUtilBuild
from hostprobe.facts.denial import AuditdSettings
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
    KernelCounters,
    KernelNumber,
    OnlineProcessors,
    PooledMemory,
    SocketUse,
)
from hostprobe.facts.mod_wsgi import ModWsgiBuild
from hostprobe.facts.mount import Fstab, MountTable
from hostprobe.facts.package import PackageVersions
from hostprobe.facts.php import PhpBuild, PhpIni
from hostprobe.facts.python import PthFile, PythonSource, PyvenvCfg, ScannedSource
from hostprobe.facts.selinux import ProcessLabel, SelinuxBoolean, SelinuxMode
from hostprobe.facts.sudoers import Sudoers
from hostprobe.facts.systemd import UnitFile
from hostprobe.facts.user import Accounts, ProcessCredentials, UserGroups
from hostprobe.facts.zone import ZoneFile
from hostprobe.parse.apparmor_profile import parse_profile_text
from hostprobe.parse.apparmor_state import parse_loaded_profiles, parse_module_switch
from hostprobe.parse.apr_util import parse_apr_util
from hostprobe.parse.audit.settings import parse_auditd_settings
from hostprobe.parse.banners import parse_banners
from hostprobe.parse.egg import parse_egg
from hostprobe.parse.elf import parse_elf
from hostprobe.parse.elf.stack import parse_stack_segment
from hostprobe.parse.environment_file import parse_environment_file
from hostprobe.parse.error_log import parse_error_log
from hostprobe.parse.extension import parse_extension_texts, parse_module_definitions
from hostprobe.parse.httpd_binary import parse_httpd_build, parse_module_structures
from hostprobe.parse.httpd_config import parse_httpd_config
from hostprobe.parse.import_scanner import scan_imports
from hostprobe.parse.kernel import (
    parse_beancounters,
    parse_cgroup_membership,
    parse_kernel_counters,
    parse_kernel_number,
    parse_online_processors,
    parse_pooled_memory,
    parse_socket_use,
)
from hostprobe.parse.limits import (
    parse_arena_heaps,
    parse_process_limits,
    parse_process_status,
    parse_shell_limits,
)
from hostprobe.parse.linker import parse_ld_so_cache, parse_ld_so_preload
from hostprobe.parse.log_clock import parse_log_clock
from hostprobe.parse.mod_wsgi import parse_mod_wsgi
from hostprobe.parse.mounts import parse_fstab, parse_mountinfo
from hostprobe.parse.package import parse_dpkg_status
from hostprobe.parse.php_build import parse_php_build
from hostprobe.parse.php_ini import parse_php_ini
from hostprobe.parse.python_environment import parse_pth, parse_pyvenv_cfg
from hostprobe.parse.python_source import parse_python_source
from hostprobe.parse.selinux import (
    parse_process_label,
    parse_selinux_boolean,
    parse_selinux_mode,
)
from hostprobe.parse.sudoers import parse_sudoers
from hostprobe.parse.systemd_unit import parse_unit
from hostprobe.parse.user import parse_group, parse_passwd, parse_process_credentials
from hostprobe.parse.zone import parse_zone

PARSERS: dict[type, Callable[[bytes], Any]] = {
    Accounts: parse_passwd,
    AprUtilBuild: parse_apr_util,
    AuditdSettings: parse_auditd_settings,
    Banners: parse_banners,
    ConfigFile: parse_httpd_config,
    EnvironmentFile: parse_environment_file,
    ErrorLog: parse_error_log,
    LogClock: parse_log_clock,
    ExtensionTexts: parse_extension_texts,
    Fstab: parse_fstab,
    HttpdBuild: parse_httpd_build,
    ModuleDefinitions: parse_module_definitions,
    ModuleStructures: parse_module_structures,
    ModWsgiBuild: parse_mod_wsgi,
    MountTable: parse_mountinfo,
    UnitFile: parse_unit,
    UserGroups: parse_group,
    Egg: parse_egg,
    Elf: parse_elf,
    LinkerCache: parse_ld_so_cache,
    PackageVersions: parse_dpkg_status,
    PreloadFile: parse_ld_so_preload,
    PhpBuild: parse_php_build,
    PhpIni: parse_php_ini,
    PthFile: parse_pth,
    PythonSource: parse_python_source,
    LoadedProfiles: parse_loaded_profiles,
    ModuleSwitch: parse_module_switch,
    ProcessLabel: parse_process_label,
    ProfileText: parse_profile_text,
    PyvenvCfg: parse_pyvenv_cfg,
    SelinuxBoolean: parse_selinux_boolean,
    ScannedSource: scan_imports,
    ZoneFile: parse_zone,
    SelinuxMode: parse_selinux_mode,
    Sudoers: parse_sudoers,
    ArenaHeaps: parse_arena_heaps,
    Beancounters: parse_beancounters,
    CgroupMembership: parse_cgroup_membership,
    KernelCounters: parse_kernel_counters,
    KernelNumber: parse_kernel_number,
    OnlineProcessors: parse_online_processors,
    PooledMemory: parse_pooled_memory,
    ProcessCredentials: parse_process_credentials,
    ProcessLimits: parse_process_limits,
    ProcessStatus: parse_process_status,
    ShellLimits: parse_shell_limits,
    SocketUse: parse_socket_use,
    StackSegment: parse_stack_segment,
}
"""Fact type -> its parser; a parser returns the fact or raises ParseError."""

DEFAULT_CAP = 16 << 20

CAPS: dict[type, int] = {
    EnvironmentFile: 1 << 20,
    Fstab: 1 << 20,
    ExtensionTexts: 128 << 20,
    HttpdBuild: 256 << 20,
    ModuleDefinitions: 128 << 20,
    ModuleStructures: 256 << 20,
    ModWsgiBuild: 256 << 20,
    UnitFile: 1 << 20,
    PhpIni: 1 << 20,
    PreloadFile: 1 << 20,
    PthFile: 1 << 20,
    PyvenvCfg: 1 << 20,
    AuditdSettings: 1 << 20,
    ModuleSwitch: 1 << 16,
    ProcessLabel: 1 << 16,
    ProfileText: 1 << 20,
    SelinuxBoolean: 1 << 16,
    SelinuxMode: 1 << 20,
    Sudoers: 512 << 10,
    ScannedSource: 4 << 20,
    ZoneFile: 1 << 20,
    Banners: 128 << 20,
    Elf: 2 << 30,
    PhpBuild: 256 << 20,
    PackageVersions: 64 << 20,
    Beancounters: 1 << 20,
    CgroupMembership: 1 << 16,
    KernelCounters: 1 << 20,
    KernelNumber: 1 << 12,
    OnlineProcessors: 1 << 16,
    PooledMemory: 1 << 16,
    ProcessLimits: 1 << 16,
    ProcessStatus: 1 << 16,
    ShellLimits: 1 << 20,
    SocketUse: 1 << 16,
}
"""Fact type -> largest file in bytes; everything else has DEFAULT_CAP."""
