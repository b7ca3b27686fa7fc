"""Check: extensions that need the GIL in processes without one."""

from collections.abc import Iterator

from hostprobe.check import Certainty, Finding, Severity, check
from hostprobe.model.interpreter_gil import FreeThreading, free_threading
from hostprobe.model.interpreter_options import block
from hostprobe.model.interpreters import MAIN, Interpreters

REFERENCES = (
    "https://modwsgi.readthedocs.io/en/latest/configuration-directives/WSGIFreeThreading.html",
    "https://docs.python.org/3/howto/free-threading-extensions.html",
)


@check(Severity.low, REFERENCES)
def free_threading_gil(interpreters: Interpreters) -> Iterator[Finding]:
    """WSGIFreeThreading is on, and extensions do not declare that they work without the GIL.

    Why it matters
    --------------
    An extension without Py_MOD_GIL_NOT_USED was written for one thread at a time. A Python without
    GIL would switch the GIL on for the whole process when it imports one; mod_wsgi forbids that
    (PyConfig.enable_gil is 0), so that the extension runs without the lock that it counts on. On an
    ordinary Python the directive does nothing.

    Example
    -------
    `WSGI0200: WSGIFreeThreading On has no effect: this Python build does not support
    free-threading`; crashes under load in an extension that is not ready.

    Remedy
    ------
    Take releases of the named extensions that declare support, or leave the process group out with
    `<WSGIInterpreterOptions process-group=shop>` and `WSGIFreeThreading Off`. Stop and start httpd.
    Afterwards `hostprobe scan --select free-threading-gil` is silent.

    Not found by this check
    -----------------------
    Whether an extension that declares support keeps the promise; slots that are filled in at run
    time.

    References
    ----------
    mod_wsgi 6 documentation, GIL Modes and Free-Threading; PEP 703; Python's C API, Py_mod_gil.
    """
    for one in free_threading(interpreters):
        if one.undeclared or not one.has_effect:
            yield finding(one)


RESTART = "Stop and start httpd."
WITH_GIL = (
    "The Python of mod_wsgi is built with the GIL; mod_wsgi logs WSGI0200 and goes on with it."
)
WITHOUT_GIL = (
    "They are imported all the same and run without the lock that they count on: mod_wsgi does not "
    "let Python switch it on again."
)


def finding(one: FreeThreading) -> Finding:
    """One process group."""
    modules = [each.module for each, _ in one.undeclared]
    deciding, group = one.directives[0], one.process.group
    return Finding(
        subject=one.process.subject,
        title=title(one, modules),
        severity=Severity.low,
        certainty=Certainty.likely if len(one.directives) == 1 else Certainty.possible,
        detail=WITHOUT_GIL if one.has_effect else WITH_GIL,
        affected=tuple(each.name for each in one.process.applications),
        evidence={
            "directive": f"{deciding.name} {deciding.raw}",
            "where": [str(each.where) for each in one.directives],
            "libpython": one.process.instance.libpython,
            "extensions": [
                {"module": each.module, "path": each.path, "says": why}
                for each, why in one.undeclared
            ],
        },
        remedy=(block({"process-group": group or MAIN}, "WSGIFreeThreading Off"), RESTART),
        identity=tuple(sorted(modules)),
    )


def title(one: FreeThreading, modules: list[str]) -> str:
    """What needs the GIL, or that it is there."""
    if not one.has_effect:
        return f"WSGIFreeThreading has no effect in {one.process.title}: its Python has a GIL"
    shown = ", ".join(modules[:3]) + (f" and {len(modules) - 3} more" if len(modules) > 3 else "")
    return f"{shown}: not declared to work without the GIL, which {one.process.title} does"
