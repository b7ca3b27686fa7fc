"""Check: SELinux denied httpd something."""

from collections.abc import Iterator

from hostprobe.check import Certainty, Finding, Severity, check
from hostprobe.model.denials import repeat, when
from hostprobe.model.denied import Denied, SelinuxDenials
from hostprobe.model.instance import Topology
from hostprobe.model.selinux import type_of
from hostprobe.model.whose import applications_at
from hostprobe.selinux_cure import cures, reason

REFERENCES = ("https://github.com/SELinuxProject/selinux-notebook/blob/main/src/avc_rules.md",)


@check(Severity.high, REFERENCES)
def selinux_denial(denials: SelinuxDenials, topology: Topology) -> Iterator[Finding]:
    """SELinux has denied httpd an access.

    Why it matters
    --------------
    httpd and the Python inside it run in a domain of their own, httpd_t, which may only what the
    policy says, whoever owns the files and whatever their mode. A denied access looks like a
    missing permission (`Permission denied` with 0644), a library that does not load (`failed to
    map segment`) or a database that refuses connections. chmod does not help, and neither does the
    user root.

    Example
    -------
    `avc:  denied  { name_connect } for pid=1 comm="httpd" dest=5432
    scontext=system_u:system_r:httpd_t:s0 tcontext=system_u:object_r:postgresql_port_t:s0
    tclass=tcp_socket permissive=0`

    Remedy
    ------
    Set the boolean, the label or the port that the finding names: `setsebool -P`, `semanage
    fcontext` with `restorecon`, `semanage port`. The host's own policy was asked whether that
    helps, where the finding says so. Never switch SELinux off: it would let every other program
    of the host go with it. Afterwards `hostprobe scan --select selinux-denial` is silent: what
    today's policy allows is told with -v only.

    Not found by this check
    -----------------------
    Accesses that the policy denies without a record (dontaudit; `semodule -DB` shows them);
    records that neither auditd, nor journald, nor syslog has written to a file; denials of programs
    that httpd starts and that run in a domain of their own.

    References
    ----------
    audit2why(1), httpd_selinux(8), semanage-fcontext(8), the SELinux Notebook.
    """
    for one in denials.all:
        yield finding(one, denials, topology)


def finding(one: Denied, denials: SelinuxDenials, topology: Topology) -> Finding:
    """One cause with its records counted."""
    cause, count = one.cause, sum(each.count for each in one.denials)
    what = " ".join(one.permissions)
    return Finding(
        subject=subject(one),
        title=f"SELinux {verb(one)} {type_of(cause.source)} to {what} {thing(one)}",
        severity=severity(one),
        certainty=Certainty.observed,
        detail=f"{times(count)} between {when(min(each.first for each in one.denials))} and "
        f"{when(max(each.last for each in one.denials))}. {reason(one)} Answered by {one.rung}.",
        affected=applications_at(topology, (each.path for each in one.denials)),
        evidence={
            "source": cause.source,
            "target": cause.target,
            "class": list(dict.fromkeys(each.kind for each in one.denials)),
            "permissions": list(one.permissions),
            "paths": list(dict.fromkeys(each.path for each in one.denials if each.path))[:20],
            "port": cause.port,
            "programs": list(dict.fromkeys(each.program for each in one.denials if each.program)),
            "enforced": one.is_enforced,
            "count": count,
            "first": when(min(each.first for each in one.denials)),
            "last": when(max(each.last for each in one.denials)),
            "logs": list(denials.logs),
            "answered_by": one.rung,
            "booleans": list(one.booleans),
            "repeat": f"{records(denials, type_of(cause.source))} | audit2why",
        },
        remedy=cures(one),
        identity=(type_of(cause.source), type_of(cause.target), cause.need or what),
    )


def records(denials: SelinuxDenials, domain: str) -> str:
    """The command that prints them: ausearch knows auditd's log only."""
    if any("/audit" in log for log in denials.logs):
        return f"ausearch -m AVC,USER_AVC -su {domain}"
    return repeat(denials.logs, f"avc: .*:{domain}:")


def severity(one: Denied) -> Severity:
    """What is allowed today is past; what permissive mode let pass will be refused one day."""
    if one.is_cured:
        return Severity.info
    return Severity.high if one.is_enforced else Severity.low


def verb(one: Denied) -> str:
    """What it did, or does."""
    if one.is_cured:
        return "denied, and allows today,"
    return "denies" if one.is_enforced else "would deny"


def subject(one: Denied) -> str:
    """What the finding is about."""
    cause = one.cause
    if cause.kind == "files":
        return f"path:{cause.place or one.path or type_of(cause.target)}"
    return f"port:{cause.port}" if cause.port else f"class:{cause.kind}"


def thing(one: Denied) -> str:
    """The object in words."""
    cause = one.cause
    label = type_of(cause.target)
    if cause.port:
        return f"port {cause.port} ({label})"
    if one.path:
        return f"{one.path} ({label})"
    return f"{cause.kind} {label}" if cause.kind != "files" else f"what is labelled {label}"


def times(count: int) -> str:
    """How often."""
    return "Once" if count == 1 else f"{count} times"
