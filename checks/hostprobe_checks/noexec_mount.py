"""Check: code on a mount from which nothing may be executed."""

from collections.abc import Iterator

from hostprobe.check import Certainty, Finding, Severity, check
from hostprobe.facts.host import HostIdentity
from hostprobe.model.linkage import Linkage, Linkages
from hostprobe.model.mounts import FSTAB
from hostprobe.model.noexec import Unmappable, unmappable

REFERENCES = ("https://man7.org/linux/man-pages/man8/mount.8.html",)


@check(Severity.critical, REFERENCES)
def noexec_mount(linkages: Linkages, host: HostIdentity) -> Iterator[Finding]:
    """An Apache module or a Python extension lies on a noexec mount.

    Why it matters
    --------------
    The kernel maps no code from a file system that is mounted noexec, whatever the modes of the
    file say. An Apache module there keeps httpd from starting, an extension there makes its import
    fail or fall back to slow Python code. Python sources on the same mount work, so the fault
    begins with the first package that has a compiled part. The mount may exist only in httpd's own
    mount namespace: then everything works in a shell.

    Example
    -------
    `ImportError: /srv/venv/lib/python3.11/site-packages/lxml/etree.so: failed to map segment from
    shared object`

    Remedy
    ------
    Mount it with exec, now (`mount -o remount,exec PLACE`) and in /etc/fstab, or move the virtual
    environment to another file system. chmod does not help. Afterwards
    `hostprobe scan --select noexec-mount` is silent.

    Not found by this check
    -----------------------
    Libraries that a program opens by a computed name (ctypes); for a root that is not running,
    mounts of systemd's .mount units and of automount maps; directories that a WSGIDaemonProcess
    with chroot= sees.

    References
    ----------
    mount(8), fstab(5), mmap(2) EPERM, proc_pid_mountinfo(5).
    """
    for linkage in linkages.all:
        for one in unmappable(linkage, is_live=host.is_live):
            yield finding(linkage, one)


def finding(linkage: Linkage, one: Unmappable) -> Finding:
    """One mount with everything that is loaded from it."""
    objects = (*one.modules, *one.extensions)
    place, name = one.mount.place, objects[0].rpartition("/")[2]
    more = f" (and {len(objects) - 1} more)" if objects[1:] else ""
    whole = (linkage.instance.name,) if one.modules else ()
    return Finding(
        subject=f"mount:{place}",
        title=f"{place} is mounted noexec: {name} cannot be loaded{more}",
        severity=Severity.critical,
        certainty=Certainty.certain if one.modules else Certainty.likely,
        detail=f"{one.source} says that {place} is mounted noexec, so the kernel refuses to map "
        f"the code of {objects[0]}: failed to map segment from shared object.",
        affected=(*whole, *one.applications),
        evidence={
            "mount": place,
            "filesystem": one.mount.filesystem,
            "options": sorted(one.mount.options),
            "source": one.source,
            "objects": list(objects),
            "repeat": f"grep ' {place} ' {one.source}",
        },
        remedy=remedy(linkage, one, objects[0]),
        identity=(name,),
    )


def remedy(linkage: Linkage, one: Unmappable, path: str) -> tuple[str, ...]:
    """Now, at the next start, or by another place."""
    place, live = one.mount.place, linkage.instance.running
    inside = f"nsenter -t {live.parent.pid} -m " if live and live.parent.root else ""
    lasting = (
        (
            f"Take noexec (and user, users, which imply it) out of the options of {place} where it "
            "is mounted: /etc/fstab, a .mount unit, the settings of httpd's unit or container."
        ),
        f"Or move {path.rpartition('/')[0]} to a file system that is mounted with exec.",
    )
    if one.source == FSTAB:
        return lasting
    return (f"{inside}mount -o remount,exec {place}", *lasting)
