"""Check: zipped eggs are unpacked where the application's user cannot write, or everybody can."""

from collections.abc import Iterator

from hostprobe.check import Certainty, Finding, Severity, check
from hostprobe.model.egg_caches import CacheFault, cache_faults
from hostprobe.model.instance import Instance
from hostprobe.model.python.doing import Applications
from hostprobe.model.python.eggs import group_of
from hostprobe.model.working_directory import Workplaces

REFERENCES = (
    "https://modwsgi.readthedocs.io/en/latest/user-guides/application-issues.html",
    "https://setuptools.pypa.io/en/latest/pkg_resources.html#resource-extraction",
)
MOST_SHOWN = 20
CACHES = "/var/cache/python-eggs"


@check(Severity.high, REFERENCES)
def egg_cache_unwritable(applications: Applications, places: Workplaces) -> Iterator[Finding]:
    """A zipped egg must be unpacked, and its cache is not the application user's alone.

    Why it matters
    --------------
    A compiled module inside a zipped egg, and every file that is asked for by name, must be
    unpacked before it can be used: into PYTHON_EGG_CACHE, else into the home directory. httpd's
    user can seldom write into its own home, and never into root's, whose HOME it may have
    inherited: the import fails. A cache that everybody may write is worse: whoever puts a library
    there has it run in the server.

    Example
    -------
    `pkg_resources.ExtractionError: Can't extract file(s) to egg cache ... [Errno 13] Permission
    denied: '/var/www/.cache'`.

    Remedy
    ------
    Make a directory that belongs to the user and nobody else writes, and name it: `python-eggs=` of
    the WSGIDaemonProcess, `WSGIPythonEggs` in embedded mode. Or install the package unpacked.
    Restart httpd. Afterwards `hostprobe scan --select egg-cache-unwritable` is silent.

    Not found by this check
    -----------------------
    Eggs in directories that only the running program adds to sys.path; a cache that the application
    sets by pkg_resources.set_extraction_path; whether an egg that is only installed is ever
    imported (such a finding is `possible`).

    References
    ----------
    mod_wsgi documentation, Application Issues (Access Rights Of Apache User); pkg_resources,
    Resource Extraction; Trac's plugin loader.
    """
    for instance, one in zip(applications.instances, places.all, strict=True):
        for fault in cache_faults(applications, places, instance, one):
            yield finding(places, instance, fault)


def finding(places: Workplaces, instance: Instance, fault: CacheFault) -> Finding:
    """One cache of one user."""
    path, egg = fault.cache.path, fault.eggs[0]
    is_imported = any(one.is_imported or one.asked_at for one in fault.eggs)
    harm = fault.obstacle or f"everybody may write {path}"
    return Finding(
        subject=f"egg-cache:{path}",
        title=f"{egg.path} is unpacked into {path}: {harm}",
        severity=Severity.high,
        certainty=Certainty.likely if is_imported else Certainty.possible,
        detail=(
            f"{egg.why} must be a real file. The cache is {path} ({fault.cache.because}), the "
            f"applications run as {fault.who.user}."
        ),
        affected=tuple(application.name for application in fault.applications),
        evidence={
            "cache": path,
            "decided_by": fault.cache.because,
            "user": fault.who.user,
            "obstacle": harm,
            "eggs": [f"{one.path}: {one.why}" for one in fault.eggs[:MOST_SHOWN]],
            "repeat": f"namei -l {path}; unzip -l {egg.path}",
        },
        remedy=tuple(remedy(places, instance, fault)),
        identity=(harm.partition(" ")[2] if fault.obstacle else "everybody",),
    )


def remedy(places: Workplaces, instance: Instance, fault: CacheFault) -> Iterator[str]:
    """A directory of the user's own, and the directive that names it where httpd decides."""
    who, group = fault.who, group_of(instance, fault.applications[0])
    owner = f"-o {who.user} -g {places.users.group_name(who.gid)} -m 0700"
    if fault.cache.is_of_script or not fault.obstacle:
        yield f"install -d {owner} {fault.cache.path}"
    else:
        directory = f"{CACHES}/{who.user}"
        yield f"install -d {owner} {directory}"
        yield (
            f"{group.where}: in WSGIDaemonProcess {group.name} write python-eggs={directory}"
            if group
            else f"In the main server's configuration write: WSGIPythonEggs {directory}"
        )
    if not fault.obstacle:
        yield f"Remove what is in {fault.cache.path}: anybody may have put it there."
    yield f"Or install {fault.eggs[0].path} again with pip, which unpacks it."
    yield "Restart httpd."
