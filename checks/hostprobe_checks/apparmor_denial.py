"""Check: AppArmor denied httpd something."""

from collections.abc import Iterator

from hostprobe.apparmor_cure import reload_command, rule_for
from hostprobe.check import Certainty, Finding, Severity, check
from hostprobe.facts.denial import ProfileDenial
from hostprobe.model.denials import ProfileDenials, repeat, when
from hostprobe.model.instance import Topology
from hostprobe.model.whose import applications_at

REFERENCES = ("https://gitlab.com/apparmor/apparmor/-/wikis/AppArmor_Failures",)


@check(Severity.high, REFERENCES)
def apparmor_denial(denials: ProfileDenials, topology: Topology) -> Iterator[Finding]:
    """AppArmor has denied httpd an access.

    Why it matters
    --------------
    A profile says what httpd, and the Python inside it, may open, map, execute and connect to,
    whoever owns the files and whatever their mode. What it does not name is refused: `Permission
    denied` for a file of mode 0644, `failed to map segment from shared object` for an extension
    without the mode m. chmod does not help.

    Example
    -------
    `apparmor="DENIED" operation="file_mmap" profile="/usr/sbin/apache2"
    name="/srv/venv/lib/python3.11/site-packages/shop/_fast.so" comm="apache2" denied_mask="m"`

    Remedy
    ------
    Add the line that the finding prints to the profile, and load the profile again with
    `apparmor_parser -r`. Lines of local changes belong into /etc/apparmor.d/local, where the
    profile includes it. Afterwards `hostprobe scan --select apparmor-denial` tells only what the
    log still has of earlier: the time of the last denial no longer moves.

    Not found by this check
    -----------------------
    What a rule denies without a record (`deny`); records that neither auditd, nor journald, nor
    syslog has written to a file; profiles of containers.

    References
    ----------
    apparmor.d(5), apparmor_parser(8), aa-logprof(8).
    """
    for group in grouped(denials.all):
        yield finding(group, denials, topology)


Key = tuple[str, str, str, bool]


def grouped(denials: tuple[ProfileDenial, ...]) -> Iterator[list[ProfileDenial]]:
    """Denials that one line of the profile cures: files of one directory and mode."""
    found: dict[Key, list[ProfileDenial]] = {}
    for one in denials:
        name = one.name or ""
        place = name.rpartition("/")[0] if name.startswith("/") else name
        key = (one.profile, place, one.mask or one.operation, one.is_enforced)
        found.setdefault(key, []).append(one)
    yield from found.values()


def finding(group: list[ProfileDenial], denials: ProfileDenials, topology: Topology) -> Finding:
    """One line that a profile lacks."""
    newest = group[0]
    name = newest.name or newest.operation
    count = sum(one.count for one in group)
    first, last = when(min(one.first for one in group)), when(max(one.last for one in group))
    verb = "denies" if newest.is_enforced else "would deny"
    return Finding(
        subject=f"path:{name}" if name.startswith("/") else f"class:{name}",
        title=f"AppArmor {verb} {newest.profile} {newest.operation} of {name}",
        severity=Severity.high if newest.is_enforced else Severity.low,
        certainty=Certainty.observed,
        detail=f"{'Once' if count == 1 else f'{count} times'} between {first} and {last}: "
        f"the profile {newest.profile} has no rule for it"
        + ("." if newest.is_enforced else ", and only complains so far."),
        affected=applications_at(topology, (one.name for one in group)),
        evidence={
            "profile": newest.profile,
            "operation": newest.operation,
            "mask": newest.mask,
            "names": list(dict.fromkeys(one.name for one in group if one.name))[:20],
            "programs": list(dict.fromkeys(one.program for one in group if one.program)),
            "enforced": newest.is_enforced,
            "count": count,
            "first": first,
            "last": last,
            "logs": list(denials.logs),
            "repeat": repeat(denials.logs, f'profile="{newest.profile}"'),
        },
        remedy=(rule_for(group), reload_command(newest.profile)),
        identity=(newest.profile, newest.mask or newest.operation),
    )
