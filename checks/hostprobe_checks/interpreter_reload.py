"""Check: WSGIReloadMechanism is set."""

from collections.abc import Iterator

from hostprobe.check import Certainty, Finding, Severity, check
from hostprobe.model.interpreters import Interpreters
from hostprobe.model.reload_mechanism import Reload, harmful

REFERENCES = (
    "https://modwsgi.readthedocs.io/en/latest/user-guides/reloading-source-code.html",
    "https://modwsgi.readthedocs.io/en/latest/release-notes/version-3.0.html",
)


@check(Severity.critical, REFERENCES)
def interpreter_reload(interpreters: Interpreters) -> Iterator[Finding]:
    """WSGIReloadMechanism destroys interpreters, or keeps httpd from starting.

    Why it matters
    --------------
    mod_wsgi 1.x could reload an application by destroying its interpreter. Extensions that keep
    pointers to its objects (psycopg2, lxml, PyProtocols, the Subversion bindings) crash the process
    later. 2.x refuses that value, and since 3.0 the directive does not exist: httpd does not start
    with it.

    Example
    -------
    `Invalid command 'WSGIReloadMechanism', perhaps misspelled or defined by a module not included
    in the server configuration` after an upgrade of mod_wsgi.

    Remedy
    ------
    Remove the directive. In daemon mode the processes of an application restart when its script
    file changes, without any directive (WSGIScriptReloading is on). Afterwards `httpd -t` says
    `Syntax OK` and `hostprobe scan --select interpreter-reload` is silent.

    Not found by this check
    -----------------------
    The directive in a .htaccess file; a mod_wsgi that tells neither its release nor its directives.

    References
    ----------
    mod_wsgi's release notes of 2.0 and 3.0; mod_wsgi.c (wsgi_set_reload_mechanism).
    """
    for one in harmful(interpreters):
        yield finding(one)


INSTEAD = (
    "Use daemon mode (WSGIDaemonProcess, WSGIProcessGroup): there a changed script file restarts "
    "the processes of its application."
)
TITLE = {
    "interpreter": "WSGIReloadMechanism Interpreter destroys interpreters that extensions point to",
    "value": "mod_wsgi {series}.x refuses this value of WSGIReloadMechanism: httpd will not start",
    "directive": "mod_wsgi has no WSGIReloadMechanism since 3.0: httpd will not start",
}
DETAIL = {
    "interpreter": (
        "When a script file changes, its interpreter is destroyed and another one made. Extensions "
        "that keep pointers to objects of the first (psycopg2, lxml, PyProtocols, Subversion) use "
        "freed memory then."
    ),
    "value": "The values are Module and Interpreter in 1.x, Module and Process in 2.x.",
    "directive": "The daemon processes of an application restart by themselves when its script "
    "file changes.",
}


def finding(one: Reload) -> Finding:
    """One directive; critical where httpd does not start."""
    directive, instance = one.directive, one.instance
    is_fatal = one.kind != "interpreter"
    return Finding(
        subject=f"directive:{directive.where}",
        title=TITLE[one.kind].format(series=one.series),
        severity=Severity.critical if is_fatal else Severity.medium,
        certainty=Certainty.certain,
        detail=DETAIL[one.kind],
        affected=(instance.name,)
        if is_fatal
        else tuple(each.name for each in instance.applications),
        evidence={
            "directive": f"{directive.name} {directive.raw}",
            "where": str(directive.where),
            "mod_wsgi": instance.mod_wsgi,
            "mod_wsgi_version": instance.mod_wsgi_version,
            "repeat": f"{instance.configuration.start.binary} -t -f {instance.name}",
        },
        remedy=(f"Remove {directive.where}: {directive.name} {directive.raw}", INSTEAD),
        identity=(one.kind,),
        stops=is_fatal,
    )
