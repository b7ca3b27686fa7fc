"""Check: an extension cannot be shared by the interpreters of a process."""

from collections.abc import Iterator

from hostprobe.check import Certainty, Finding, Severity, check
from hostprobe.model.interpreters import Interpreters
from hostprobe.model.shared_extensions import Shared, shared
from hostprobe.model.sharing.separation import MainInterpreters

REFERENCES = (
    "https://modwsgi.readthedocs.io/en/latest/user-guides/application-issues.html",
    "https://docs.python.org/3/howto/isolating-extensions.html",
    "https://github.com/PyO3/pyo3/issues/576",
)


@check(Severity.high, REFERENCES)
def extension_shares_state(interpreters: Interpreters) -> Iterator[Finding]:
    """An extension is imported by more than one interpreter of a process and does not allow that.

    Why it matters
    --------------
    mod_wsgi gives every application an interpreter of its own, but a compiled module is loaded once
    for the whole process. Modules made with Cython or PyO3, and numpy, work only in the interpreter
    that imports them first; in each other the import fails. Which application comes first differs
    from process to process, so that requests fail now and then. Older ones mix up the objects of
    their interpreters: `isinstance` is false for equal types.

    Example
    -------
    Two virtual hosts with a Django site each, in embedded mode or in one daemon process group, and
    both import lxml: `ImportError: Interpreter change detected - this module can only be loaded
    into one interpreter per process`. With cryptography: `ImportError: PyO3 modules do not yet
    support subinterpreters`.

    Remedy
    ------
    Give each application a daemon process group of its own and its main interpreter,
    `application-group=%{GLOBAL}`; the finding prints the directives. Stop and start httpd.
    Afterwards `hostprobe scan --select extension-shares-state` is silent.

    Not found by this check
    -----------------------
    Modules that are imported by a computed name; multi-phase modules that share static state
    without saying so. Where every import of a module stands inside a `try` that catches ImportError
    the finding is medium: whether the application does well without it, no file tells.

    References
    ----------
    mod_wsgi documentation, Application Issues: Multiple Python Sub Interpreters; PEP 489; Python's
    Isolating Extension Modules.
    """
    for one in shared(interpreters):
        yield finding(interpreters, one)


SEVERITY = {
    "refused": Severity.high,
    "handled": Severity.medium,
    "single-phase": Severity.low,
    "warned": Severity.low,
    "alone": Severity.info,
}
DETAIL = {
    "refused": (
        "A compiled module is loaded once for a process. The interpreter that imports it first has "
        "it; in every other the import fails, and with it the application, or a package silently "
        "does without its compiled part. Which interpreter is first differs between processes."
    ),
    "handled": (
        "A compiled module is loaded once for a process. The interpreter that imports it first has "
        "it; in every other the import fails, and every import of it stands inside a `try` that "
        "catches ImportError: that application does without, and nothing is logged. Which "
        "interpreter is first differs between processes."
    ),
    "single-phase": (
        "Their module object and what it refers to belong to the interpreter that imports them "
        "first and are handed to the others. Most modules of that kind work all the same."
    ),
    "warned": (
        "numpy warns: it does not properly support sub-interpreters. It works as long as no other "
        "interpreter of the process imports it."
    ),
    "alone": (
        "They work as long as no second application of this process imports them: in its "
        "interpreter the import would fail."
    ),
}


def finding(interpreters: Interpreters, one: Shared) -> Finding:
    """One process; high where an import fails."""
    path = one.uses[0][0].extension.path
    is_sure = one.is_decided and one.kind not in {"single-phase", "handled"}
    return Finding(
        subject=one.process.subject,
        title=title(one),
        severity=SEVERITY[one.kind],
        certainty=Certainty.likely if is_sure else Certainty.possible,
        detail=DETAIL[one.kind],
        affected=tuple(dict.fromkeys(each.name for each in one.applications)),
        evidence={
            "process_group": one.process.group,
            "interpreters": list(one.interpreters),
            "extensions": [
                {
                    "module": use.extension.module,
                    "path": use.extension.path,
                    "version": interpreters.version(use.extension),
                    "says": text,
                    "interpreters": len(use.interpreters),
                }
                for use, text in one.uses
            ],
            "repeat": f"nm -D {path} | grep PyModule; strings -a {path} | grep -i interpreter",
        },
        remedy=MainInterpreters(one.process.instance).remedy(one.applications),
        identity=(one.kind, *one.packages),
    )


def title(one: Shared) -> str:
    """What is shared, and where."""
    names, where, count = listed(one.packages), one.process.title, len(one.interpreters)
    if one.kind == "refused":
        return f"{names}: usable by one interpreter per process, {count} of {where} import it"
    if one.kind == "handled":
        return f"{names}: only one of {count} interpreters of {where} has it, the others do without"
    if one.kind == "single-phase":
        return f"{names}: may share state between {count} interpreters of {where}"
    if one.kind == "warned":
        return f"{names}: not made for sub-interpreters, one of {where} imports it"
    return f"{names}: usable by one interpreter per process, only one of {where} imports it"


def listed(names: tuple[str, ...]) -> str:
    """At most four names."""
    shown = ", ".join(names[:4])
    return shown + (f" and {len(names) - 4} more" if len(names) > 4 else "")
