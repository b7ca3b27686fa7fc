"""What httpd's parent process opens and closes (mod_so.c, APR's dso/unix/dso.c, server/main.c).

The configuration is read twice at start, the modules are unloaded in between; each restart unloads
and reads once more. Libraries that survive an unloading stand before all modules afterwards.
"""

from collections.abc import Mapping

from hostprobe.facts.httpd import Configuration, ModuleLoad
from hostprobe.facts.plan import Close, Open, OpenFlags, Plan

VARIABLES = frozenset(
    {"LD_PRELOAD", "LD_LIBRARY_PATH", "LD_BIND_NOW", "GLIBC_TUNABLES", "PERL_DL_NONLAZY"}
)


def httpd_plan(
    configuration: Configuration, late: tuple[Open, ...] = (), restarts: int = 0
) -> Plan:
    """Both readings of the configuration, `late` opens after the last one, then `restarts`.

    Every LoadModule and LoadFile is opened `RTLD_NOW | RTLD_GLOBAL`; a restart closes the late
    opens first, everything in reverse.
    """
    environment = configuration.start.environment or {}
    opens = tuple(module_open(load, environment) for load in configuration.loads)
    running = opens + late
    operations = opens + closes(opens) + running
    operations += (closes(running) + running) * max(restarts, 0)
    kept = {name: value for name, value in environment.items() if name in VARIABLES}
    return Plan(configuration.start.binary, operations, kept)


def module_open(load: ModuleLoad, environment: Mapping[str, str]) -> Open:
    """apr_dso_load of one LoadModule or LoadFile.

    APR_DEEPBIND is known to the APR of Fedora and RHEL only.
    """
    flags, guess = OpenFlags.NOW | OpenFlags.GLOBAL, ""
    if "APR_DEEPBIND" in environment:
        flags |= OpenFlags.DEEPBIND
        guess = "APR_DEEPBIND is set; only the APR of Fedora and RHEL looks at it"
    return Open(load.path, flags, by="apr", guess=guess, where=str(load.where))


def closes(opens: tuple[Open, ...]) -> tuple[Open | Close, ...]:
    """Pool cleanups run in reverse."""
    return tuple(Close(one.path) for one in reversed(opens))
