"""Check: sudo hands the caller's HOME to httpd."""

from collections.abc import Iterator

from hostprobe.check import Certainty, Finding, Severity, check
from hostprobe.model.sudo.starts import KeptHome, KeptHomes, is_embedded

REFERENCES = (
    "https://www.sudo.ws/docs/man/sudoers.man/",
    "https://modwsgi.readthedocs.io/en/latest/user-guides/application-issues.html",
)


@check(Severity.medium, REFERENCES)
def sudo_keeps_home(homes: KeptHomes) -> Iterator[Finding]:
    """A rule of sudoers starts httpd with the HOME of the caller.

    Why it matters
    --------------
    httpd hands its environment on to its children, and the children run as another user. With
    `env_keep += "HOME"` or `!env_reset` in sudoers the HOME of whoever called sudo is in it: an
    application in embedded mode that asks for its home directory is sent to a directory that it
    may not enter, or reads another person's settings.

    Example
    -------
    `PermissionError: [Errno 13] Permission denied: '/home/alice/.config/matplotlib'` after
    `sudo apachectl start`, and never after a start by systemd.

    Remedy
    ------
    Call `sudo -H`, or write `Defaults always_set_home` into sudoers (with visudo); HOME is root's
    then, for everybody. set_home is not enough: sudo follows it for shells (`sudo -s`) only. Start httpd by systemctl where there is a unit: it hands on no HOME at all.
    Afterwards `hostprobe scan --select sudo-keeps-home` is silent.

    Not found by this check
    -----------------------
    What is asked for on the command line (`sudo -E`, `sudo HOME=...`); rules in LDAP or SSSD; HOME
    from env_file; a sudo that keeps HOME by how it was built (Ubuntu before 19.10); hosts and
    netgroups by address. A rule for ALL counts only where no systemd unit starts this httpd.

    References
    ----------
    sudoers(5), Command environment and SUDOERS OPTIONS; mod_wsgi documentation, Application Issues
    (User HOME Environment Variable).
    """
    for one in homes:
        yield finding(one)


def finding(one: KeptHome) -> Finding:
    """One Defaults line and one httpd."""
    program = one.programs[0]
    who = ", ".join(one.callers)
    hit = tuple(each.name for each in one.instance.applications if is_embedded(each))
    remedy = [
        f"Call it as: sudo -H {program}",
        f"Or below {one.because} write: Defaults always_set_home",
    ]
    if one.unit:
        remedy.append(f"Or allow and call: systemctl start {one.unit}")
    return Finding(
        subject=f"sudoers:{one.because.file}/{one.because.statement.line}",
        title=f"sudo starts {program.partition(' ')[0]} with the HOME of its caller ({who})",
        severity=Severity.medium,
        certainty=Certainty.certain if one.is_by_name else Certainty.possible,
        detail=(
            f"{one.because} lets HOME through, and {', '.join(one.rules)} allows the call. Every "
            "child of that httpd has the caller's HOME, whatever user it runs as."
        ),
        affected=hit,
        evidence={
            "defaults": str(one.because),
            "rules": list(one.rules),
            "callers": list(one.callers),
            "commands": list(one.programs),
            "repeat": f"sudo -l -U {one.callers[0]}; sudo env | grep ^HOME=",
        },
        remedy=tuple(remedy),
        identity=("HOME",),
    )
