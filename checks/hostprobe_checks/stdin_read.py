"""Check: an application reads standard input."""

from collections.abc import Iterator

from hostprobe.check import Certainty, Finding, Severity, check
from hostprobe.model.python.deeds import Deed, Doers, called, doers
from hostprobe.model.python.doing import Applications, Doing
from hostprobe.model.restriction import Restriction, Restrictions

REFERENCES = (
    "https://modwsgi.readthedocs.io/en/latest/configuration-directives/WSGIRestrictStdin.html",
)
DIRECTIVE = "WSGIRestrictStdin"
DEBUGGERS = frozenset({"breakpoint", "pdb.set_trace", "pdb.Pdb().set_trace"})
READERS = frozenset({"input", "raw_input", "fileinput.input"}) | DEBUGGERS
STDIN = frozenset({"sys.stdin", "sys.__stdin__"})


@check(Severity.medium, REFERENCES)
def stdin_read(applications: Applications) -> Iterator[Finding]:
    """An application reads standard input.

    Why it matters
    --------------
    Nobody types into a server: input() and a forgotten breakpoint() find the end of the file at
    once and fail the request with EOFError or BdbQuit. Before mod_wsgi 3.0, unless told otherwise,
    and today where WSGIRestrictStdin is On, any use of sys.stdin raises OSError.

    Example
    -------
    `EOFError: EOF when reading a line`; `OSError: sys.stdin access restricted by mod_wsgi`

    Remedy
    ------
    Take the call out. A debugger that needs a terminal works in a copy of the site that is started
    as `httpd -X` from a shell, in embedded mode. Restart httpd. Afterwards
    `hostprobe scan --select stdin-read` is silent.

    Not found by this check
    -----------------------
    Packages of site-packages that read it; code under `if __name__ == "__main__"` never runs here
    and is no fault.

    References
    ----------
    mod_wsgi documentation, WSGIRestrictStdin; Debugging Techniques, Python Interactive Debugger.
    """
    for instance in applications.instances:
        judge = Restrictions(instance, DIRECTIVE).of_stream
        yield from map(finding, doers(applications, instance, reads, judge))


def reads(doing: Doing, _: Restriction) -> Iterator[Deed]:
    """Calls that wait for somebody to type."""
    for call in doing.acts.calls:
        if call.name in READERS or call.name.rpartition(".")[0] in STDIN:
            yield called(doing, call)


def finding(one: Doers[Restriction]) -> Finding:
    """Of one script; with the restriction it raises, without it there is nothing to read."""
    rule, first = one.verdict, one.deeds[0]
    effect = "raises OSError" if rule.is_on else "finds the end of the file"
    return Finding(
        subject=f"script:{one.script}",
        title=f"{one.script} reads standard input ({first.what}, {first.where}): it {effect}",
        severity=Severity.medium if rule.is_on else Severity.low,
        certainty=Certainty.certain if one.is_sure else Certainty.likely,
        detail=f"{rule.said}. Nobody can type into a process of httpd.",
        affected=one.names,
        evidence={
            "rule": rule.said,
            "read": one.rows,
            "repeat": first.repeat,
        },
        remedy=(
            f"Take {first.what} out of {first.where}.",
            "To debug: a copy of the site in embedded mode, started as httpd -X from a shell.",
        ),
    )
