"""Check: code that httpd runs, or its configuration, can be changed by others."""

from collections.abc import Iterator
from shlex import quote

from hostprobe.check import Certainty, Finding, Severity, check
from hostprobe.model.permissions import Permissions
from hostprobe.model.tampering import Opening, closing, find_openings
from hostprobe.model.users import EVERYONE

REFERENCES = ("https://httpd.apache.org/docs/2.4/misc/security_tips.html#serverroot",)
SHOWN = 10
WHY = {
    True: "Every user of this host can put code into the server, with the rights of its processes.",
    False: "Whoever gets an application to write one file owns the code: the next request or the "
    "next start runs it.",
}


@check(Severity.high, REFERENCES)
def code_writable_by_others(permissions: Permissions) -> Iterator[Finding]:
    """A script, import path, environment or configuration file can be changed by others.

    Why it matters
    --------------
    What may write code decides what the server does. A file that everyone may write makes every
    account of the host one with the server's rights; configuration that others may write even one
    with root's. Code that httpd's own user may write turns each flaw in an upload into a
    permanent one. To replace a file the right to write its directory is enough, or one above it.

    Example
    -------
    `drwxrwxrwx root root /srv/shop/lib`, an entry of python-path: any user adds `json.py` there.
    The sticky bit of /tmp does not help: it keeps files from being replaced, not from being added.

    Remedy
    ------
    The finding prints the command for this host: `chmod o-w`, or another owner than httpd's user.
    Directories with data (uploads, SQLite) keep their owner; they belong outside of the code. Check
    first what was changed already. Afterwards `hostprobe scan --select code-writable-by-others` is
    silent.

    Not found by this check
    -----------------------
    A group of administrators, and the user that deploys the code or whom a daemon runs as; files
    of site-packages that no application imports as extension; what a file server grants.

    References
    ----------
    path_resolution(7), inode(7) on the sticky bit, acl(5); httpd's Security Tips.
    """
    for one in permissions.all:
        for opening in find_openings(permissions, one):
            yield finding(permissions, opening)


def finding(permissions: Permissions, opening: Opening) -> Finding:
    """One component with everything that can be changed through it."""
    code = list(opening.code)
    stat = permissions.files.stat(opening.path)
    through = "" if code[0] == opening.path else f", and with it {code[0]}"
    more = f" (and {len(code) - 1} more)" if len(code) > 1 else ""
    return Finding(
        subject=f"path:{opening.path}",
        title=f"{opening.who.user} may change {opening.path}{through}{more}",
        severity=Severity.high,
        certainty=Certainty.certain,
        detail=WHY[opening.who is EVERYONE],
        affected=tuple(opening.affected),
        evidence={
            "component": opening.path,
            "writable_by": opening.who.user,
            "mode": f"{getattr(stat, 'mode', 0) & 0o7777:04o}",
            "code": code[:SHOWN],
            "repeat": f"namei -l {quote(code[0])}; getfacl {quote(opening.path)}",
        },
        remedy=(closing(permissions, opening),),
        identity=(opening.who.user,),
    )
