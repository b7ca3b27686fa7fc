"""Check: the error log has lines whose cause is on the host."""

from collections.abc import Iterator

from hostprobe.check import Certainty, Finding, Severity, check
from hostprobe.facts.signatures import BY_ID
from hostprobe.facts.signatures.signature import Signature
from hostprobe.model.error_logs import ErrorLogs, InstanceLogs, Reported

REFERENCES = (
    "https://modwsgi.readthedocs.io/en/latest/error-reference.html",
    "https://httpd.apache.org/docs/2.4/logs.html#errorlog",
)
CHARACTERS = 60
"""Of the sample that are looked for."""


@check(Severity.critical, REFERENCES)
def log_signature(logs: ErrorLogs) -> Iterator[Finding]:
    """The error log reports a failure whose cause is on the host.

    Why it matters
    --------------
    What hostprobe predicts from files, the error log tells after the fact: crashes, extensions that
    were refused, daemons that do not start. The finding says how often, when first and when last,
    for which application, and which check looks for the cause; where that check has found it, its
    finding is observed, not only predicted.

    Example
    -------
    `AH00052: child pid 4711 exit signal Segmentation fault (11)`; `Truncated or oversized response
    headers received from daemon process 'shop'`; `WSGI0036: Python interpreter configuration
    failed`.

    Remedy
    ------
    Follow the check that the finding names: `hostprobe explain CHECK`, `hostprobe scan --select
    CHECK`. Lines from before the last complete start of httpd count as low: after the cure, stop
    and start httpd.

    Not found by this check
    -----------------------
    Exceptions of an application's own code; messages that go to a program or to the system's log;
    what stands before the last 16 MB of a log, or in older rotations than the newest.

    References
    ----------
    mod_wsgi's docs/error-reference.rst (6.x) and mod_wsgi.c (4.x); httpd's server/log.c,
    server/mpm_unix.c.
    """
    for one in logs.all:
        for reported in one.reported:
            yield finding(one, reported)
        for path, note in one.notes:
            yield unseen(one, path, note)


def finding(logs: InstanceLogs, reported: Reported) -> Finding:
    """One signature, for the same applications."""
    signature = BY_ID[reported.signature]
    severity = Severity[signature.severity]
    is_past = not reported.recent
    often = "once" if reported.count == 1 else f"{reported.count} times"
    when = f"{often}, last {reported.last}" if reported.last else often
    names = tuple(dict.fromkeys(one.name for one in reported.applications))
    return Finding(
        subject=f"log:{signature.id}",
        title=f"{signature.meaning[:-1]} ({when}{', before the last start' if is_past else ''})",
        severity=min(severity, Severity.low) if is_past else severity,
        certainty=Certainty.observed,
        detail=detail(signature),
        affected=names or (logs.instance.name,),
        evidence={
            "line": reported.sample,
            "count": reported.count,
            "since_last_start": reported.recent,
            "first": reported.first or None,
            "last": reported.last or None,
            "logs": list(reported.paths),
            "files": list(reported.things),
            "explained_by": list(signature.checks),
            "repeat": repeat(reported),
        },
        remedy=remedy(signature),
        identity=(signature.id, *names),
        confirms=() if is_past else signature.checks,
        objects=reported.things,
    )


def repeat(reported: Reported) -> str | None:
    """The command that shows the lines; a snapshot holds none of them."""
    text = reported.sample[:CHARACTERS]
    return f"zgrep -F {quoted(text)} {' '.join(reported.paths)}" if text else None


def detail(signature: Signature) -> str:
    """Where its cause is to be found."""
    if not signature.checks:
        return "The lines around it in the log say what the process was doing."
    return f"Its cause is what {' or '.join(signature.checks)} looks for."


def remedy(signature: Signature) -> tuple[str, ...]:
    """The checks to run."""
    checks = ",".join(signature.checks)
    if checks:
        return (f"Run `hostprobe scan --select {checks}` and do what it says.",)
    return ("Run `hostprobe scan`: what it finds about the same applications may be the cause.",)


def quoted(text: str) -> str:
    """One word of a shell."""
    return "'" + text.replace("'", "'\\''") + "'"


def unseen(logs: InstanceLogs, path: str, note: str) -> Finding:
    """What was not looked at, so that silence is not taken for health."""
    return Finding(
        subject=f"log:{path}",
        title=f"The error log {path} was not read completely: {note}",
        severity=Severity.info,
        certainty=Certainty.certain,
        affected=(logs.instance.name,),
        evidence={"log": path, "note": note},
        remedy=("Look there for the messages that `hostprobe explain log-signature` names.",),
        identity=("unseen",),
    )
