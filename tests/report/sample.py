"""One report with everything in it, and a host that tries to fool its reader."""

from dataclasses import replace
from datetime import date

from hostprobe.check import Certainty, Finding, Severity, check
from hostprobe.engine import Outcome, Report, Result
from hostprobe.facts.files import Missing
from hostprobe.facts.host import HostIdentity
from hostprobe.facts.httpd import Configuration, HttpdBuild, HttpdStart, ModuleLoad, Problem, Where
from hostprobe.facts.plan import Open, OpenFlags
from hostprobe.facts.process import HttpdProcess
from hostprobe.facts.python import PyvenvCfg
from hostprobe.facts.settings import Waiver
from hostprobe.model.instance import (
    Application,
    Extension,
    Instance,
    ProcessGroup,
    PythonEnvironment,
)
from hostprobe.model.memory.figures import Figure
from hostprobe.model.running.processes import Role, Running, RunningProcess
from hostprobe.waiving import standings, waived

HOSTILE = "a\nb\x1b[31m\udcff\"'<b>[red]\u202egpj\u200b\x9b2J\\"
"""Line break, escape sequence, not UTF-8, quotes, markup, direction override, invisible, C1."""

WHERE = Where("/etc/apache2/sites-enabled/shop.conf", 3, 4, ("/etc/apache2/apache2.conf:225",))
READLINE = Extension("readline", "/usr/lib/python3.11/lib-dynload/readline.so", is_stdlib=True)


@check(Severity.critical, ("https://example.org/symbols",))
def symbol_interposed():
    """Another library takes over symbols of a Python extension.

    Why it matters
    --------------
    The extension runs with foreign code. This paragraph is long enough to be wrapped when it is
    shown on a terminal of ordinary width.

    Example
    -------
    On Debian 12:

        import readline
        readline.get_current_history_length()
    """
    yield from ()


def environment():
    return PythonEnvironment(
        version="3.11",
        patch="3.11.2",
        home="/srv/venv",
        home_where=WHERE,
        pyvenv=PyvenvCfg("/usr/bin", "3.11.2", include_system_site_packages=False),
        prefix="/usr",
        executable="/usr/bin/python3.11",
        search_path=("/usr/lib/python3.11", f"/srv/{HOSTILE}"),
        extensions=(READLINE,),
        problems=(f"a .pth file of {HOSTILE} is not readable",),
    )


def application(script, environment, group="shop", interpreter=""):
    return Application(
        script, "/shop", "example.org", group, interpreter, WHERE, environment, (READLINE,),
        ("imports by a computed name are not followed",),
    )  # fmt: skip


def running():
    def process(pid, uid, role, group=None, *, replaced=0, unread=None):
        facts = HttpdProcess(
            pid, 7, 7, uid, 1.6e9, "/usr/sbin/apache2", (HOSTILE,), {}, (), unread=unread
        )
        return RunningProcess(facts, role, group, replaced)

    return Running((
        process(7, 0, Role.PARENT, replaced=2),
        process(8, 33, Role.DAEMON, HOSTILE, replaced=1),
        process(9, 33, Role.CHILD, unread=f"/proc/9/maps: {HOSTILE}"),
        process(10, 33, Role.CHILD),
    ))  # fmt: skip


def instance():
    start = HttpdStart(
        "/usr/sbin/apache2",
        "/etc/apache2/apache2.conf",
        "/etc/apache2",
        ("SSL",),
        origin="apache2ctl",
    )
    loads = (ModuleLoad("/usr/lib/apache2/modules/mod_wsgi.so", "wsgi_module", WHERE),)
    problems = (Problem(f"{HOSTILE}: cannot be read", WHERE), Problem("no MPM", None, fatal=True))
    configuration = Configuration(start, (), loads, ("/etc/apache2/apache2.conf",), problems)
    shared = environment()
    return Instance(
        name="/etc/apache2/apache2.conf",
        build=HttpdBuild("2.4.71", "/etc/apache2", "apache2.conf", ("core_module",)),
        configuration=configuration,
        process_groups=(ProcessGroup("shop", "www", None, 2, 15, {"lang": "C"}, WHERE, ""),),
        applications=(
            application("/srv/shop.wsgi", shared),
            application(f"/srv/{HOSTILE}.wsgi", shared, "", "example.org|/shop"),
            application("/srv/late.wsgi", Missing("/opt/python: no such file"), None, None),
        ),
        scripts=(
            replace(application(f"/srv/{HOSTILE}", shared), directive="WSGIImportScript"),
            replace(application("/srv/login.py", shared, ""), directive="WSGIAuthUserScript"),
        ),
        late_opens=(
            Open(
                "/usr/lib/php/readline.so",
                OpenFlags.LAZY | OpenFlags.GLOBAL,
                by="php",
                where="x.ini:1",
            ),
        ),
        mod_wsgi="/usr/lib/apache2/modules/mod_wsgi.so",
        libpython="/usr/lib/libpython3.11.so.1.0",
        running=running(),
    )


