"""The report for people: worst first, grouped by the applications it hits."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any

from hostprobe.check import Check, Finding, Severity
from hostprobe.engine import Novelty, Outcome, Report
from hostprobe.facts.files import Missing
from hostprobe.model.instance import Instance
from hostprobe.report.lines import BLANK, Line, plain, styled
from hostprobe.report.waivers import render_reason, render_standings

NAMES_SHOWN = 3
VALUES_SHOWN = 12
PROBLEMS_SHOWN = 20

Pairs = list[tuple[Check, Finding]]


def render_text(report: Report, *, verbose: bool = False, quiet: bool = False) -> Iterator[Line]:
    """The whole report; without `verbose` findings of severity info are only counted.

    `quiet` is a line for each finding that counts.
    """
    if quiet:
        yield from render_quiet(report)
        return
    yield from render_head(report)
    shown = [
        (check, finding)
        for check, finding in report.findings()
        if finding.waived is None and (verbose or finding.severity > Severity.info)
    ]
    for affected, group in grouped(shown):
        yield BLANK
        yield styled(affected_names(affected, verbose=verbose), "heading")
        for number, (check, finding) in enumerate(group):
            if number:
                yield BLANK
            yield from render_finding(report, check, finding, verbose=verbose)
    yield from render_waived(report, verbose=verbose)
    yield BLANK
    yield from render_summary(report, verbose=verbose)


def render_quiet(report: Report) -> Iterator[Line]:
    """What counts, and whether that is all."""
    for check, finding in report.findings():
        if finding.severity > Severity.info and report.counts(check, finding):
            yield replace(headline(report, check, finding), is_record=True)
    if not report.is_complete:
        yield styled("INCOMPLETE: without -q the scan says what was not checked.", "warning")


def render_waived(report: Report, *, verbose: bool) -> Iterator[Line]:
    """Findings that do not count, with the administrator's reasons."""
    for number, (check, finding) in enumerate(waived_pairs(report)):
        if not number:
            yield BLANK
            yield styled("Waived", "heading")
        assert finding.waived is not None
        if verbose:
            yield from render_finding(report, check, finding, verbose=True)
        else:
            yield headline(report, check, finding)
            yield plain(f"  subject: {finding.subject}", hang=4)
        yield render_reason(finding.waived)


def waived_pairs(report: Report) -> Pairs:
    """Worst first."""
    return [pair for pair in report.findings() if pair[1].waived is not None]


def render_head(report: Report) -> Iterator[Line]:
    """Whose host, which httpd, and what must be known before anything else."""
    host = report.host
    place = "" if host.is_live else f", root {host.root}"
    apaches = "; ".join(httpd_name(instance) for instance in report.instances)
    nothing = "no httpd" if report.is_complete else "httpd not established"
    yield styled(f"{host.name} ({host.os}, {host.arch}{place}): {apaches or nothing}", "heading")
    for note in report.notes:
        yield styled(note, "warning")


def httpd_name(instance: Instance) -> str:
    """One httpd in a few words."""
    start, build = instance.configuration.start, instance.build
    version = "" if isinstance(build, Missing) or not build.version else f" {build.version}"
    return f"httpd{version}, {start.binary} with {start.config_file}"


def grouped(findings: Iterable[tuple[Check, Finding]]) -> Iterator[tuple[tuple[str, ...], Pairs]]:
    """Findings by what they hit; a group stands where its worst finding stands."""
    groups: dict[tuple[str, ...], Pairs] = {}
    for check, finding in findings:
        groups.setdefault(finding.affected, []).append((check, finding))
    yield from groups.items()


def affected_names(affected: tuple[str, ...], *, verbose: bool) -> str:
    """The heading of a group."""
    if not affected:
        return "This host"
    shown = affected if verbose else affected[:NAMES_SHOWN]
    more = len(affected) - len(shown)
    return ", ".join(shown) + (f" and {more} more (-v names them)" if more else "")


def headline(report: Report, check: Check, finding: Finding) -> Line:
    """One finding in one line; a known one says so."""
    mark, novelty = finding.severity.name, report.novelty(check, finding)
    known = ", known" if novelty is Novelty.unchanged else ""
    text = f"{mark.upper()} {finding.title} [{check.id}, {finding.certainty.name}{known}]"
    return styled(text, mark, len(mark))


