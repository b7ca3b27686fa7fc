"""Check: an extension cannot be imported by an interpreter with a GIL of its own."""

from collections.abc import Iterator

from hostprobe.check import Certainty, Finding, Severity, check
from hostprobe.model.interpreter_gil import OwnGil, with_own_gil
from hostprobe.model.interpreter_options import block
from hostprobe.model.interpreters import MAIN, Interpreters

REFERENCES = (
    "https://modwsgi.readthedocs.io/en/latest/configuration-directives/WSGIPerInterpreterGIL.html",
    "https://peps.python.org/pep-0684/",
)


@check(Severity.high, REFERENCES)
def per_interpreter_gil(interpreters: Interpreters) -> Iterator[Finding]:
    """WSGIPerInterpreterGIL is on, and an application imports extensions that do not allow it.

    Why it matters
    --------------
    An interpreter with its own GIL imports only extensions that declare
    Py_MOD_PER_INTERPRETER_GIL_SUPPORTED. Every other import fails, whether the extension says no
    or says nothing, and with it the application: status 500.

    Example
    -------
    `ImportError: module psutil._psutil_linux does not support loading in subinterpreters`

    Remedy
    ------
    Leave the application out: `<WSGIInterpreterOptions process-group=shop application-group=...>`
    with `WSGIPerInterpreterGIL Off`, or run it in the main interpreter (`%{GLOBAL}`), which has no
    GIL of its own. Or take releases of the named extensions that declare support. Stop and start
    httpd. Afterwards `hostprobe scan --select per-interpreter-gil` is silent.

    Not found by this check
    -----------------------
    Extensions that fill in their slots at run time: what they declare is not in the file. Imports
    inside `try` that do not fail, but leave the compiled part out.

    References
    ----------
    mod_wsgi 6 documentation, GIL Modes and Free-Threading; PEP 684; Python's C API,
    Py_mod_multiple_interpreters.
    """
    for one in with_own_gil(interpreters):
        if one.refused or not one.has_effect:
            yield finding(one)


def finding(one: OwnGil) -> Finding:
    """One script; only information where its Python has no such interpreters."""
    script = one.applications[0].script
    deciding = one.directives[0]
    is_sure = len(one.directives) == 1
    return Finding(
        subject=f"application:{script}",
        title=title(one, script),
        severity=Severity.high if one.has_effect else Severity.info,
        certainty=Certainty.likely if is_sure and one.has_effect else Certainty.possible,
        detail=DETAIL if one.has_effect else BEFORE.format(version=one.instance.python_version),
        affected=tuple(each.name for each in one.applications),
        evidence={
            "directive": f"{deciding.name} {deciding.raw}",
            "where": [str(each.where) for each in one.directives],
            "python": one.instance.python_version,
            "extensions": [
                {"module": each.module, "path": each.path, "says": why} for each, why in one.refused
            ],
        },
        remedy=tuple(remedy(one)),
        identity=tuple(sorted({each.module for each, _ in one.refused})),
    )


DETAIL = (
    "An interpreter with its own GIL imports only extensions that declare "
    "Py_MOD_PER_INTERPRETER_GIL_SUPPORTED; every other import is an ImportError."
)
BEFORE = "Python {version} has one GIL for all interpreters; mod_wsgi logs WSGI0198 and goes on."


def title(one: OwnGil, script: str) -> str:
    """What cannot be imported, and by whom."""
    if not one.has_effect:
        return f"WSGIPerInterpreterGIL has no effect with Python {one.instance.python_version}"
    names = [each.module for each, _ in one.refused]
    shown = ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")
    return f"{shown}: cannot be imported by {script}, whose interpreter has a GIL of its own"


def remedy(one: OwnGil) -> Iterator[str]:
    """The block that leaves the interpreter out, for each of its names."""
    if not one.has_effect:
        yield f"Remove {one.directives[0].where}, or build mod_wsgi for Python 3.12 or later."
        return
    groups = {
        (each.process_group or MAIN, each.application_group)
        for each in one.applications
        if each.process_group is not None and each.application_group
    }
    for process, application in sorted(groups):
        selectors = {"process-group": process, "application-group": application}
        yield block(selectors, "WSGIPerInterpreterGIL Off")
    yield "Or run it in the main interpreter: application-group=%{GLOBAL}."
    yield "Stop and start httpd."
