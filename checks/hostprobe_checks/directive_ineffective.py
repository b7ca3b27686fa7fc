"""Check: a directive of mod_wsgi stands where it has no effect, or a harmful one."""

from collections.abc import Iterator

from hostprobe.check import Certainty, Finding, Severity, check
from hostprobe.model.ineffective import Forbidden, Misplaced, Misuses, Unheard, Unmapped
from hostprobe.model.instance import Application

REFERENCES = (
    "https://modwsgi.readthedocs.io/en/latest/configuration-directives/WSGIPythonPath.html",
    "https://modwsgi.readthedocs.io/en/latest/user-guides/configuration-guidelines.html",
)


@check(Severity.medium, REFERENCES)
def directive_ineffective(misuses: Misuses) -> Iterator[Finding]:
    """A directive of mod_wsgi does nothing, or stops httpd, where it stands.

    Why it matters
    --------------
    WSGIPythonPath counts in embedded mode only: an application in a daemon process does not find
    its modules. A directive that belongs to the server makes httpd refuse a virtual host or a
    section that has it, and in a .htaccess file every request below is answered with 500. A
    RewriteRule that leads to an application without [PT] makes its result a file name: no
    WSGIScriptAlias is looked at any more, the answer is 404.

    Example
    -------
    `ModuleNotFoundError: No module named 'shop'` although WSGIPythonPath names its directory;
    `WSGIPythonHome cannot occur within <VirtualHost> section`; `.htaccess: WSGIProcessGroup not
    allowed here`.

    Remedy
    ------
    Put the directory into `python-path=` of the WSGIDaemonProcess; move the directive to where the
    finding says; add [PT] to the rule. Reload httpd. Afterwards `hostprobe scan --select
    directive-ineffective` is silent.

    Not found by this check
    -----------------------
    .htaccess files in directories that hold no application's script; rules that rewrite per
    directory, where [PT] is not needed; substitutions that begin with a variable.

    References
    ----------
    mod_wsgi.c (wsgi_commands, GLOBAL_ONLY); mod_rewrite's documentation, the flag PT.
    """
    for one in misuses.all:
        yield from map(unheard, one.unheard)
        for misplaced in one.misplaced:
            yield refused(misplaced, one.instance.name)
        yield from map(forbidden, one.forbidden)
        yield from map(unmapped, one.unmapped)


def unheard(found: Unheard) -> Finding:
    """WSGIPythonPath beside daemons."""
    paths = ":".join(found.paths)
    groups = sorted({one.process_group or "" for one in found.applications})
    return Finding(
        subject=f"directive:{found.directive.where}",
        title="WSGIPythonPath is ignored by applications in daemon processes",
        severity=Severity.medium,
        certainty=Certainty.certain,
        detail="It belongs to embedded mode; a daemon process has only its own python-path=, and "
        f"{words('process group', groups)} {'has' if len(groups) == 1 else 'have'} none.",
        affected=names(found.applications),
        evidence={
            "directive": f"{found.directive.name} {found.directive.raw}",
            "where": str(found.directive.where),
            "process_groups": groups,
            "repeat": f"grep -rniE 'WSGIPythonPath|python-path' {found.directive.where.file}",
        },
        remedy=(
            *(f"Add `python-path={paths}` to `WSGIDaemonProcess {group}`." for group in groups),
            "Reload httpd.",
        ),
        identity=("ignored", *found.paths),
    )


def words(what: str, which: list[str]) -> str:
    """`process group a`, `process groups a, b`."""
    return f"{what}{'s' if len(which) > 1 else ''} {', '.join(which)}"


def refused(found: Misplaced, instance: str) -> Finding:
    """A section that mod_wsgi does not accept it in."""
    name, section = found.directive.name, f"{found.section.name} {found.section.raw}".strip()
    return Finding(
        subject=f"directive:{found.directive.where}",
        title=f"{name} stands inside {found.section.name}>: httpd does not start",
        severity=Severity.medium,
        certainty=Certainty.certain,
        detail=f"{name} belongs to the server; httpd refuses it in this section.",
        affected=(instance,),
        evidence={
            "directive": f"{name} {found.directive.raw}",
            "where": str(found.directive.where),
            "section": section,
            "section_where": str(found.section.where),
            "repeat": f"sed -n {found.directive.where.first}p {found.directive.where.file}",
        },
        remedy=(f"Move the line out of {section}.", "Check with `apachectl -t`, then reload."),
        identity=("refused", name.lower(), found.section.key),
        stops=True,
    )


def forbidden(found: Forbidden) -> Finding:
    """A line of a .htaccess file."""
    return Finding(
        subject=f"directive:{found.where}",
        title=f"{found.name} in {found.where.file}: every request below is answered with 500",
        severity=Severity.medium,
        certainty=Certainty.certain,
        detail="AllowOverride makes httpd read this file for each request, and the directive is "
        "not allowed in such files.",
        affected=names(found.applications),
        evidence={
            "directive": found.name,
            "where": str(found.where),
            "repeat": f"grep -ni WSGI {found.where.file}",
        },
        remedy=(
            (
                f"Move the line of {found.where} into the server's configuration, there into a "
                "<Directory> if mod_wsgi allows it."
            ),
        ),
        identity=("forbidden", found.name.lower()),
    )


def unmapped(found: Unmapped) -> Finding:
    """A rule without [PT]."""
    rule = found.directive
    flags = rule.args[2].strip("[]") if len(rule.args) > 2 else ""
    cured = f"[{flags + ',' if flags else ''}PT]"
    return Finding(
        subject=f"directive:{rule.where}",
        title=f"A RewriteRule to {rule.args[1]} does not reach the application: [PT] is missing",
        severity=Severity.medium,
        certainty=Certainty.certain,
        detail="In the server's configuration the result of a rule is taken for a file below "
        "DocumentRoot; only [PT] gives it back to WSGIScriptAlias.",
        affected=names(found.applications),
        evidence={
            "directive": f"{rule.name} {rule.raw}",
            "where": str(rule.where),
            "repeat": f"sed -n {rule.where.first}p {rule.where.file}",
        },
        remedy=(f"Write `{rule.name} {rule.args[0]} {rule.args[1]} {cured}`.", "Reload httpd."),
        identity=("unmapped", rule.args[1]),
    )


def names(applications: tuple[Application, ...]) -> tuple[str, ...]:
    """What findings call them."""
    return tuple(dict.fromkeys(one.name for one in applications))
