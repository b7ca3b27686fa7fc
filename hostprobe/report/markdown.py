"""GitHub-flavoured Markdown, for issues, merge requests and wikis.

Only plain words stand as they are. Whatever else a host's names hold goes into code spans, where
nothing is markup, a link, a mention or HTML.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from hostprobe.facts.report import SEVERITIES
from hostprobe.report.escape import escape
from hostprobe.report.formats import Document
from hostprobe.report.gaps import idle_waivers, judged, unread
from hostprobe.report.text import render_evidence

WORD = re.compile(r"([(\"]?)(?!GH-)([^\W\d_][^\W_]*(?:['-][^\W_]+)*|\d+)([,.;:)\"?]*)")
"""A word that Markdown, and GitHub on top of it, takes for nothing else."""

NUMBERING = re.compile(r"\d+[.)]")
"""At the start of a line it would begin a list."""

WRAPPED = re.compile(r"([(\"]?)(.+?)([,.;:)\"]*)", re.DOTALL)


def render(document: Document) -> str:
    """Blocks with a blank line between them."""
    return "\n\n".join(blocks(document)) + "\n"


def blocks(document: Document) -> Iterator[str]:
    """Which host, how it stands, the findings worst first, and what is not known."""
    host = document["host"]
    yield f"# hostprobe: {prose(host['name'])}"
    yield (
        f"{prose(host['os'])}, {prose(host['arch'])}, root {code(host['root'])}; "
        f"{code(document['started'])}, hostprobe {code(document['hostprobe'])}"
    )
    yield completeness(document)
    active = [finding for finding in document["findings"] if finding["waived"] is None]
    yield counts(active)
    for finding in active:
        yield from finding_blocks(finding)
    waived = [finding for finding in document["findings"] if finding["waived"]]
    if waived:
        yield "## Waived"
        yield items(waiver(finding) for finding in waived)
    idle = idle_waivers(document)
    if idle:
        yield "## Waivers to look at"
        yield items(map(prose, idle))
    yield from gaps(document)


def completeness(document: Document) -> str:
    """Whether silence means fine."""
    if document["complete"]:
        return f"Complete: {len(document['checks'])} checks."
    return "**INCOMPLETE**: what was not checked may be wrong."


def counts(findings: Iterable[Mapping[str, Any]]) -> str:
    """Findings that are not waived, by severity."""
    found = [finding["severity"] for finding in findings]
    return table(SEVERITIES, [[str(found.count(each)) for each in SEVERITIES]])


def finding_blocks(finding: Mapping[str, Any]) -> Iterator[str]:
    """One finding with everything needed to judge and to cure it."""
    yield f"## {finding['severity'].upper()}: {prose(finding['title'])}"
    yield f"Check {code(finding['check'])}, {finding['certainty']}, {code(finding['subject'])}"
    if finding["detail"]:
        yield prose(finding["detail"])
    if finding["affected"]:
        yield f"Affected:\n\n{items(map(code, finding['affected']))}"
    yield from evidence_blocks(finding["evidence"])
    if finding["remedy"]:
        steps = (f"{number}. {prose(step)}" for number, step in enumerate(finding["remedy"], 1))
        yield "What to do:\n\n" + "\n".join(steps)


def evidence_blocks(evidence: Mapping[str, Any]) -> Iterator[str]:
    """The facts, and the command that shows them in one piece."""
    facts = {key: value for key, value in evidence.items() if key != "repeat"}
    lines = [line.text for line in render_evidence(facts, verbose=False)]
    if lines:
        yield f"Evidence:\n\n{items(map(prose, lines))}"
    if evidence.get("repeat"):
        yield f"To see it: {code(str(evidence['repeat']))}"


def waiver(finding: Mapping[str, Any]) -> str:
    """One finding that somebody lives with, and why."""
    until = finding["waived"]["expires"]
    end = f" until {code(until)}" if until else ""
    title = f"{finding['severity'].upper()} {prose(finding['title'])} ({code(finding['check'])})"
    return f"{title}{end}: {prose(finding['waived']['reason'])}"


def gaps(document: Document) -> Iterator[str]:
    """What did not judge, and what could not be read."""
    silent = judged(document, "failed", "not-run", "not-applicable")
    if silent:
        yield "## Not judged"
        rows = ([each["id"], each["outcome"], each["reason"] or ""] for each in silent)
        yield table(("check", "outcome", "reason"), rows)
    problems = unread(document)
    if problems:
        yield "## Not read"
        yield items(map(prose, problems))


def items(texts: Iterable[str]) -> str:
    """A list."""
    return "\n".join(f"- {text}" for text in texts)


def table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    r"""Cells of foreign text; a pipe ends a cell even in a code span, so it reads \x7c."""
    names = list(head)
    cells = [[prose(cell).replace("|", "\\x7c") for cell in row] for row in rows]
    lines = [names, ["---"] * len(names), *cells]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def prose(text: str) -> str:
    """One line in which every word that is not plain stands in a code span."""
    first, space, rest = escape(text).strip().partition(" ")
    start = code(first) if NUMBERING.fullmatch(first) else " ".join(map(word, first.split()))
    return start + space + " ".join(map(word, rest.split()))


def word(text: str) -> str:
    """A word; brackets and the end of a sentence stay outside of its code span."""
    if WORD.fullmatch(text):
        return text
    match = WRAPPED.fullmatch(text)
    assert match, "a word is not empty"
    before, middle, after = match.groups()
    return f"{before}{code(middle)}{after}"


def code(text: str) -> str:
    """A code span; its fence is longer than any run of backticks in the text."""
    shown = escape(text)
    longest = max(map(len, re.findall("`+", shown)), default=0)
    fence = "`" * (longest + 1)
    pad = " " if longest or shown.strip(" ") != shown else ""
    return f"{fence}{pad}{shown or ' '}{pad}{fence}"
