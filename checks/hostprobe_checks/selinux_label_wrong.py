"""Check: an application's files have a label that httpd may not use."""

from collections.abc import Iterator

from hostprobe.check import Certainty, Finding, Severity, check
from hostprobe.model.labels import WrongLabel, WrongLabels
from hostprobe.model.selinux import type_of
from hostprobe.selinux_cure import cures, quoted, reason

REFERENCES = ("https://github.com/SELinuxProject/selinux-notebook/blob/main/src/file_labeling.md",)
VERBS = {"execute": "execute", "write": "write", "read": "read"}


@check(Severity.high, REFERENCES)
def selinux_label_wrong(labels: WrongLabels) -> Iterator[Finding]:
    """Files of an application have an SELinux label that httpd may not use.

    Why it matters
    --------------
    SELinux decides by the label of a file, not by its owner and mode. What was moved instead of
    copied, unpacked below /home or installed in a directory that the policy does not know has a
    label that httpd may not read, and extensions need one that it may map and execute. The import
    fails with `Permission denied` although everybody may read the file, or with `failed to map
    segment from shared object`.

    Example
    -------
    A virtual environment that was moved from /home/shop to /srv/shop keeps user_home_t; httpd_t
    may neither read nor execute that.

    Remedy
    ------
    `restorecon` where the policy has the right label for the path, else a rule of `semanage
    fcontext` and then `restorecon`: the finding prints both for this path, tried on the host's
    policy where it could be asked. Afterwards `hostprobe scan --select selinux-label-wrong` is
    silent. Never switch SELinux off for this.

    Not found by this check
    -----------------------
    Files that the application opens by names of its own; roots whose files carry no labels at all,
    as in an archive; what the log tells already, which is selinux-denial's.

    References
    ----------
    httpd_selinux(8), restorecon(8), semanage-fcontext(8), selabel_lookup(3).
    """
    for one in labels.all:
        yield finding(one)


def finding(one: WrongLabel) -> Finding:
    """One label with all paths that have it."""
    cause = one.denied.cause
    name, label = one.paths[-1], type_of(cause.target)
    more = f" (and {len(one.paths) - 1} more)" if one.paths[1:] else ""
    return Finding(
        subject=f"path:{cause.place if one.paths[1:] else name}",
        title=f"{name}{more} is labelled {label}, which {type_of(cause.source)} may not "
        f"{VERBS[cause.need]}",
        severity=Severity.high if one.is_enforced else Severity.info,
        certainty=Certainty.certain if one.denied.verdict else Certainty.likely,
        detail=f"{reason(one.denied)} Answered by {one.denied.rung}."
        + ("" if one.is_enforced else " SELinux is permissive: it would only note the access."),
        affected=one.applications,
        evidence={
            "label": cause.target,
            "usual_label": one.denied.usual,
            "domain": cause.source,
            "permissions": list(one.denied.permissions),
            "paths": list(one.paths[:20]),
            "booleans": list(one.denied.booleans),
            "enforcing": one.is_enforced,
            "answered_by": one.denied.rung,
            "repeat": f"ls -Zd {quoted(name)}; matchpathcon {quoted(name)}",
        },
        remedy=cures(one.denied),
        identity=(label, cause.need),
    )
