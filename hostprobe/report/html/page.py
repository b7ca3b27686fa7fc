"""The page: whose host, how it stands, and the sections."""

from collections import Counter
from collections.abc import Iterator
from xml.etree.ElementTree import Element

from hostprobe.facts.report import SEVERITIES
from hostprobe.report.html.assets import (
    CYTOSCAPE,
    GRAPH,
    PAGE,
    STYLE,
    asset,
    content_security_policy,
)
from hostprobe.report.html.explorer import explorer_section, graph_data
from hostprobe.report.html.findings import (
    Entry,
    affected_names,
    entries_of,
    findings_section,
    severity,
    waived_section,
)
from hostprobe.report.html.markup import data, element, own
from hostprobe.report.html.phrases import counted, labelled, sentence
from hostprobe.report.html.reading import Row, applications, row, rows, texts, word
from hostprobe.report.html.topology import instance_title, topology_section
from hostprobe.report.html.unchecked import checks_section, not_judged

ICON = (
    "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16'%3E"
    "%3Cpath d='M3 13V3m10 10V3M3 8h10' stroke='%238a1020' stroke-width='3'/%3E%3C/svg%3E"
)
FILTERED_FROM = 4
"""Findings; fewer are seen at a glance."""

STYLE_ID = "__________cytoscape_stylesheet"
"""The element that cytoscape would add, which the policy forbids; where it is, none is added."""


def page(document: Row) -> Element:
    """The whole report."""
    entries = entries_of(document)
    return element(
        "html",
        element("head", *head(document, entries)),
        element("body", *content(document, entries), *scripts(entries)),
        lang="en",
    )


def head(document: Row, entries: list[Entry]) -> Iterator[Element]:
    """What a browser needs; the policy comes before anything that it governs."""
    yield element("meta", charset="utf-8")
    yield element("meta", http_equiv="Content-Security-Policy", content=content_security_policy())
    yield element("meta", name="viewport", content="width=device-width, initial-scale=1")
    yield element("meta", name="color-scheme", content="light dark")
    yield element("meta", name="referrer", content="no-referrer")
    yield element("title", f"{host_name(document)}: {verdict(document, entries)}")
    yield element("link", rel="icon", href=ICON)
    yield own("style", asset(STYLE), id=STYLE_ID)


def scripts(entries: list[Entry]) -> Iterator[Element]:
    """The page's script; the graph library only where there is something to draw."""
    yield own("script", asset(PAGE))
    graphs = [entry for entry in entries if entry.graph]
    if graphs:
        yield data("graph-data", graph_data(graphs))
        yield own("script", asset(CYTOSCAPE))
        yield own("script", asset(GRAPH))


def content(document: Row, entries: list[Entry]) -> Iterator[Element | None]:
    """Everything that is seen."""
    yield element("a", "Skip to the findings", href="#findings", class_="skip")
    yield page_header(document, entries)
    active = [entry for entry in entries if not entry.is_waived]
    waived = waived_section(document, entries)
    explorer = explorer_section(entries)
    yield navigation(has_waived=waived is not None, has_graph=explorer is not None)
    yield element(
        "main",
        not_judged(document),
        toolbar(active) if len(active) >= FILTERED_FROM else None,
        findings_section(entries),
        waived,
        explorer,
        topology_section(document, entries),
        checks_section(document),
    )
    yield element("footer", element("p", f"Made by hostprobe {word(document, 'hostprobe')}."))


def page_header(document: Row, entries: list[Entry]) -> Element:
    """Whose host, when, and how it stands."""
    host = row(document, "host")
    root = word(host, "root")
    about = (word(host, "os"), word(host, "kernel"), word(host, "arch"))
    place = f"root {root}" if root != "/" else ""
    return element(
        "header",
        element("p", "hostprobe report", class_="product"),
        element("h1", element("bdi", host_name(document))),
        element("p", ", ".join(filter(None, (*about, place))), class_="host"),
        *(element("p", *sentence(instance_title(one))) for one in rows(document, "instances")),
        element("p", *taken(document)),
        *(element("p", *sentence(note), class_="notice") for note in texts(document, "notes")),
        element("p", sum_up(document, entries), class_="verdict"),
        counts(entries),
    )