def figures():
    return (
        Figure("memory", 200 << 20, 300 << 20, 512 << 20, "bytes", f"/sys/fs/cgroup/{HOSTILE}"),
        Figure("context RSS", None, None, 512 << 20, "bytes", f"/sys/fs/cgroup/{HOSTILE}"),
        Figure("TCP sockets", 7, None, None, "count", "/proc/net/sockstat"),
    )


def findings():
    affected = ("example.org/shop (/srv/shop.wsgi)", f"example.org/x ({HOSTILE})")
    yield Finding(
        subject=f"object:{HOSTILE}",
        title=f"Python's readline would use {HOSTILE} instead of libreadline.so.8",
        severity=Severity.critical,
        certainty=Certainty.likely,
        detail="47 of 48 references bind to another library in httpd than in the standalone "
        "interpreter. It is a different library that happens to use the same names.",
        affected=affected,
        evidence={
            "losers": [
                {"path": "/lib/libreadline.so.8", "package": "libreadline8 8.2", "version": None}
            ],
            "winners": [{"path": f"/lib/{HOSTILE}", "package": None, "version": ""}],
            "rebound": 47,
            "by_object": {"/a.so": 40, "/b.so": 7},
            "symbols": [f"rl_{number}" for number in range(47)],
            "nothing": [],
            "repeat": "hostprobe bindings --interposed",
        },
        remedy=(
            "phpdismod -s apache2 readline: clears it and breaks nothing (simulated).",
            "Or wait.",
        ),
        identity=("libedit.so.2", "->", "libreadline.so.8"),
    )
    yield Finding("host:x", "A remark", Severity.info, Certainty.possible)
    yield Finding("host:y", "A small thing", Severity.low, Certainty.observed)


def report(*, live=True, notes=("NOT THIS HOST: a sample.",)):
    host = HostIdentity(
        f"web1{HOSTILE}", "Debian GNU/Linux 12", "6.1" if live else None, "x86_64",
        "/" if live else "/mnt", is_live=live, privileged=True,
    )  # fmt: skip
    results = (
        Result(
            "symbol-interposed", Outcome.found, symbol_interposed, None, 0.25, tuple(findings())
        ),
        Result("expat-interposed", Outcome.clean, symbol_interposed),
        Result(
            "openssl-mixed", Outcome.not_run, symbol_interposed, f"/x/{HOSTILE}: permission denied"
        ),
        Result("lost-check", Outcome.failed, None, "SyntaxError: invalid syntax"),
        Result("acl-denied", Outcome.not_applicable, symbol_interposed, "no SELinux in the kernel"),
        Result("acl-other", Outcome.not_applicable, symbol_interposed, "no SELinux in the kernel"),
    )
    return Report("0.1.0", host, "2026-01-01T00:00:00Z", 0.5, (instance(),), results, notes)


def waived_report():
    """One finding is waived, one known from a baseline; some waivers need a look."""
    waivers = (
        Waiver("symbol-*", "object:*", f"nobody uses it {HOSTILE}", date(2026, 12, 31)),
        Waiver("expat-interposed", f"object:{HOSTILE}", "gone"),
        Waiver("symbol-interposed", "host:*", "old", date(2025, 1, 1)),
        Waiver(HOSTILE, "*", "a typo"),
        Waiver("openssl-mixed", "*", "did not run"),
    )
    found, day = report(), date(2026, 1, 1)
    results = waived(found.results, waivers, day)
    ids = [result.id for result in results]
    known = {symbol_interposed.fingerprint(Finding("host:y", "", *[None] * 2)): Severity.low}
    stand = standings(waivers, results, ids, day)
    return replace(found, results=results, waivers=stand, known=known)
