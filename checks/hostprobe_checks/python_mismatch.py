"""Check: mod_wsgi's Python is not the one of the environment."""

from collections.abc import Iterator

from hostprobe.check import Certainty, Finding, Severity, check
from hostprobe.model.instance import Application, PythonEnvironment, PythonTopology
from hostprobe.model.python.mismatch import Mismatch, find_mismatch

REFERENCES = ("https://modwsgi.readthedocs.io/en/latest/user-guides/virtual-environments.html",)


@check(Severity.critical, REFERENCES)
def python_mismatch(topology: PythonTopology) -> Iterator[Finding]:
    """mod_wsgi runs another Python than the environment was made for.

    Why it matters
    --------------
    mod_wsgi is built for one Python X.Y; python-home and the virtual environment cannot change
    that. With the environment of another minor version the interpreter starts, but its packages
    are not where it looks and compiled extensions do not fit. With a home that holds no standard
    library it does not start at all, and every daemon process dies in a loop.

    Example
    -------
    `ModuleNotFoundError: No module named 'django'` from a virtual environment of Python 3.9 under
    a mod_wsgi of Python 3.11; or `Fatal Python error: init_fs_encoding ... No module named
    'encodings'`.

    Remedy
    ------
    Recreate the virtual environment with the Python that mod_wsgi was built for, or build mod_wsgi
    for the environment's Python (`pip install mod_wsgi` inside it, then `mod_wsgi-express
    module-config`). Stop and start httpd. Afterwards `hostprobe scan --select python-mismatch` is
    silent.

    Not found by this check
    -----------------------
    Packages installed by hand for another version outside site-packages; a sys.path that the
    script changes in ways only the running program knows.

    References
    ----------
    PEP 405; Python's getpath.py; mod_wsgi documentation, Virtual Environments.
    """
    for instance in topology.instances:
        for mismatch, applications in by_home(instance.applications).items():
            yield finding(mismatch, applications)


def by_home(applications: tuple[Application, ...]) -> dict[Mismatch, list[Application]]:
    """One entry per faulty environment with the applications that use it."""
    found: dict[Mismatch, list[Application]] = {}
    for application in applications:
        environment = application.environment
        if isinstance(environment, PythonEnvironment):
            mismatch = find_mismatch(environment)
            if mismatch:
                found.setdefault(mismatch, []).append(application)
    return found


SEVERITY = {
    "cannot-start": Severity.critical,
    "other-version": Severity.high,
    "foreign-extension": Severity.medium,
}
CERTAINTY = {"foreign-extension": Certainty.possible}
"""Whether an application imports what cannot be found is not known."""


def finding(mismatch: Mismatch, applications: list[Application]) -> Finding:
    """Critical where nothing starts, high where packages are missing, low for the patch level."""
    return Finding(
        subject=f"environment:{mismatch.path}",
        title=mismatch.title,
        severity=SEVERITY.get(mismatch.kind, Severity.low),
        certainty=CERTAINTY.get(mismatch.kind, Certainty.certain),
        detail=mismatch.detail,
        affected=tuple(application.name for application in applications),
        evidence={
            "environment": mismatch.path,
            "mod_wsgi_python": mismatch.version,
            "environment_python": list(mismatch.found),
            "where": mismatch.where,
            "foreign_extensions": list(mismatch.foreign),
            "repeat": f"ls -d {mismatch.path}/lib/python*; cat {mismatch.path}/pyvenv.cfg",
        },
        remedy=(
            (
                f"python{mismatch.version} -m venv --clear {mismatch.path} and install the "
                "packages again, or build mod_wsgi for the environment's Python."
            ),
            "Stop and start httpd.",
        ),
        identity=(mismatch.kind,),
    )
