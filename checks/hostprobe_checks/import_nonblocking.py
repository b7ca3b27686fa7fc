"""Check: C code imports a module without waiting for the import lock."""

from collections.abc import Iterator, Mapping
from typing import Any

from hostprobe.check import Certainty, Finding, Severity, check
from hostprobe.model.import_lock import NonBlocking, non_blocking
from hostprobe.model.interpreters import Interpreters
from hostprobe.model.python.doing import Applications

REFERENCES = (
    "https://docs.python.org/3/c-api/import.html#c.PyImport_ImportModuleNoBlock",
    "https://bugs.python.org/issue7980",
)


@check(Severity.medium, REFERENCES)
def import_nonblocking(interpreters: Interpreters, applications: Applications) -> Iterator[Finding]:
    """An import from C fails while another thread imports something, or its function is gone.

    Why it matters
    --------------
    PyImport_ImportModuleNoBlock does not wait for the import lock of Python 2.6 to 3.2: while
    another thread imports, it fails. `time.strptime` uses it for its module _strptime, so that the
    first dates of a fresh process raise ImportError now and then. Python 3.15 has the function no
    more: extensions that refer to it do not load.

    Example
    -------
    `ImportError: Failed to import _strptime because the import lockis held by another thread.`

    Remedy
    ------
    `import _strptime` at the top of the WSGI script; for an extension, import there what it needs,
    or upgrade it. Stop and start httpd. Afterwards `hostprobe scan --select import-nonblocking` is
    silent.

    Not found by this check
    -----------------------
    Which module an extension imports in that way; packages that call strptime for the application.

    References
    ----------
    Python's C API, Importing Modules; Python 3.3's What's New (import lock per module).
    """
    for one in non_blocking(interpreters, applications):
        yield from findings(one)


def findings(one: NonBlocking) -> Iterator[Finding]:
    """The extensions of a script, and its own calls."""
    if one.extensions:
        names = ", ".join(each.module for each in one.extensions)
        evidence = {
            "extensions": [each.path for each in one.extensions],
            "repeat": f"nm -D {one.extensions[0].path} | grep PyImport_ImportModuleNoBlock",
        }
        yield finding(one, TITLE[one.effect].format(names=names), REMEDY[one.effect], evidence)
    if one.parsing:
        script, first = one.applications[0].script, one.parsing[0]
        title = f"{first.name} in {first.path}:{first.line} may fail while another thread imports"
        places = {"calls": [f"{each.path}:{each.line}" for each in one.parsing]}
        yield finding(one, title, f"At the top of {script}: import _strptime", places)


TITLE = {
    "fails": "{names}: imports from C, which fails while another thread imports",
    "gone": "{names}: refers to PyImport_ImportModuleNoBlock, which this Python has no more",
    "alias": "{names}: refers to PyImport_ImportModuleNoBlock, which Python 3.15 has no more",
}
REMEDY = {
    "fails": "Import at the top of the script what these extensions import when they are called.",
    "gone": "Upgrade the package; PyImport_ImportModule does the same.",
    "alias": "Nothing now; upgrade the package before Python.",
}
DETAIL = {
    "fails": "Python {version} has one lock for all imports, and the import does not wait for it.",
    "gone": "Its symbol cannot be bound: the import of the extension is an ImportError.",
    "alias": "In Python {version} it is another name of PyImport_ImportModule.",
}


def finding(one: NonBlocking, title: str, remedy: str, evidence: Mapping[str, Any]) -> Finding:
    """One script; only information where the function works."""
    version = one.instance.python_version
    return Finding(
        subject=f"application:{one.applications[0].script}",
        title=title,
        severity=Severity.info if one.effect == "alias" else Severity.medium,
        certainty=Certainty.likely,
        detail=DETAIL[one.effect].format(version=version),
        affected=tuple(each.name for each in one.applications),
        evidence={"python": version, **evidence},
        remedy=(remedy, "Stop and start httpd."),
        identity=tuple(sorted(evidence)),
    )
