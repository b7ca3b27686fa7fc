"""What was not judged, and why: silence must not be taken for health."""

from collections.abc import Iterator
from xml.etree.ElementTree import Element

from hostprobe.report.html.markup import Child, element
from hostprobe.report.html.phrases import code, counted, grid, sentence
from hostprobe.report.html.reading import Row, rows, texts, word

OUTCOMES = {
    "failed": "failed: an error of hostprobe, not of this host",
    "not-run": "not run",
    "not-applicable": "not applicable",
    "found": "found something",
    "clean": "clean",
}
LOUD = ("failed", "not-run")


def not_judged(document: Row) -> Element | None:
    """Checks that did not judge and files that were not read; None where nothing is missing."""
    reasons = by_reason(document, LOUD)
    unread = texts(document, "unread")
    if not reasons and not unread and document.get("complete") is True:
        return None
    lines = [
        element("li", element("strong", f"{OUTCOMES[outcome]}: "), *sentence(reason), *checks(ids))
        for (outcome, reason), ids in reasons.items()
    ]
    lines += [
        element("li", element("strong", "not read: "), *sentence(reason)) for reason in unread
    ]
    return element(
        "section",
        element("h2", "Not checked"),
        element("p", "What was not checked may be wrong.", class_="lead"),
        element("ul", *lines) if lines else None,
        id="not-checked",
        class_="notice",
    )


def by_reason(document: Row, outcomes: tuple[str, ...]) -> dict[tuple[str, str], list[str]]:
    """(outcome, reason) -> ids of checks."""
    found: dict[tuple[str, str], list[str]] = {}
    for outcome in outcomes:
        for one in rows(document, "checks"):
            if word(one, "outcome") == outcome:
                found.setdefault((outcome, word(one, "reason")), []).append(word(one, "id"))
    return found


def checks(ids: list[str]) -> list[Child]:
    """Their ids, behind a dash."""
    return [" (", *sentence(", ".join(ids)), ")"]


def checks_section(document: Row) -> Element:
    """Every check by its outcome."""
    given = rows(document, "checks")
    tally = {
        outcome: [one for one in given if word(one, "outcome") == outcome] for outcome in OUTCOMES
    }
    return element(
        "section",
        element("h2", "Checks"),
        *(outcome_part(outcome, members) for outcome, members in tally.items() if members),
        id="checks",
    )


def outcome_part(outcome: str, members: list[Row]) -> Element:
    """The checks of one outcome; reasons where there are any."""
    title = f"{counted(len(members), 'check')} {OUTCOMES[outcome]}"
    has_reasons = any(word(one, "reason") for one in members)
    heads = ["check", "reason", "seconds"] if has_reasons else ["check", "seconds"]
    body: Iterator[list[list[Child]]] = (
        [
            [code(word(one, "id"))],
            *([sentence(word(one, "reason"))] if has_reasons else []),
            [word(one, "duration_seconds")],
        ]
        for one in members
    )
    return element(
        "details",
        element("summary", title),
        grid(heads, body, title),
        open=outcome in (*LOUD, "not-applicable"),
    )
