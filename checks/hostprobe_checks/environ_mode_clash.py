"""Check: applications of one process configure a product by different variables."""

from collections.abc import Iterator

from hostprobe.check import Certainty, Finding, Severity, check
from hostprobe.model.python.doing import Applications
from hostprobe.model.sharing.modes import ModeClash, find_mode_clashes
from hostprobe.model.sharing.processes import shared_processes
from hostprobe.model.sharing.separation import separation
from hostprobe.model.sharing.variables import Member, members

REFERENCES = (
    "https://modwsgi.readthedocs.io/en/latest/user-guides/application-issues.html",
    "https://trac.edgewall.org/wiki/TracModWSGI",
)
MAX_SHOWN = 20


@check(Severity.high, REFERENCES)
def environ_mode_clash(applications: Applications) -> Iterator[Finding]:
    """Applications of one process set different variables of one product.

    Why it matters
    --------------
    Some products are configured by one of several environment variables: Trac by TRAC_ENV for one
    project or by TRAC_ENV_PARENT_DIR for a directory of projects. What one application sets is in
    the environment of every interpreter that the process makes later. An application that sets the
    other variable then has both, and the product follows the one that it looks at first.

    Example
    -------
    One script sets TRAC_ENV, another one TRAC_ENV_PARENT_DIR, both in embedded mode: once a request
    has loaded the first, every project below the parent directory shows the first one's project.

    Remedy
    ------
    Give each kind a daemon process group of its own; the finding prints the directives. Or take the
    other variable away in the script, before the product is imported:
    os.environ.pop("TRAC_ENV", None). Restart httpd. Afterwards `hostprobe scan --select
    environ-mode-clash` is silent.

    Not found by this check
    -----------------------
    Other products than those of the table in hostprobe/model/sharing/modes.py; values that only the
    running program knows.

    References
    ----------
    Trac's trac/web/main.py (dispatch_request); Python's os.py (environ, putenv); mod_wsgi
    documentation, Application Issues.
    """
    for instance in applications.instances:
        for process in shared_processes(instance):
            for clash in find_mode_clashes(process, members(applications, process)):
                yield finding(clash)


def finding(clash: ModeClash) -> Finding:
    """One variable that leaks, with every application that it hits."""
    hit = tuple(member for member, _ in clash.hit)
    own = clash.hit[0][1]
    every = (*clash.leaking, *hit)
    is_sure = all(one.interpreter is not None and wishes_are_sure(one, clash) for one in every)
    paths = dict.fromkeys(place(one, clash).rpartition(":")[0] for one in every[:MAX_SHOWN])
    return Finding(
        subject=f"{clash.process.subject}/{clash.variable}",
        title=(
            f"{clash.product.name} applications in {clash.process.title} set {clash.variable} and "
            f"{own}: {clash.variable} wins for both"
        ),
        severity=Severity.high,
        certainty=Certainty.certain if is_sure else Certainty.likely,
        detail=(
            f"{clash.product.name} looks at {' before '.join(clash.product.variables)}, and what "
            "one application sets is in the environment of every interpreter made after that."
        ),
        affected=tuple(member.application.name for member in hit),
        evidence={
            "product": clash.product.name,
            "process": clash.process.title,
            "leaks": clash.variable,
            "set": [place(one, clash) for one in every[:MAX_SHOWN]],
            "repeat": f"grep -nE '{'|'.join(clash.product.variables)}' {' '.join(paths)}",
        },
        remedy=(
            *separation(clash.process.instance, [tuple(one.application for one in hit)]),
            "Restart httpd.",
            f'Or, first thing in {place(hit[0], clash)}: os.environ.pop("{clash.variable}", None)',
        ),
        identity=(clash.product.name,),
    )


def wishes_are_sure(member: Member, clash: ModeClash) -> bool:
    """What it sets of the product, it always sets."""
    return all(
        member.wishes[each].is_sure for each in clash.product.variables if each in member.wishes
    )


def place(member: Member, clash: ModeClash) -> str:
    """Where it sets what it sets of the product."""
    found = (member.wishes.get(each) for each in clash.product.variables)
    return next(wish.where for wish in found if wish is not None and wish.value is not None)
