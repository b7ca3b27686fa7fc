"""Check: two Python libraries in one process."""

from collections.abc import Iterator

from hostprobe.check import Finding, Severity, check
from hostprobe.duplicate import copy_findings
from hostprobe.model.interposition.copies import Copies, Crossing
from hostprobe.model.interposition.families import PYTHON
from hostprobe.model.linkage import Linkage, PythonLinkages
from hostprobe.model.loader.objects import Reason

REFERENCES = ("https://modwsgi.readthedocs.io/en/latest/user-guides/installation-issues.html",)
REMEDY = (
    (
        "Use one Python for all: build mod_wsgi, other modules that embed Python, and the "
        "extension against the same shared libpython, and leave out what needs another one."
    ),
    "An extension needs no libpython of its own: link it without -lpython.",
)


@check(Severity.critical, REFERENCES)
def libpython_duplicated(linkages: PythonLinkages) -> Iterator[Finding]:
    """More than one Python library is in the httpd process.

    Why it matters
    --------------
    mod_wsgi and mod_python of different releases, a mod_wsgi with a static Python beside an
    extension that is linked with the shared one, or two modules that embed Python: each library
    has its own interpreter state, and both export the same names. What comes second takes a part
    of its functions from the first one and finds a Python there that was never initialised, or one
    of another release: it crashes or reports nonsense such as an undefined symbol.

    Example
    -------
    `ModuleNotFoundError: No module named 'encodings'` when httpd starts, because a module that
    embeds Python 3.9 was loaded before mod_wsgi for 3.11. Behind it, `Py_GetVersion()` says 3.11
    in that module, and what only 3.9 has runs with objects of 3.11.

    Remedy
    ------
    One Python for the whole httpd. The finding names both libraries and what brings them in.
    Afterwards `hostprobe scan --select libpython-duplicated` is silent.

    Not found by this check
    -----------------------
    A Python inside mod_wsgi as the only one in the process (libpython-static); interpreters that
    run as processes of their own.

    References
    ----------
    mod_wsgi documentation, Installation Issues; ld.so(8).
    """
    yield from copy_findings(linkages, PYTHON, severity, REMEDY)


def severity(_: Linkage, copies: Copies) -> Severity:
    """Who uses both, or starts the other one, breaks; an idle second copy is wasted memory."""
    users = (one for one in copies.crossings if not is_idle(one))
    breaks = any(one.kept or any(map(is_start, one.symbols)) for one in users)
    return Severity.critical if breaks else Severity.medium


def is_start(symbol: bytes) -> bool:
    """Py_Initialize and its sisters, which look for the library of their own release."""
    return symbol.startswith(b"Py_Initialize")


def is_idle(crossing: Crossing) -> bool:
    """Only the library itself, which runs if somebody calls it; not a module with Python inside."""
    return crossing.object is crossing.home and crossing.home.reason is Reason.NEEDED
