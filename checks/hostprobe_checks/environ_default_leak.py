"""Check: an application is served with environment variables of another one."""

from collections.abc import Iterator

from hostprobe.check import Certainty, Finding, Severity, check
from hostprobe.model.python.doing import Applications
from hostprobe.model.sharing.leaks import Leak, find_leaks
from hostprobe.model.sharing.locales import is_locale_variable
from hostprobe.model.sharing.processes import shared_processes
from hostprobe.model.sharing.separation import separation_by
from hostprobe.model.sharing.variables import Member, members

REFERENCES = (
    "https://modwsgi.readthedocs.io/en/latest/user-guides/application-issues.html",
    "https://docs.djangoproject.com/en/stable/howto/deployment/wsgi/modwsgi/",
)
TUNING = ("_NUM_THREADS", "PATH")
"""Ends of variables that change how fast something is, or add to what is found."""

MAX_SHOWN = 20


@check(Severity.critical, REFERENCES)
def environ_default_leak(applications: Applications) -> Iterator[Finding]:
    """An application gets environment variables that another one in its process has set.

    Why it matters
    --------------
    os.environ belongs to an interpreter, the environment to the process: an assignment to
    os.environ is written into the process too, and every interpreter made later begins with a copy
    of that. Django's wsgi.py says os.environ.setdefault("DJANGO_SETTINGS_MODULE", ...), which does
    nothing where the variable is set. Of two sites in one process the one that is loaded second
    runs with the settings, and on the database, of the first; which one that is, the first request
    of each process decides.

    Example
    -------
    shop.wsgi and blog.wsgi in embedded mode, each with its setdefault: requests of the blog are
    answered by the shop, or fail with ModuleNotFoundError, until httpd is restarted.

    Remedy
    ------
    Give each application a daemon process group of its own; the finding prints the directives.
    Assigning (os.environ["X"] = ...) instead of setdefault is enough only where the applications
    have interpreters of their own (different application groups). Restart httpd. Afterwards
    `hostprobe scan --select environ-default-leak` is silent.

    Not found by this check
    -----------------------
    Values that only the running program knows; variables that a request sets from its WSGI
    environment; process groups that only a request decides. TZ and the locale variables have checks
    of their own. An application in %{GLOBAL} is not hit by others: the main interpreter copied the
    environment when the process started.

    References
    ----------
    Python's os.py (environ, putenv); mod_wsgi documentation, Application Issues; Django
    documentation, How to use Django with Apache and mod_wsgi.
    """
    for instance in applications.instances:
        inherited = instance.configuration.start.environment or {}
        for process in shared_processes(instance):
            for leak in find_leaks(process, members(applications, process), inherited):
                if leak.variable != "TZ" and not is_locale_variable(leak.variable):
                    yield finding(leak)


def finding(leak: Leak) -> Finding:
    """One variable of one process, with every application that it hits."""
    first, second, *more = leak.values
    others = f" and {len(more)} more" if more else ""
    place = "embedded mode" if not leak.process.group else f"process group {leak.process.group}"
    is_tuning = leak.variable.endswith(TUNING)
    return Finding(
        subject=f"{leak.process.subject}/{leak.variable}",
        title=(
            f"In {place} applications set {leak.variable} to {first} and {second}{others}: "
            "one is served with the value of another"
        ),
        severity=Severity.medium if is_tuning else Severity.critical,
        certainty=Certainty.certain if leak.is_sure else Certainty.likely,
        detail=detail(leak),
        affected=tuple(member.application.name for member in leak.hit),
        evidence={
            "variable": leak.variable,
            "process": leak.process.title,
            "set": [row(member, leak.variable) for member in leak.wanting[:MAX_SHOWN]],
            "set_by": len(leak.wanting),
            "share_an_interpreter": leak.is_within_interpreter,
            "repeat": f"grep -n {leak.variable} {files(leak)}",
        },
        remedy=remedy(leak),
        identity=(leak.variable,),
    )


def detail(leak: Leak) -> str:
    """How the value gets from one to the other."""
    if leak.is_within_interpreter:
        return (
            "They share one interpreter and with it os.environ: the value that was set last, or "
            "first where it is a default, holds for all of them."
        )
    return (
        "An interpreter begins with a copy of the process's environment, into which os.environ "
        "writes; a default does nothing in every interpreter that is made after the first."
    )


def row(member: Member, variable: str) -> dict[str, str | None]:
    """Who sets what, where and how."""
    wish = member.wishes[variable]
    return {
        "application": member.application.name,
        "interpreter": member.interpreter,
        "value": wish.value,
        "form": wish.form,
        "where": wish.where,
    }


def files(leak: Leak) -> str:
    """Where the values stand."""
    shown = leak.wanting[:MAX_SHOWN]
    return " ".join(dict.fromkeys(member.wishes[leak.variable].path for member in shown))


def remedy(leak: Leak) -> tuple[str, ...]:
    """A process group for every value but the first; else assignment, where that is enough."""
    wanted = ((one.wishes[leak.variable].value, one.application) for one in leak.wanting)
    lines = separation_by(leak.process.instance, wanted)
    if leak.is_within_interpreter:
        return (*lines, "Restart httpd.")
    wish = leak.hit[0].wishes[leak.variable]
    assignment = f'os.environ["{leak.variable}"] = "{wish.value}"'
    otherwise = (
        f"Or assign instead of setdefault, in {wish.where} {assignment} and so in the others: "
        "enough as long as each application has an interpreter of its own."
    )
    return (*lines, "Restart httpd.", otherwise)
