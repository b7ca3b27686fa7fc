"""What httpd's parent process opens and closes (mod_so.c, APR's dso/unix/dso.c, server/main.c).

The configuration is read twice at start, the modules are unloaded in between; each restart unloads
and reads once more. Libraries that survive an unloading, and drivers of apr-util, stand before all
modules afterwards.
"""

from collections.abc import Mapping

from hostprobe.facts.httpd import Configuration, ModuleLoad
from hostprobe.facts.plan import Close, Open, OpenFlags, Plan

APR = "libapr-1.so.0"
VARIABLES = frozenset(
    {"LD_PRELOAD", "LD_LIBRARY_PATH", "LD_BIND_NOW", "GLIBC_TUNABLES", "PERL_DL_NONLAZY"}
)


def httpd_plan(
    configuration: Configuration,
    late: tuple[Open, ...] = (),
    restarts: int = 0,
    drivers: tuple[Open, ...] = (),
) -> Plan:
    """Both readings of the configuration, `late` opens after the last one, then `restarts`.

    Every LoadModule and LoadFile is opened `RTLD_NOW | RTLD_GLOBAL`, `drivers` in the first
    reading only. A restart closes the late opens first, everything in reverse, but nothing that
    is kept; drivers of apr-util are then not opened again.
    """
    environment = configuration.start.environment or {}
    opens = tuple(module_open(load, environment) for load in configuration.loads)
    again = opens + tuple(one for one in late if one.by != "apr-util")
    operations = opens + drivers + closes(opens) + opens + late
    operations += (closes(again) + again) * max(restarts, 0)
    kept = {name: value for name, value in environment.items() if name in VARIABLES}
    return Plan(configuration.start.binary, operations, kept)


def module_open(load: ModuleLoad, environment: Mapping[str, str]) -> Open:
    """apr_dso_load of one LoadModule or LoadFile.

    A name without a slash that is not below ServerRoot is searched for (dso_load of mod_so.c), by
    the paths of who calls dlopen: libapr.
    """
    flags, guess = apr_flags(environment)
    caller = None if "/" in load.path else APR
    return Open(load.path, flags, caller, by="apr", guess=guess, where=str(load.where))


def apr_flags(environment: Mapping[str, str]) -> tuple[OpenFlags, str]:
    """How apr_dso_load opens, and what is not certain about it.

    APR_DEEPBIND is known to the APR of Fedora and RHEL only.
    """
    flags = OpenFlags.NOW | OpenFlags.GLOBAL
    if "APR_DEEPBIND" not in environment:
        return flags, ""
    guess = "APR_DEEPBIND is set; only the APR of Fedora and RHEL looks at it"
    return flags | OpenFlags.DEEPBIND, guess


def closes(opens: tuple[Open, ...]) -> tuple[Open | Close, ...]:
    """Pool cleanups run in reverse; what is kept has none."""
    return tuple(Close(one.path) for one in reversed(opens) if not one.is_kept)
