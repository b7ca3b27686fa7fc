"""A real httpd under LD_DEBUG, and the operations that its loader did."""

from collections import deque
from dataclasses import replace

from hostprobe.collect.files import LiveFiles
from hostprobe.facts.httpd import HttpdBuild
from hostprobe.facts.plan import Close, Open, OpenFlags, Plan
from hostprobe.model.bindings import extension_open
from hostprobe.model.httpd.evaluate import evaluate
from hostprobe.model.httpd.start import find_starts
from hostprobe.model.linkage import Linkage
from hostprobe.model.loader.process import simulate
from hostprobe.model.topology import build_topology
from tests.oracle.compare import assert_same_bindings, predicted_history, recorded_history
from tests.oracle.ld_debug import ENVIRONMENT, file_name, read
from tests.real.httpd import Httpd

BINARY = "/usr/sbin/apache2"
APR = OpenFlags.NOW | OpenFlags.GLOBAL
CALLERS = (
    ("libphp", "php", OpenFlags.LAZY | OpenFlags.GLOBAL | OpenFlags.DEEPBIND),
    ("libperl", "perl", OpenFlags.LAZY),
    ("libpython", "python", OpenFlags.NOW),
    ("libc.so", "libc", OpenFlags.NOW),
    ("libapr", "apr", APR),
)
"""Part of the caller's file name -> who that is and how it opens."""

FOREIGN = ("libnss_", "/auto/")
"""The name service and Perl's modules: hostprobe does not follow these."""


def record_httpd(modules, imports, *, requests=1, **options):
    """Start httpd, import in an embedded application, and return (module paths, its record).

    The record is read while httpd runs: at its end it unloads its modules.
    """
    with importing_httpd(modules, imports, **options) as httpd:
        return paths_of(httpd), record_of(httpd, requests)


def importing_httpd(modules, imports, **options):
    """An httpd under LD_DEBUG whose application /app imports these; not yet started."""
    names = "\n".join(f"import {name}" for name in imports)
    source = (
        f"{names}\n"
        "def application(environ, start_response):\n"
        "    start_response('200 OK', [('Content-Type', 'text/plain')])\n"
        "    return [b'imported']\n"
    )
    httpd = Httpd(modules, scripts={"app": source}, **options)
    httpd.environment |= {**ENVIRONMENT, "LD_DEBUG_OUTPUT": str(log_of(httpd))}
    return httpd


def log_of(httpd):
    return httpd.root / "ld_debug"


def record_of(httpd, requests=1):
    """The record of a running httpd once it has imported."""
    for _ in range(requests):
        assert httpd.get("/app") == (200, "imported"), httpd.error_log
    return read(log_of(httpd), httpd.pid, str(httpd.binary))


def paths_of(httpd):
    lines = [line.split() for line in httpd.config.read_text().splitlines()]
    return [words[-1] for words in lines if words and words[0] in {"LoadModule", "LoadFile"}]


def operations_of(paths, record):
    """Two readings of the configuration; what else was opened comes from the record.

    glibc logs no dlclose that succeeds: what opened in the first reading (mod_perl's XS
    modules) is taken to be closed in the same order, before the modules in the reverse of theirs.
    What libc itself opened (NSS) stays.
    """
    opened = [name for step, name in record.history if step == "open"]
    second = opened.index(paths[0], 1)
    first, rest = opened[:second], opened[second:]
    for names in (first, rest):
        assert [name for name in names if name in paths] == paths
    others = [
        name
        for name in first
        if name not in paths and "libc.so" not in record.callers.get(name, "")
    ]
    closes = [Close(name) for name in (*others, *reversed(paths))]
    return (*open_all(first, record), *closes, *open_all(rest, record))


def open_all(names, record):
    """Each dlopen, with the flags of who does it; ctypes opens the program itself."""
    for name in names:
        caller = record.callers.get(name, "")
        found = [row for row in CALLERS if row[0] in caller]
        assert found or name == BINARY, f"nobody known opens {name}"
        if name == BINARY:
            yield Open("", OpenFlags.NOW)
        else:
            _, who, flags = found[0]
            yield Open(name, flags, None if who == "apr" else caller, who)


def compare_httpd(plan, record):
    """Simulate the plan and compare bindings and history with the record; returns the process."""
    process = simulate(LiveFiles(), plan)
    assert not process.failures, process.failures
    assert_same_bindings(process, record)
    assert predicted_history(process) == recorded_history(record)
    return process


def plan_of(paths, record, environment=None):
    return Plan(BINARY, operations_of(paths, record), environment or {})


def linkage_of(httpd):
    """What hostprobe makes of the configuration of a test's httpd."""
    files = LiveFiles()
    (start,) = find_starts(files, str(httpd.config))
    start = replace(start, environment=dict(httpd.environment))
    build = files.read(start.binary, HttpdBuild)
    configuration = evaluate(files, start, build)
    assert [one for one in configuration.problems if one.fatal] == []
    (instance,) = build_topology(files, (configuration,), (build,)).instances
    return Linkage(files, instance)


def plan_with_imports(linkage, restarts=0):
    """What the parent opens, then what its one application imports."""
    plan = linkage.plan_after(restarts)
    (application,) = linkage.instance.applications
    caller = linkage.instance.libpython
    imports = tuple(extension_open(each, caller) for each in application.reachable)
    return replace(plan, operations=plan.operations + imports)


def with_foreign(plan, record, foreign=FOREIGN):
    """The plan with what the record has besides, at its place; only such names may be besides.

    glibc logs no dlclose that succeeds: foreign opens of a reading count as closed before the
    modules are, but those of libc itself as kept.
    """
    ours = {one.path for one in plan.operations if isinstance(one, Open)}
    names = (name for step, name in record.history if step == "open" and name != plan.main)
    opened = deque(file_name(name) if file_name(name) in ours else name for name in names)
    operations, waiting = [], []
    for each in plan.operations:
        while opened and opened[0] not in ours:
            name = opened.popleft()
            assert any(part in name for part in foreign), f"httpd opens {name}, not planned"
            operations += open_all([name], record)
            waiting += [] if "libnss_" in name else [Close(name)]
        if isinstance(each, Open):
            then = opened.popleft() if opened else "nothing"
            assert then == each.path, f"httpd opens {then} before the planned {each.path}"
        else:
            operations += waiting
            waiting = []
        operations.append(each)
    operations += open_all(opened, record)
    return replace(plan, operations=tuple(operations))
