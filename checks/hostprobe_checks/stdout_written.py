"""Check: an application writes to standard output."""

from collections.abc import Iterator
from functools import partial

from hostprobe.check import Certainty, Finding, Severity, check
from hostprobe.facts.acts import Named
from hostprobe.model.instance import Application
from hostprobe.model.python.deeds import Deed, Doers, called, doers
from hostprobe.model.python.doing import Applications, Doing
from hostprobe.model.restriction import Restriction, Restrictions

REFERENCES = (
    "https://modwsgi.readthedocs.io/en/latest/configuration-directives/WSGIRestrictStdout.html",
)
DIRECTIVE = "WSGIRestrictStdout"
STDOUT = frozenset({"sys.stdout", "sys.__stdout__"})


@check(Severity.medium, REFERENCES)
def stdout_written(applications: Applications) -> Iterator[Finding]:
    """An application writes to standard output.

    Why it matters
    --------------
    A server has no standard output that anybody reads. Before mod_wsgi 3.0, and today where
    WSGIRestrictStdout is On, any use of sys.stdout raises OSError: a print() left from debugging
    fails the request. Elsewhere the text goes to Apache's error log, which is harmless but not
    where an application should write.

    Example
    -------
    `OSError: sys.stdout access restricted by mod_wsgi`

    Remedy
    ------
    `print(..., file=sys.stderr)` or logging; both go to the error log. Or `WSGIRestrictStdout Off`
    in the main server, not in a <VirtualHost>. Restart httpd. Afterwards
    `hostprobe scan --select stdout-written` is silent.

    Not found by this check
    -----------------------
    Packages of site-packages that print; modules that only a computed import loads.

    References
    ----------
    mod_wsgi documentation, WSGIRestrictStdout and Application Issues, Writing To Standard Output.
    """
    for instance in applications.instances:
        judge = partial(unless_replaced, applications, Restrictions(instance, DIRECTIVE))
        yield from map(finding, doers(applications, instance, writes, judge))


def unless_replaced(
    applications: Applications, restrictions: Restrictions, application: Application
) -> Restriction | None:
    """None where the script gives itself another standard output."""
    if replaces_stdout(applications, application):
        return None
    return restrictions.of_stream(application)


def replaces_stdout(applications: Applications, application: Application) -> bool:
    """`sys.stdout = sys.stderr`, as mod_wsgi's documentation once advised."""
    stores = (store for doing in applications.doing(application) for store in doing.acts.stores)
    return any(store.name == "sys.stdout" and store.place.at_import for store in stores)


def writes(doing: Doing, _: Restriction) -> Iterator[Deed]:
    """print() to nowhere else, and methods of sys.stdout."""
    for call in doing.acts.calls:
        file = dict(call.keywords).get("file")
        is_elsewhere = file is not None and not (isinstance(file, Named) and file.name in STDOUT)
        is_print = call.name == "print" and not is_elsewhere
        if is_print or call.name.rpartition(".")[0] in STDOUT:
            yield called(doing, call)


def finding(one: Doers[Restriction]) -> Finding:
    """Of one script; it raises where standard output is restricted."""
    rule, first = one.verdict, one.deeds[0]
    effect = (
        "raises OSError: sys.stdout access restricted by mod_wsgi"
        if rule.is_on
        else "goes to Apache's error log"
    )
    return Finding(
        subject=f"script:{one.script}",
        title=f"{one.script} writes to standard output ({first.what}, {first.where}): it {effect}",
        severity=Severity.medium if rule.is_on else Severity.info,
        certainty=Certainty.certain if one.is_sure else Certainty.likely,
        detail=f"{rule.said}.",
        affected=one.names,
        evidence={
            "rule": rule.said,
            "written": one.rows,
            "repeat": first.repeat,
        },
        remedy=(
            f"In {first.where}: print(..., file=sys.stderr), or logging.",
            *(
                (f"Or {DIRECTIVE} Off in the main server, and restart httpd.",)
                if rule.is_on
                else ()
            ),
        ),
    )
