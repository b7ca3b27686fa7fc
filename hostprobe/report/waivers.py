"""Waivers for people: why a finding does not count, and which waivers need a look."""

from collections.abc import Iterable, Iterator

from hostprobe.engine import JudgedWaiver, Standing
from hostprobe.facts.settings import Waiver
from hostprobe.report.lines import Line, plain, styled

REMARKS = {
    Standing.expired: "Waiver expired on {day}, what it held for counts again",
    Standing.unused: "Waiver without a finding",
    Standing.unknown: "Waiver of a check that does not exist",
}
"""Standing -> what to say of it; of the others there is nothing to say."""


def render_reason(waiver: Waiver) -> Line:
    """Under the finding that it holds for."""
    until = f" (until {waiver.expires})" if waiver.expires else ""
    return plain(f"  waived: {waiver.reason}{until}", hang=4)


def render_standings(waivers: Iterable[JudgedWaiver]) -> Iterator[Line]:
    """One line for each that the administrator should look at."""
    for each in waivers:
        if each.standing in REMARKS:
            waiver = each.waiver
            remark = REMARKS[each.standing].format(day=waiver.expires)
            text = f"{remark}: {waiver.check} {waiver.subject} ({waiver.reason})"
            yield styled(text, "warning")
