"""Check: an application registers handlers of signals."""

from collections.abc import Iterator

from hostprobe.check import Certainty, Finding, Severity, check
from hostprobe.facts.acts import Call, Named
from hostprobe.model.python.deeds import Deed, Doers, deed, doers
from hostprobe.model.python.doing import Applications, Doing
from hostprobe.model.restriction import Restriction, Restrictions

REFERENCES = (
    "https://modwsgi.readthedocs.io/en/latest/configuration-directives/WSGIRestrictSignal.html",
)
DIRECTIVE = "WSGIRestrictSignal"
ASYNCIO = ".add_signal_handler"
OF_APACHE = {"SIGHUP": 1, "SIGINT": 2, "SIGUSR1": 10, "SIGTERM": 15, "SIGWINCH": 28}
"""What httpd stops, restarts and ends its processes with."""

UNKNOWN_SIGNAL = "a signal"


@check(Severity.medium, REFERENCES)
def signal_handler_ignored(applications: Applications) -> Iterator[Finding]:
    """An application registers handlers of signals, which Apache needs itself.

    Why it matters
    --------------
    Signals stop and restart httpd, so mod_wsgi ignores the registration: signal.signal() returns,
    nothing is raised, and the handler is never called. What it should have done at the end of the
    process, such as closing connections or saving data, does not happen. Where WSGIRestrictSignal
    is Off the handler takes the place of Apache's, and processes no longer end when they are told
    to.

    Example
    -------
    `mod_wsgi (pid=4711): Callback registration for signal 15 ignored.` (4.x, LogLevel warn);
    `Ignoring Python signal handler registration for signal 15 in WSGI process` (6.x, LogLevel info)

    Remedy
    ------
    For what must be done at the end `mod_wsgi.subscribe_shutdown()` (4.9), in older releases
    atexit, which 4.9.4 does not always reach in a daemon process. Signals that Apache does not use
    can be handled with `WSGIRestrictSignal Off` and a WSGIImportScript that registers them, as the
    main thread loads that. Restart httpd. Afterwards
    `hostprobe scan --select signal-handler-ignored` is silent.

    Not found by this check
    -----------------------
    Handlers that packages of site-packages register; code under `if __name__ == "__main__"` never
    runs here and is no fault.

    References
    ----------
    mod_wsgi documentation, WSGIRestrictSignal and Application Issues, Registration Of Signal
    Handlers; wsgi_signal_intercept in mod_wsgi.c.
    """
    for instance in applications.instances:
        judge = Restrictions(instance, DIRECTIVE).of
        yield from map(finding, doers(applications, instance, registers, judge))


def registers(doing: Doing, rule: Restriction) -> Iterator[Deed]:
    """Every registration where all are ignored, else those that take a signal from Apache."""
    for call in doing.acts.calls:
        if call.name == "signal.signal" or call.name.endswith(ASYNCIO):
            name = signal_name(call)
            if rule.is_on or name in {*OF_APACHE, UNKNOWN_SIGNAL}:
                yield deed(doing, f"{call.name.removeprefix('?.')}({name})", call.place)


def signal_name(call: Call) -> str:
    """SIGTERM, of a name or of its number."""
    signal = call.args[0] if call.args else None
    if isinstance(signal, Named):
        return signal.name.rpartition(".")[2]
    names = {number: name for name, number in OF_APACHE.items()}
    if isinstance(signal, int):
        return names.get(signal, str(signal))
    return UNKNOWN_SIGNAL


def finding(one: Doers[Restriction]) -> Finding:
    """Of one script: nothing happens, or Apache's own handler is gone."""
    rule, first = one.verdict, one.deeds[0]
    effect = (
        "mod_wsgi ignores it, the handler is never called"
        if rule.is_on
        else "it takes the place of Apache's own handler"
    )
    return Finding(
        subject=f"script:{one.script}",
        title=f"{one.script} registers a signal handler ({first.what}, {first.where}): {effect}",
        severity=Severity.medium,
        certainty=Certainty.certain if one.is_sure else Certainty.likely,
        detail=f"{rule.said}. Apache stops and restarts its processes by {', '.join(OF_APACHE)}.",
        affected=one.names,
        evidence={
            "rule": rule.said,
            "registered": one.rows,
            "repeat": first.repeat,
        },
        remedy=remedy(rule, first),
    )


def remedy(rule: Restriction, first: Deed) -> tuple[str, ...]:
    """What is done at the end belongs to an event hook; other signals to the main thread."""
    instead = (
        f"In {first.where}: mod_wsgi.subscribe_shutdown(HANDLER) instead, for what must be done at "
        "the end (before 4.9: atexit.register)."
    )
    if rule.is_on:
        return (
            instead,
            (
                f"For a signal that Apache does not use: {DIRECTIVE} Off in the main server, and a "
                "WSGIImportScript that registers it, as the main thread loads that."
            ),
        )
    return (instead, f"Or take {DIRECTIVE} Off out ({rule.where}), and restart httpd.")
