"""Check: an application writes to what its process may not write to."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from shlex import quote

from hostprobe.check import Certainty, Finding, Severity, check
from hostprobe.model.access import Denial
from hostprobe.model.cure import deed, described
from hostprobe.model.instance import Application
from hostprobe.model.permissions import InstancePermissions, Permissions
from hostprobe.model.python.doing import Applications
from hostprobe.model.users import Credentials
from hostprobe.model.written import Written, holds_code, needs, written

REFERENCES = (
    "https://docs.djangoproject.com/en/stable/howto/deployment/wsgi/modwsgi/",
    "https://www.sqlite.org/tempfiles.html",
)


@check(Severity.high, REFERENCES)
def data_directory_unwritable(
    permissions: Permissions, applications: Applications
) -> Iterator[Finding]:
    """An application writes to a file or directory that its process may not write to.

    Why it matters
    --------------
    Under the developer's account everything is writable; under httpd the process is another user.
    Pages that only read work, the first upload, order or log line fails. SQLite needs the directory
    of the database as well as the file, because its journal is made there.

    Example
    -------
    `sqlite3.OperationalError: attempt to write a readonly database` or `unable to open database
    file`; `PermissionError: [Errno 13] Permission denied: '/srv/shop/media/1.png'`; Django's
    `ValueError: Unable to configure handler 'file'` for a log file.

    Remedy
    ------
    The command of the finding gives the file or directory to the user of the process. Data belong
    into a directory of their own (/var/lib/NAME): a directory with code that the process may write
    is what code-writable-by-others warns of. Afterwards `hostprobe scan --select
    data-directory-unwritable` is silent.

    Not found by this check
    -----------------------
    Paths that the program computes; directories that do not exist; a SQLite file opened by
    sqlite3.connect itself, which may only be read; disks that are full.

    References
    ----------
    path_resolution(7), acl(5); Django's deployment documentation; SQLite, Temporary Files.
    """
    for one in permissions.all:
        for fault in find_faults(permissions, applications, one):
            yield finding(permissions, fault)


@dataclass(slots=True)
class Fault:
    """One component that keeps somebody from writing."""

    denial: Denial
    uses: dict[Written, None] = field(default_factory=dict)
    applications: dict[str, Application] = field(default_factory=dict)


def find_faults(
    permissions: Permissions, applications: Applications, one: InstancePermissions
) -> tuple[Fault, ...]:
    """Each component once for each user."""
    homes = {group.name: group.options.get("home") for group in one.instance.process_groups}
    found: dict[tuple[str, Credentials], Fault] = {}
    for application in one.instance.applications:
        who = one.who.of(application.process_group)
        if not isinstance(who, Credentials):
            continue
        home = homes.get(application.process_group or "")
        for use in written(applications, application, home):
            for denial in denials(permissions, who, use):
                fault = found.setdefault((denial.path, who), Fault(denial))
                fault.uses.setdefault(use)
                fault.applications.setdefault(application.name, application)
    return tuple(found.values())


def denials(permissions: Permissions, who: Credentials, use: Written) -> Iterator[Denial]:
    """What stops this user there."""
    for path, wants in needs(permissions.files, use):
        for denial in permissions.access.denials(who, path, wants):
            if isinstance(denial, Denial):
                yield denial


def finding(permissions: Permissions, fault: Fault) -> Finding:
    """One component and everything that is written through it."""
    denial, uses = fault.denial, list(fault.uses)
    first = uses[0]
    return Finding(
        subject=f"path:{denial.path}",
        title=f"{denial.who.user} may not {deed(denial)} {denial.path} ({first.said_by})",
        severity=Severity.high,
        certainty=Certainty.certain if any(one.is_certain for one in uses) else Certainty.likely,
        detail=f"{first.said_by} at {first.where} writes to {first.path}. "
        f"{described(denial, permissions.users)}.",
        affected=tuple(fault.applications),
        evidence={
            "component": denial.path,
            "user": denial.who.user,
            "written": [{"path": one.path, "by": one.said_by, "where": one.where} for one in uses],
            "repeat": f"namei -l {quote(first.path)}; getfacl {quote(denial.path)}",
        },
        remedy=tuple(remedy(permissions, fault, first)),
        identity=(denial.who.user,),
    )


def remedy(permissions: Permissions, fault: Fault, first: Written) -> Iterator[str]:
    """The one command; where the directory holds code, a directory for the data comes first."""
    denial = fault.denial
    command = permissions.cures.of(denial)
    if not any(holds_code(one, denial.path) for one in fault.applications.values()):
        yield command
        return
    user, group = denial.who.user, permissions.users.group_name(denial.who.gid)
    place = quote(f"/var/lib/{denial.path.rpartition('/')[2]}")
    yield f"install -d -o {quote(user)} -g {quote(group)} -m 0750 {place}"
    yield f"Keep {first.path.rpartition('/')[2]} there: {first.said_by} at {first.where}."
    yield f"Or, and then the process may change its own code: {command}"
