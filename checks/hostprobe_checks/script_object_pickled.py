"""Check: an object that a WSGI script defines is pickled."""

from collections.abc import Iterator

from hostprobe.check import Certainty, Finding, Severity, check
from hostprobe.model.instance import Application
from hostprobe.model.python.deeds import Deed, Doers, doers
from hostprobe.model.python.doing import Applications, Doing
from hostprobe.model.python.pickling import pickles

REFERENCES = (
    "https://modwsgi.readthedocs.io/en/latest/user-guides/issues-with-pickle-module.html",
)


@check(Severity.medium, REFERENCES)
def script_object_pickled(applications: Applications) -> Iterator[Finding]:
    """A function or class that a WSGI script defines is pickled.

    Why it matters
    --------------
    A pickle holds functions and classes by the name of their module. mod_wsgi loads a script under
    a name made of a hash of its path, which no other program can import: what the application
    stores cannot be read by a worker, a shell, a script that was moved, or an application that has
    not loaded that very file. After the script was reloaded, what is older can no longer be
    pickled at all.

    Example
    -------
    `ModuleNotFoundError: No module named '_mod_wsgi_3d3a5b2f...'`;
    `_pickle.PicklingError: Can't pickle <class '_mod_wsgi_3d3a5b2f....Order'>: it's not the same
    object`

    Remedy
    ------
    Move the function or class to a module that the script imports, and pickle it from there; data
    that was stored before is not readable. Afterwards
    `hostprobe scan --select script-object-pickled` is silent.

    Not found by this check
    -----------------------
    Objects that reach a pickler through variables that only the running program knows; sessions and
    caches of frameworks that pickle; classes of modules and builtin types are no fault.

    References
    ----------
    mod_wsgi documentation, Issues With Pickle Module; Python's pickle, What can be pickled.
    """
    for instance in applications.instances:
        yield from map(finding, doers(applications, instance, of_script, every))


def every(_: Application) -> bool:
    """All interpreters alike."""
    return True


def of_script(doing: Doing, _: bool) -> Iterator[Deed]:  # noqa: FBT001  the verdict of `every`
    """What the script pickles."""
    return pickles(doing)


def finding(one: Doers[bool]) -> Finding:
    """Of one script."""
    first = one.deeds[0]
    script = one.script
    return Finding(
        subject=f"script:{script}",
        title=f"{script} pickles an object that it defines itself: {first.what}, {first.where}",
        severity=Severity.medium,
        certainty=Certainty.certain if one.is_sure else Certainty.likely,
        detail=f"mod_wsgi loads {script} under the name _mod_wsgi_ and a hash, by which no other "
        "program can import it.",
        affected=one.names,
        evidence={
            "pickled": one.rows,
            "repeat": f"sed -n {first.where.rpartition(':')[2]}p {script}",
        },
        remedy=(
            f"Move it from {script} to a module on the application's path, and import it here.",
            "Store again what was pickled before.",
        ),
    )
