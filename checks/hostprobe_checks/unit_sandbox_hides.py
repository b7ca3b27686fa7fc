"""Check: the sandbox of Apache's unit takes away what an application uses."""

import shlex
from collections.abc import Iterator

from hostprobe.check import Certainty, Finding, Severity, check
from hostprobe.facts.files import Missing
from hostprobe.facts.host import HostIdentity
from hostprobe.model.linkage import Linkage, PythonLinkages
from hostprobe.model.python.doing import Applications
from hostprobe.model.sandbox import LISTS, Sandbox
from hostprobe.model.sandboxed import Denial, Need, Use, denials, sandbox_of
from hostprobe.model.unsandboxing import cure

REFERENCES = ("https://www.freedesktop.org/software/systemd/man/latest/systemd.exec.html",)


@check(Severity.high, REFERENCES)
def unit_sandbox_hides(
    linkages: PythonLinkages, applications: Applications, host: HostIdentity
) -> Iterator[Finding]:
    """The sandbox of Apache's unit takes away what an application uses.

    Why it matters
    --------------
    systemd gives a service another view of the file system: PrivateTmp= an empty /tmp, ProtectHome=
    no /home, ProtectSystem= a read-only /usr. What lies there exists in every shell, with the right
    owner and mode, and httpd answers 404 or the application cannot write. NoExecPaths= keeps
    extensions from loading, MemoryDenyWriteExecute= closures of cffi from being made, and without
    AF_UNIX in RestrictAddressFamilies= httpd cannot talk to its daemon processes. DynamicUser=
    implies the first three, whatever else the unit says.

    Example
    -------
    `AH00529: /home/.htaccess pcfg_openfile: unable to check htaccess file, ensure it is readable
    and that '/home/' is executable`, which it is in every shell;
    `OSError: [Errno 30] Read-only file system: '/var/lib/shop/log'`

    Remedy
    ------
    The finding prints the drop-in that gives back just this, tried on the settings of the unit.
    Reload systemd and restart the unit; a reload of httpd keeps the old view. Afterwards
    `hostprobe scan --select unit-sandbox-hides` is silent.

    Not found by this check
    -----------------------
    Paths that only the running program knows, network services that a filter of address families
    forbids, RootImage=, SystemCallFilter=; the user of DynamicUser=, of which only the sandbox that
    it brings is known; data that an application and another service exchange by names that the
    application makes itself in /tmp.

    References
    ----------
    systemd.exec(5), Sandboxing and Paths; systemd's core/namespace.c; systemd.unit(5), drop-ins.
    """
    for linkage in linkages.all:
        sandbox = sandbox_of(linkage.files, linkage.instance, is_live=host.is_live)
        if sandbox is not None:
            for denial in denials(linkage, applications, sandbox):
                yield finding(linkage, sandbox, denial)


MAX_SHOWN = 20
TITLES = {
    Need.SEE: "hides {path}",
    Need.MAP: "keeps {path} from being loaded",
    Need.WRITE: "makes {path} read-only",
    Need.CONNECT: "forbids UNIX sockets ({purpose})",
    Need.MAKE_CODE: "refuses {path} ({purpose})",
}


def finding(linkage: Linkage, sandbox: Sandbox, denial: Denial) -> Finding:
    """One setting with everything that it takes away."""
    uses = tuple(denial.uses)
    first, more = uses[0], f" (and {len(uses) - 1} more)" if uses[1:] else ""
    verb = "hides {path}" if sandbox.hides(first.path) else TITLES[first.need]
    what = verb.format(path=first.path, purpose=first.purpose)
    return Finding(
        subject=f"unit:{sandbox.unit}/{denial.said.key}",
        title=f"{denial.said} of {sandbox.unit} {what}{more}",
        severity=Severity.high,
        certainty=certainty(linkage, denial),
        detail=f"{denial.said.file} says {denial.said}. In httpd's view of the host that {what}, "
        f"which is used as: {first.purpose}.",
        affected=tuple(denial.applications) or (linkage.instance.name,),
        evidence={
            "unit": sandbox.unit,
            "setting": str(denial.said),
            "file": denial.said.file,
            "uses": [row(use) for use in uses[:MAX_SHOWN]],
            "used": len(uses),
            "repeat": f"systemctl show -p {denial.said.key} {sandbox.unit}",
        },
        remedy=remedy(sandbox, denial),
        identity=(denial.said.key,),
    )


def row(use: Use) -> dict[str, str]:
    """A path and what it is needed for."""
    return {"path": use.path, "need": use.need, "purpose": use.purpose}


def certainty(linkage: Linkage, denial: Denial) -> Certainty:
    """Observed where the running httpd does not see what is there."""
    live = linkage.instance.running
    if live and live.parent.root:
        for use in denial.uses:
            stat = linkage.files.stat(live.parent.root + use.path)
            if use.need is not Need.WRITE and isinstance(stat, Missing) and stat.not_found:
                return Certainty.observed
    return Certainty.certain if any(use.is_certain for use in denial.uses) else Certainty.likely


def remedy(sandbox: Sandbox, denial: Denial) -> tuple[str, ...]:
    """A drop-in that is read after all others."""
    folder = f"/etc/systemd/system/{sandbox.unit}.d"
    lines = shlex.join(("[Service]", *cure(sandbox, denial)))
    name = f"zz-{denial.said.key.lower()}.conf"
    elsewhere = "Or move it to a directory that the unit leaves alone, for example below /srv."
    is_movable = denial.said.key in (*LISTS, "PrivateTmp", "ProtectHome", "ProtectSystem")
    return (
        f"mkdir -p {folder} && printf '%s\\n' {lines} > {folder}/{name}",
        f"systemctl daemon-reload && systemctl restart {sandbox.unit}",
        *((elsewhere,) if is_movable else ()),
    )
