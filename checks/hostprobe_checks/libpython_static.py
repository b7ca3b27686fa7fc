"""Check: mod_wsgi with a Python linked in."""

from collections.abc import Iterator

from hostprobe.check import Certainty, Finding, Severity, check
from hostprobe.model.instance import Instance, PythonEnvironment, PythonTopology

REFERENCES = ("https://modwsgi.readthedocs.io/en/latest/user-guides/installation-issues.html",)


@check(Severity.high, REFERENCES)
def libpython_static(topology: PythonTopology) -> Iterator[Finding]:
    """mod_wsgi has the whole Python library linked in.

    Why it matters
    --------------
    A mod_wsgi that was built against a static libpython carries its own interpreter. It is private
    memory of every process instead of shared pages, it stays at its patch level when the system's
    Python is upgraded, and an extension that needs libpython itself brings a second interpreter
    into the process.

    Example
    -------
    `readelf -d mod_wsgi.so` names no libpython under NEEDED, and `nm -D mod_wsgi.so` does not list
    Py_Initialize as undefined (U): it is defined inside, exported (T) or hidden.

    Remedy
    ------
    Build Python with `--enable-shared` (the distribution's is), then build mod_wsgi again with
    that Python, or install the distribution's mod_wsgi. Stop and start httpd. Afterwards
    `hostprobe scan --select libpython-static` is silent.

    Not found by this check
    -----------------------
    Two shared libpythons in one process.

    References
    ----------
    mod_wsgi documentation, Installation Issues, "Lack Of Python Shared Library".
    """
    for instance in topology.instances:
        if instance.mod_wsgi and instance.has_static_python:
            yield finding(instance, instance.mod_wsgi)


def finding(instance: Instance, mod_wsgi: str) -> Finding:
    """High where the rest of the environment is of another patch level already."""
    environments = [
        application.environment
        for application in instance.applications
        if isinstance(application.environment, PythonEnvironment)
    ]
    patches = [one.patch for one in environments if one.patch]
    made_with = {one.pyvenv.version for one in environments if one.pyvenv and one.pyvenv.version}
    differing = sorted(made_with - set(patches)) if patches else []
    inside = patches[0] if patches else instance.python_version
    return Finding(
        subject=f"object:{mod_wsgi}",
        title=f"{mod_wsgi} has Python {inside} linked in instead of sharing libpython",
        severity=Severity.high if differing else Severity.medium,
        certainty=Certainty.certain,
        detail="It needs no libpython because the interpreter is inside. Every process holds the "
        "interpreter as private memory, and an upgrade of Python does not reach it."
        + (f" The environment is of Python {', '.join(differing)}." if differing else ""),
        affected=tuple(application.name for application in instance.applications),
        evidence={
            "mod_wsgi": mod_wsgi,
            "python_inside": inside,
            "environments": differing,
            "repeat": f"readelf -d {mod_wsgi} | grep libpython; "
            f"nm -D {mod_wsgi} | grep ' U Py_Initialize' (both print nothing)",
        },
        remedy=(
            (
                "Install the distribution's mod_wsgi (Debian: apt-get install "
                "libapache2-mod-wsgi-py3), or rebuild it: configure Python --enable-shared, then "
                "pip install --force-reinstall --no-binary :all: mod_wsgi with that Python."
            ),
            "Stop and start httpd; a graceful restart keeps the old interpreter.",
        ),
        identity=("libpython-static",),
    )
