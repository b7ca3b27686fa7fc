"""An httpd in memory: directives as text, files, processes that run or not."""

from dataclasses import replace

from hostprobe.facts.httpd import Directive, ModuleLoad, Where
from hostprobe.model.httpd.servers import servers
from hostprobe.model.linkage import Linkage
from hostprobe.model.memory.capacity import Capacities, Capacity
from hostprobe.model.running.processes import Role, Running, RunningProcess
from hostprobe.model.wsgi import process_group
from tests.model.linked_host import CONFIG, HTTPD, PYTHON, instance, thing
from tests.model.memory_files import MemoryFiles
from tests.model.running.builder import process

MB, KB = 1 << 20, 1 << 10
PROCESSORS = {"/sys/devices/system/cpu/online": "0-1"}
LIMITS = """Limit                     Soft Limit           Hard Limit           Units
Max data size             {data}            unlimited            bytes
Max stack size            {stack}              unlimited            bytes
Max processes             {processes}                96364                processes
Max address space         {space}            unlimited            bytes
"""


def directives(text):
    """Simple directives, a line each."""
    pairs = (line.split(" ", 1) for line in text.strip().split("\n") if line)
    return tuple(
        Directive(name, raw, Where(CONFIG, number, number))
        for number, (name, raw) in enumerate(pairs, 1)
    )


def capacity(text="", contents=(), *, mpm="event", group="", environment=None, **changes):
    """`contents` are files of the host; the application runs in the process group `group`."""
    one = instance(**changes)
    load = ModuleLoad("/mods/mpm.so", f"mpm_{mpm}_module", Where(CONFIG, 1, 1))
    start = replace(one.configuration.start, environment=environment or {})
    configuration = replace(
        one.configuration, directives=directives(text), loads=(load,), start=start
    )
    main = servers(configuration)[0]
    groups = tuple(
        process_group(each, main, ("www-data", "www-data"))
        for each in configuration.directives
        if each.key == "wsgidaemonprocess"
    )
    application = replace(one.applications[0], process_group=group)
    one = replace(
        one, configuration=configuration, process_groups=groups, applications=(application,)
    )
    host = {HTTPD: thing(), PYTHON: thing(["Py_Initialize"])}
    return Capacity(Linkage(MemoryFiles(host | PROCESSORS | dict(contents)), one))


def capacities(*arguments, **options):
    return Capacities((capacity(*arguments, **options),))


def running(*members):
    """The parent is process 1; members are (pid, role, group)."""
    parent = RunningProcess(process(1), Role.PARENT)
    rest = (RunningProcess(process(pid, parent=1), role, group) for pid, role, group in members)
    return Running((parent, *rest))


def status(pid, size, threads, data=0, resident=0):
    """/proc/PID/status, sizes in bytes."""
    text = f"VmSize: {size >> 10} kB\nVmRSS: {resident >> 10} kB\nVmData: {data >> 10} kB\n"
    return {f"/proc/{pid}/status": f"{text}Threads: {threads}\n", f"/proc/{pid}/maps": ""}


def limits(pid=1, stack=8 * MB, space="unlimited", data="unlimited", processes="unlimited"):
    """/proc/PID/limits."""
    text = LIMITS.format(stack=stack, space=space, data=data, processes=processes)
    return {f"/proc/{pid}/limits": text}
