"""A report as a monitoring plugin tells it: a state, one line with its figures, then more lines.

The contract is that of the Monitoring Plugins' development guidelines; Nagios, Icinga, Naemon,
Shinken and NRPE read it. Whatever starts the plugin does so every few minutes on every host, so
nothing is imported here that costs: neither dataclasses nor typing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from hostprobe.facts.report import SEVERITIES
from hostprobe.report.escape import escape
from hostprobe.report.formats import Document
from hostprobe.report.gaps import idle_waivers, unread

TYPE_CHECKING = False  # see report/escape.py
if TYPE_CHECKING:
    from typing import Any

OK, WARNING, CRITICAL, UNKNOWN = range(4)
STATES = ("OK", "WARNING", "CRITICAL", "UNKNOWN")
GRAVITY = (OK, UNKNOWN, WARNING, CRITICAL)
"""From the best to the worst: a finding is news even where something was not checked."""

MAX_LINE, MAX_OUTPUT = 1000, 7000
"""Characters; Nagios cuts what a plugin prints at 8 KiB, its figures too."""

RANGE = re.compile(r"@?(?:(~|-?\d{1,9})?(:))?(-?\d{1,9})?")


class Range:
    """A threshold of the guidelines: it alerts outside of `low` to `high`, inverted inside."""

    def __init__(self, low: float, high: float, text: str) -> None:
        self.low, self.high, self.text = low, high, text
        self.inverted = text.startswith("@")

    def alerts(self, value: float) -> bool:
        """The value is one to be told of."""
        return (self.low <= value <= self.high) == self.inverted


Limits = Mapping[str, Range]
"""Severity -> range of the number of its findings; what is not there never alerts."""


class Policy:
    """When to alert; `incomplete` is the state of a report that does not know everything."""

    def __init__(self, warning: Limits, critical: Limits, incomplete: int) -> None:
        self.warning, self.critical, self.incomplete = warning, critical, incomplete


def parse_range(text: str) -> Range:
    """`10`, `10:`, `~:10`, `10:20`, `@10:20`; ValueError for anything else."""
    match = RANGE.fullmatch(text)
    if not match or not (match[1] or match[3]):
        raise ValueError(f"{text!r} is not a range such as 10, 10:, ~:10, 10:20 or @10:20")
    low = float("-inf") if match[1] == "~" else float(match[1] or 0)
    high = float(match[3]) if match[3] else float("inf")
    if low > high:
        raise ValueError(f"{text!r} is a range that ends before it begins")
    return Range(low, high, text)


def parse_limits(text: str) -> Limits:
    """`high`: no finding of high or worse; `high=2,medium=10`: at most that many; `none`."""
    if text in SEVERITIES:
        worse = SEVERITIES[: SEVERITIES.index(text) + 1]
        return dict.fromkeys(worse, parse_range("0"))
    limits = {}
    for part in text.split(",") if text != "none" else ():
        severity, equals, figure = part.strip().partition("=")
        if severity not in SEVERITIES or not equals:
            raise ValueError(f"{part!r} is neither a severity nor SEVERITY=RANGE")
        limits[severity] = parse_range(figure)
    return limits


def render_plugin(
    document: Document, policy: Policy, age: float, verbosity: int
) -> tuple[int, str]:
    """State and output; `age` of the report in seconds, -v to -vvv as 1 to 3."""
    state = state_of(document, policy)
    first = f"{title(state)}{headline(document)} | {performance(document, policy, age)}"
    return state, "\n".join(shortened([first, *long_output(document, verbosity)])) + "\n"


def unknown(reason: str) -> tuple[int, str]:
    """The answer where there is no report to judge."""
    return UNKNOWN, f"{title(UNKNOWN)}{clean(reason)}\n"


def title(state: int) -> str:
    """How every first line begins."""
    return f"HOSTPROBE {STATES[state]} - "


def clean(text: str) -> str:
    r"""One line; a pipe would begin the figures, so it reads \x7c."""
    shown = escape(text).replace("|", "\\x7c")
    return shown if len(shown) <= MAX_LINE else f"{shown[:MAX_LINE]}..."


def active(document: Document) -> list[Mapping[str, Any]]:
    """Findings that nobody has waived, worst first as the report has them."""
    return [finding for finding in document["findings"] if finding["waived"] is None]


def counts(document: Document) -> dict[str, int]:
    """Active findings by severity."""
    found = [finding["severity"] for finding in active(document)]
    return {severity: found.count(severity) for severity in SEVERITIES}


def state_of(document: Document, policy: Policy) -> int:
    """The gravest of what applies."""
    states = [OK if document["complete"] else policy.incomplete]
    numbers = counts(document)
    for state, limits in ((WARNING, policy.warning), (CRITICAL, policy.critical)):
        if any(limit.alerts(numbers[severity]) for severity, limit in limits.items()):
            states.append(state)
    return max(states, key=GRAVITY.index)


def headline(document: Document) -> str:
    """What an operator reads in a list of services: numbers, the worst, what is not known."""
    found, number = active(document), len(document["checks"])
    named = ", ".join(f"{count} {name}" for name, count in counts(document).items() if count)
    text = f"{named}: {clean(found[0]['title'])}" if found else f"no findings of {number} checks"
    waived = len(document["findings"]) - len(found)
    text += f", {waived} waived" if waived else ""
    return text if document["complete"] else f"{text}, INCOMPLETE: {doubts(document)}"


def doubts(document: Document) -> str:
    """Why the report does not know everything, in a few words."""
    outcomes = [check["outcome"] for check in document["checks"]]
    failed, not_run = outcomes.count("failed"), outcomes.count("not-run")
    parts = [f"checks failed: {failed}"] if failed else []
    parts += [f"checks not run: {not_run}"] if not_run else []
    return ", ".join(parts) or "not everything could be read"


def performance(document: Document, policy: Policy, age: float) -> str:
    """`label=value;warn;crit;min` for each severity, and how old and how long the scan was."""
    figures = [
        f"{severity}={count};{bound(policy.warning, severity)};{bound(policy.critical, severity)};0"
        for severity, count in counts(document).items()
    ]
    waived = len(document["findings"]) - len(active(document))
    figures += [f"waived={waived};;;0", f"age={age:.0f}s;;;0"]
    return " ".join([*figures, f"duration={document['duration_seconds']:.3f}s;;;0"])


def bound(limits: Limits, severity: str) -> str:
    """The range as it was written."""
    return limits[severity].text if severity in limits else ""


def long_output(document: Document, verbosity: int) -> Iterator[str]:
    """-v: each finding and each doubt; -vv: whom it hits, what to do; -vvv: everything."""
    if verbosity == 0:
        return
    for finding in active(document):
        yield from finding_lines(finding, verbosity)
    for check in document["checks"]:
        if check["outcome"] in {"failed", "not-run"}:
            yield clean(f"{check['outcome'].upper()} {check['id']}: {check['reason'] or ''}")
    if verbosity > 1:
        yield from (clean(f"NOT READ {reason}") for reason in unread(document))
        yield from (clean(f"LOOK AT {remark}") for remark in idle_waivers(document))
    for finding in document["findings"] if verbosity > 2 else ():
        if finding["waived"]:
            yield clean(f"WAIVED {finding['title']}: {finding['waived']['reason']}")


def finding_lines(finding: Mapping[str, Any], verbosity: int) -> Iterator[str]:
    """One finding."""
    severity = finding["severity"].upper()
    yield clean(f"{severity} {finding['title']} [{finding['check']}, {finding['certainty']}]")
    if verbosity > 2:
        yield clean(f"  {finding['detail']}")
    if verbosity > 1:
        yield from (clean(f"  hits {name}") for name in finding["affected"])
        yield from (clean(f"  {n}. {step}") for n, step in enumerate(finding["remedy"], 1))


def shortened(lines: list[str]) -> Iterator[str]:
    """The first lines, and how many there are besides."""
    left = MAX_OUTPUT
    for number, line in enumerate(lines):
        left -= len(line.encode()) + 1
        if left < 0 < number:
            yield f"... and {len(lines) - number} more lines: hostprobe report tells all"
            return
        yield line
