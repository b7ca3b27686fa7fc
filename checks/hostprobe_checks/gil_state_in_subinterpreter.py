"""Check: an application needs the main interpreter and runs in another."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict
from typing import Any

from hostprobe.check import Certainty, Finding, Severity, check
from hostprobe.model.gil_state import Need, installed_only, needs
from hostprobe.model.instance import Application, Extension
from hostprobe.model.interpreters import Interpreters
from hostprobe.model.python.doing import Applications

REFERENCES = (
    "https://modwsgi.readthedocs.io/en/latest/user-guides/application-issues.html",
    "https://docs.python.org/3/c-api/init.html#non-python-created-threads",
)


@check(Severity.high, REFERENCES)
def gil_state_in_subinterpreter(
    interpreters: Interpreters, applications: Applications
) -> Iterator[Finding]:
    """An application outside the main interpreter uses an extension that needs it.

    Why it matters
    --------------
    Extensions that call back into Python take the GIL with PyGILState_Ensure, which knows the main
    interpreter only. In any other, which is where mod_wsgi runs an application by default, the
    thread waits for the lock that it holds itself: the request never ends, and as no thread of the
    process can run Python any more, every other application in it stops too. Or the callback runs
    in the main interpreter, with other modules and another sys.path.

    Example
    -------
    `from gi.repository import GLib` in a WSGI script never returns; a TypeError in bindings that
    SWIG made with `-threads` (dbxml, Xapian) stops the process; `import` in a function given to
    `sqlite3`'s create_function fails with `user-defined function raised exception`.

    Remedy
    ------
    Run the application in the main interpreter of a process of its own, `WSGIApplicationGroup
    %{GLOBAL}`; the finding prints the directives. SWIG bindings can also be built without
    `-threads`; then a call that blocks in C stops all threads. Stop and start httpd. Afterwards
    `hostprobe scan --select gil-state-in-subinterpreter` is silent.

    Not found by this check
    -----------------------
    Whether an extension really calls the function there: most that refer to it, lxml and
    cryptography among them, do so only in threads of their own, and are listed with severity low.
    Callbacks that imported packages hand to ctypes or sqlite3.

    References
    ----------
    mod_wsgi documentation, Application Issues: Python Simplified GIL State API; Python's C API,
    Non-Python created threads (bugs and caveats of PyGILState).
    """
    for need in needs(interpreters, applications):
        yield from findings(need)
    for instance in interpreters.instances:
        for extension, having in installed_only(interpreters, instance):
            yield installed(extension, having)


def findings(need: Need) -> Iterator[Finding]:
    """High where it is known, medium for callbacks that import, low for the rest."""
    if need.certain:
        yield certain(need)
    if need.callbacks:
        yield callbacks(need)
    if need.others:
        yield others(need)


def certain(need: Need) -> Finding:
    """Extensions of the table, and SWIG's with threads."""
    told = [{"module": one.module, "path": one.path, "says": why} for one, why in need.certain]
    return finding(
        need,
        Severity.high,
        f"{listed(one for one, _ in need.certain)}: needs the main interpreter, "
        f"{need.script} runs in another",
        "It takes the GIL with PyGILState_Ensure, which knows the main interpreter only: the "
        "request waits for ever for a lock that its own thread holds, and every application of the "
        "process stops.",
        {"extensions": told, "repeat": f"nm -D {need.certain[0][0].path} | grep PyGILState"},
        packages(one for one, _ in need.certain),
    )


def callbacks(need: Need) -> Finding:
    """Functions that C code calls, and that import."""
    one = need.callbacks[0]
    return finding(
        need,
        Severity.medium,
        f"{one.function} ({one.path}:{one.line}) imports {', '.join(one.imports)} in the main "
        "interpreter, where its application does not run",
        f"{one.given_to} hands it to C code, which calls it in the main interpreter: what it "
        "imports is looked for on another sys.path, or is a second copy of the module.",
        {"callbacks": [asdict(each) for each in need.callbacks]},
        ("callback",),
    )


def others(need: Need) -> Finding:
    """Extensions that could call it."""
    return finding(
        need,
        Severity.low,
        f"{listed(need.others)}: refers to PyGILState_Ensure, {need.script} does not run in the "
        "main interpreter",
        "Most extensions with that reference use it only in threads of their own. One that calls "
        "back into Python in the thread of a request waits for ever.",
        {
            "extensions": [{"module": one.module, "path": one.path} for one in need.others],
            "repeat": f"nm -D {need.others[0].path} | grep PyGILState_Ensure",
        },
        packages(need.others),
    )


def finding(
    need: Need,
    severity: Severity,
    title: str,
    detail: str,
    evidence: Mapping[str, Any],
    identity: tuple[str, ...],
) -> Finding:
    """One script; only possible where a request decides the interpreter, or for the low one."""
    is_sure = severity > Severity.low and need.is_decided
    return Finding(
        subject=f"application:{need.script}",
        title=title,
        severity=severity,
        certainty=Certainty.likely if is_sure else Certainty.possible,
        detail=detail,
        affected=tuple(one.name for one in need.applications),
        evidence={"interpreters": list(need.interpreters), **evidence},
        remedy=need.cure.remedy(need.applications),
        identity=(severity.name, *identity),
    )


def installed(extension: Extension, having: tuple[Application, ...]) -> Finding:
    """A package of the table that nothing imports."""
    package = extension.module.partition(".")[0]
    return Finding(
        subject=f"object:{extension.path}",
        title=f"{package} is installed; applications outside the main interpreter cannot use it",
        severity=Severity.info,
        certainty=Certainty.possible,
        detail="No application is seen to import it.",
        affected=tuple(one.name for one in having),
        evidence={"module": extension.module, "path": extension.path},
        remedy=("Before an application imports it: WSGIApplicationGroup %{GLOBAL}.",),
        identity=(package,),
    )


def packages(extensions: Iterable[Extension]) -> tuple[str, ...]:
    """Names to import, in alphabetical order."""
    return tuple(sorted({one.module.partition(".")[0] for one in extensions}))


def listed(extensions: Iterable[Extension]) -> str:
    """At most four of them."""
    names = packages(extensions)
    return ", ".join(names[:4]) + (f" and {len(names) - 4} more" if len(names) > 4 else "")