def render_finding(
    report: Report, check: Check, finding: Finding, *, verbose: bool
) -> Iterator[Line]:
    """One finding with everything needed to judge and to cure it."""
    yield headline(report, check, finding)
    if finding.detail:
        yield plain(f"  {finding.detail}", hang=0)
    if verbose:
        yield plain(f"  subject: {finding.subject}", hang=4)
    yield from render_evidence(finding.evidence, verbose=verbose)
    for number, step in enumerate(finding.remedy, 1):
        lead = "  What to do: " if number == 1 else "              "
        yield plain(f"{lead}{number}. {step}", hang=15 if number == 1 else 3)
    yield plain(f"  More: hostprobe explain {check.id}")


def render_evidence(evidence: Any, *, verbose: bool) -> Iterator[Line]:
    """One line per fact; nothing for what is empty."""
    for key, value in evidence.items():
        if value in (None, "", [], {}, ()):
            continue
        label = str(key).replace("_", " ")
        if isinstance(value, list | tuple) and isinstance(value[0], dict):
            yield from (plain(f"  {label}: {worded(each)}", hang=4) for each in value)
        else:
            yield plain(f"  {label}: {worded(value, verbose=verbose)}", hang=4)


def worded(value: Any, *, verbose: bool = False) -> str:
    """Evidence as words: where the first value of a mapping is text the others explain it."""
    if isinstance(value, dict) and value and not isinstance(next(iter(value.values())), str):
        return ", ".join(f"{key} {worded(each)}" for key, each in value.items())
    if isinstance(value, dict):
        filled = [(str(key), worded(each)) for key, each in value.items() if each not in (None, "")]
        first = filled[0][1] if filled else ""
        others = ", ".join(f"{key.replace('_', ' ')} {text}" for key, text in filled[1:])
        return f"{first} ({others})" if others else first
    if isinstance(value, list | tuple):
        shown = value if verbose else value[:VALUES_SHOWN]
        more = len(value) - len(shown)
        return ", ".join(worded(each) for each in shown) + (f" and {more} more" if more else "")
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value)


def render_summary(report: Report, *, verbose: bool) -> Iterator[Line]:
    """Counts, and why something is not known."""
    yield from render_problems(report, verbose=verbose)
    yield from render_standings(report.waivers)
    for outcome, title in REASONS:
        yield from render_reasons(report, outcome, title)
    waived = len(waived_pairs(report))
    counts = Counter(each.severity for _, each in report.findings() if each.waived is None)
    named = [f"{counts[each]} {each.name}" for each in reversed(Severity) if counts[each]]
    named += [f"{waived} waived"] if waived else []
    hidden = " (info is shown with -v)" if counts[Severity.info] and not verbose else ""
    outcomes = Counter(result.outcome for result in report.results)
    ran = ", ".join(f"{outcomes[each]} {each.value}" for each in Outcome if outcomes[each])
    yield styled(
        f"Findings: {', '.join(named) or 'none'}{hidden}.",
        "" if named or not report.is_complete else "good",
    )
    yield plain(f"Checks: {ran}. {completeness(report)}")


def completeness(report: Report) -> str:
    """Whether silence means fine."""
    if report.is_complete:
        return f"Complete, in {report.duration:.2f} s."
    return "INCOMPLETE: what was not checked may be wrong."


REASONS = (
    (Outcome.failed, "Failed (an error of hostprobe, not of this host)"),
    (Outcome.not_run, "Not run"),
    (Outcome.not_applicable, "Not applicable"),
)


def render_reasons(report: Report, outcome: Outcome, title: str) -> Iterator[Line]:
    """Checks that did not judge, grouped by the reason."""
    reasons: dict[str, list[str]] = {}
    for result in report.results:
        if result.outcome is outcome:
            reasons.setdefault(result.reason or "", []).append(result.id)
    for reason, names in reasons.items():
        if any(note.startswith(reason) for note in report.notes):
            reason = "see above"  # noqa: PLW2901  one long sentence is enough
        style = "dim" if outcome is Outcome.not_applicable else "warning"
        yield styled(f"{title}: {reason} [{', '.join(names)}]", style)


def render_problems(report: Report, *, verbose: bool) -> Iterator[Line]:
    """What of the configuration and other files could not be read, and no finding tells."""
    problems = [each for instance in report.instances for each in instance.all_problems()]
    said = "\n".join((*report.notes, *(problem.message for problem in problems)))
    told = {each for _, found in report.findings() for each in found.evidence.get("problems", ())}
    texts = dict.fromkeys(map(str, problems))  # a recursion repeats them
    lines = [f"Configuration: {each}" for each in texts if each not in told]
    lines += [f"Not read: {reason}" for reason in report.unread if reason not in said]
    shown = lines if verbose else lines[:PROBLEMS_SHOWN]
    yield from (styled(line, "warning") for line in shown)
    if len(shown) < len(lines):
        yield styled(f"... and {len(lines) - len(shown)} more (-v names them)", "warning")