def host_name(document: Row) -> str:
    """The name of the host."""
    return word(row(document, "host"), "name") or "unnamed host"


def taken(document: Row) -> Iterator[Element | str]:
    """When, and how long it took."""
    started = word(document, "started")
    yield "Scanned "
    yield element("time", started.replace("T", " ").replace("Z", " UTC"), datetime=started)
    seconds = document.get("duration_seconds")
    yield f" in {seconds:.2f} s" if isinstance(seconds, int | float) else ""
    yield f" with hostprobe {word(document, 'hostprobe')}. "
    yield (
        "Complete: every check ran or does not apply."
        if document.get("complete") is True
        else "Incomplete: what was not checked may be wrong."
    )


def sum_up(document: Row, entries: list[Entry]) -> str:
    """How the host stands, in a sentence."""
    active = [entry for entry in entries if not entry.is_waived]
    is_complete = document.get("complete") is True
    if not active:
        return (
            "Nothing was found." if is_complete else "Nothing was found, but not all was checked."
        )
    hit = set(affected_names(active)) - {""}
    known = {word(one, "name") for one in applications(document)}
    where = f" in {counted(len(hit), 'application' if hit <= known else 'place')}" if hit else ""
    return (
        f"{counted(len(active), 'finding')}{where}{'' if is_complete else ', not all was checked'}"
    )


def verdict(document: Row, entries: list[Entry]) -> str:
    """The counts in a few words, for the title of the window."""
    tally = Counter(severity(entry) for entry in entries if not entry.is_waived)
    named = [f"{tally[each]} {each}" for each in SEVERITIES if tally[each]]
    whole = ", ".join(named) if named else "nothing found"
    return whole if document.get("complete") is True else f"{whole}, incomplete"


def counts(entries: list[Entry]) -> Element:
    """Findings per severity."""
    tally = Counter(severity(entry) for entry in entries if not entry.is_waived)
    waived = sum(entry.is_waived for entry in entries)
    shown = [(name, tally[name]) for name in SEVERITIES]
    shown += [("waived", waived)] if waived else []
    return element("dl", *(tile(name, number) for name, number in shown), class_="counts")


def tile(name: str, number: int) -> Element:
    """One number."""
    state = "some" if number else "none"
    return element(
        "div", element("dt", name), element("dd", str(number)), class_=f"tile {name} {state}"
    )


def navigation(*, has_waived: bool, has_graph: bool) -> Element:
    """Links to the sections."""
    sections = [("findings", "Findings"), ("topology", "Topology"), ("checks", "Checks")]
    if has_graph:
        sections.insert(1, ("graph", "Graph"))
    if has_waived:
        sections.insert(1, ("waived", "Waived"))
    links = (
        element("li", element("a", title, href=f"#{anchor}"), id=f"to-{anchor}")
        for anchor, title in sections
    )
    return element("nav", element("ul", *links), aria_label="Sections")


def toolbar(entries: list[Entry]) -> Element:
    """What narrows the list; the script shows it."""
    present = [name for name in SEVERITIES if any(severity(each) == name for each in entries)]
    boxes = (
        element("label", element("input", type="checkbox", value=name, checked=True), name)
        for name in present
    )
    affected = (
        element("option", name or "This host", value=number)
        for number, name in enumerate(affected_names(entries))
    )
    orders = (("affected", "application"), ("severity", "severity"), ("check", "check"))
    return element(
        "form",
        element("fieldset", element("legend", "Severity"), *boxes),
        labelled("application", "Application", element("option", "all", value=""), *affected),
        element(
            "label",
            element("span", "Text"),
            element("input", type="search", id="text", autocomplete="off", placeholder="libxml2"),
        ),
        labelled(
            "order", "Order by", *(element("option", text, value=key) for key, text in orders)
        ),
        element("button", "Open all", type="button", id="open-all"),
        element("button", "Close all", type="button", id="close-all"),
        element("output", counted(len(entries), "finding"), id="shown", for_="text", role="status"),
        id="filter",
        class_="toolbar",
        role="search",
        aria_label="Findings",
        hidden=True,
    )
