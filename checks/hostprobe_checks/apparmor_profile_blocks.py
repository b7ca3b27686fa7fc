"""Check: httpd's AppArmor profile does not let an application's files through."""

from collections.abc import Iterator

from hostprobe.apparmor_cure import file_rule, pattern_of
from hostprobe.check import Certainty, Finding, Severity, check
from hostprobe.model.apparmor.uncovered import Uncovered, UncoveredPaths

REFERENCES = ("https://manpages.debian.org/bookworm/apparmor/apparmor.d.5.en.html",)


@check(Severity.high, REFERENCES)
def apparmor_profile_blocks(uncovered: UncoveredPaths) -> Iterator[Finding]:
    """The AppArmor profile of httpd does not cover files of an application.

    Why it matters
    --------------
    An enforced profile refuses every file that none of its rules names, whoever owns it. The
    script answers 403 or 500 with `Permission denied`; an extension also needs the mode m, without
    which it can be read and not mapped: `failed to map segment from shared object`.

    Example
    -------
    A profile of Apache with `/var/www/** r,` and an application in /srv/shop with a virtual
    environment in /srv/venv.

    Remedy
    ------
    Add the line that the finding prints to the profile and load it again with `apparmor_parser
    -r`. `aa-complain` on the profile shows first what else it lacks. Afterwards `hostprobe scan
    --select apparmor-profile-blocks` is silent.

    Not found by this check
    -----------------------
    Hats of mod_apparmor, which change for each request; capabilities, network and signals; files
    that the application opens by names of its own. Rules for the owner of a file count as rules
    for everybody.

    References
    ----------
    apparmor.d(5), apparmor_parser(8), aa-complain(8).
    """
    for one in uncovered.all:
        yield finding(one)


def finding(one: Uncovered) -> Finding:
    """The files of one directory."""
    more = f" (and {len(one.paths) - 1} more)" if one.paths[1:] else ""
    rule = file_rule(pattern_of(one.paths), one.modes)
    return Finding(
        subject=f"path:{one.directory if one.paths[1:] else one.paths[0]}",
        title=f"The AppArmor profile {one.profile.name} does not let httpd "
        f"{'map' if 'm' in one.modes else 'read'} {one.paths[0]}{more}",
        severity=Severity.high,
        certainty=Certainty.likely,
        detail=f"The profile {one.profile.name} ({one.profile.file}) is enforced, and no rule of "
        f"it grants {one.modes} for {one.paths[0]}.",
        affected=tuple(one.applications),
        evidence={
            "profile": one.profile.name,
            "file": one.profile.file,
            "mode": one.profile.mode,
            "modes": one.modes,
            "paths": one.paths[:20],
            "repeat": f"apparmor_parser -p {one.profile.file}",
        },
        remedy=(
            f"Inside the profile {one.profile.name} in {one.profile.file} add: {rule}",
            f"apparmor_parser -r {one.profile.file}",
        ),
        identity=(one.profile.name, one.modes),
    )
