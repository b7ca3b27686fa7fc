"""The findings of a report, grouped by what they hit; waived ones apart."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from xml.etree.ElementTree import Element

from hostprobe.report.html.binding import Graph, Scene, file_name, graph_of, moves, scene_of
from hostprobe.report.html.drawing import draw
from hostprobe.report.html.markup import Child, element
from hostprobe.report.html.phrases import code, command, facts, grid, sentence, step, value
from hostprobe.report.html.reading import Row, row, rows, texts, word
from hostprobe.report.waivers import REMARKS

FINGERPRINT = re.compile(r"[0-9a-f]{16}")
NAMES_SHOWN, OPEN_AT_MOST = 3, 6
PICTURED = ("rebound_by_object", "crossings")
"""Evidence that the table below a picture tells."""

NOVELTIES = {"new": "new", "unchanged": "known", "updated": "changed"}
"""Comparison with the baseline -> the word for it."""

LINES = {
    "binds": ("binds in httpd", {"binds"}),
    "standalone": ("would bind outside httpd", {"standalone"}),
    "imports": ("opens, brings in, imports", {"opens", "brings", "imports"}),
    "offers": ("could import", {"offers"}),
}
"""Class of a line -> what it means, and the kinds of edges that are drawn so."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A finding with what the page knows of it."""

    finding: Row
    anchor: str
    """Its id: the fingerprint, so that a link holds in the next report too."""

    graph: Graph | None

    @property
    def affected(self) -> tuple[str, ...]:
        """What it hits; empty for the host itself."""
        return tuple(texts(self.finding, "affected"))

    @property
    def is_waived(self) -> bool:
        """Somebody has decided to live with it."""
        return self.finding.get("waived") is not None


def entries_of(document: Row) -> list[Entry]:
    """Every finding, worst first as the document has them."""
    scene, taken, found = scene_of(document), set[str](), []
    for number, finding in enumerate(rows(document, "findings"), 1):
        anchor = f"f-{word(finding, 'fingerprint')}"
        if not FINGERPRINT.fullmatch(anchor[2:]) or anchor in taken:
            anchor = f"finding-{number}"
        taken.add(anchor)
        found.append(Entry(finding, anchor, drawable(finding, scene)))
    return found


def drawable(finding: Row, scene: Scene) -> Graph | None:
    """Its picture, if there is anything to draw."""
    graph = graph_of(finding, scene)
    return graph if graph and graph.edges else None


def groups(entries: Iterable[Entry]) -> dict[tuple[str, ...], list[Entry]]:
    """Findings by what they hit; a group stands where its worst finding stands."""
    found: dict[tuple[str, ...], list[Entry]] = {}
    for entry in entries:
        found.setdefault(entry.affected, []).append(entry)
    return found


def findings_section(entries: list[Entry]) -> Element:
    """All that count; the numbers of what they hit are those of the filter."""
    active = [entry for entry in entries if not entry.is_waived]
    numbers = {name: number for number, name in enumerate(affected_names(active))}
    opened = {entry.anchor for entry in active[:OPEN_AT_MOST] if severity(entry) != "info"}
    nothing = element("p", "Nothing was found.", class_="nothing") if not active else None
    return element(
        "section",
        element("h2", "Findings"),
        nothing,
        *(
            group(affected, members, numbers, opened)
            for affected, members in groups(active).items()
        ),
        id="findings",
    )


def waived_section(document: Row, entries: list[Entry]) -> Element | None:
    """Those that somebody decided to live with, and why; and waivers that need a look."""
    waived = [entry for entry in entries if entry.is_waived]
    remarks = [*standings(document)]
    if not waived and not remarks:
        return None
    numbers = {name: number for number, name in enumerate(affected_names(waived))}
    lead = element("p", "These stay as they are until the waiver expires.", class_="lead")
    return element(
        "section",
        element("h2", "Waived"),
        element("ul", *remarks, class_="problem") if remarks else None,
        lead if waived else None,
        *(article(entry, numbers, is_open=False, level="h3") for entry in waived),
        id="waived",
    )


def standings(document: Row) -> Iterator[Element]:
    """One line for each waiver that the administrator should look at."""
    remarks = {standing.value: remark for standing, remark in REMARKS.items()}
    for one in rows(document, "waivers"):
        if word(one, "standing") in remarks:
            remark = remarks[word(one, "standing")].format(day=word(one, "expires"))
            which = code(f"{word(one, 'check')} {word(one, 'subject')}")
            yield element("li", f"{remark}: ", which, f" ({word(one, 'reason')})")


def affected_names(entries: Iterable[Entry]) -> list[str]:
    """Everything that is hit, once; "" stands for the host."""
    return list(dict.fromkeys(name for entry in entries for name in entry.affected or ("",)))


def group(
    affected: tuple[str, ...], members: list[Entry], numbers: dict[str, int], opened: set[str]
) -> Element:
    """The findings that hit the same applications."""
    return element(
        "section",
        element("h3", *heading(affected)),
        more_names(affected),
        *(article(entry, numbers, is_open=entry.anchor in opened) for entry in members),
        class_="group",
    )


def heading(affected: tuple[str, ...]) -> list[Child]:
    """The first names, the script of each in lighter type."""
    if not affected:
        return ["This host"]
    parts: list[Child] = []
    for name in affected[:NAMES_SHOWN]:
        label, opening, script = name.partition(" (")
        parts += [", " if parts else None, element("bdi", label)]
        parts.append(
            element("small", element("bdi", script.removesuffix(")"))) if opening else None
        )
    return parts


def more_names(affected: tuple[str, ...]) -> Element | None:
    """The names that a heading has no room for."""
    rest = affected[NAMES_SHOWN:]
    if not rest:
        return None
    listed = element("ul", *(element("li", name) for name in rest))
    return element("details", element("summary", f"and {len(rest)} more"), listed, class_="more")


def severity(entry: Entry) -> str:
    """One of SEVERITIES."""
    return word(entry.finding, "severity")


def article(entry: Entry, numbers: dict[str, int], *, is_open: bool, level: str = "h4") -> Element:
    """One finding: a line, and below it everything to judge and to cure it."""
    finding = entry.finding
    affects = " ".join(str(numbers[name]) for name in entry.affected or ("",))
    marks = (word(finding, key) for key in ("check", "certainty"))
    known = NOVELTIES.get(word(finding, "baseline"))
    return element(
        "details",
        element(
            "summary",
            element("span", severity(entry), class_=f"severity {severity(entry)}"),
            element(level, *sentence(word(finding, "title"))),
            element("span", ", ".join(filter(None, (*marks, known))), class_="check"),
        ),
        element("div", *body(entry), class_="body"),
        id=entry.anchor,
        class_="finding",
        open=is_open,
        data_severity=severity(entry),
        data_check=word(finding, "check"),
        data_affects=affects,
    )


def body(entry: Entry) -> Iterator[Element | None]:
    """What a finding says."""
    finding = entry.finding
    yield waiver(row(finding, "waived")) if entry.is_waived else None
    yield element("p", *sentence(word(finding, "detail"))) if word(finding, "detail") else None
    yield element("p", "Hits ", ", ".join(entry.affected) or "this host", ".", class_="affects")
    yield remedy(texts(finding, "remedy"))
    yield picture(entry)
    yield evidence(row(finding, "evidence"), is_pictured=entry.graph is not None)
    yield footnote(finding)


def waiver(waived: Row) -> Element:
    """Why it is accepted, and until when."""
    until = f", until {word(waived, 'expires')}" if word(waived, "expires") else ""
    return element(
        "p", element("strong", f"Waived{until}: "), word(waived, "reason"), class_="waiver"
    )


def remedy(steps: list[str]) -> Element | None:
    """What to do, in order."""
    if not steps:
        return None
    listed = element("ol", *(element("li", *step(each)) for each in steps))
    return element("div", element("p", "What to do", class_="label"), listed, class_="remedy")


def picture(entry: Entry) -> Element | None:
    """Who binds to whom, drawn and as a table."""
    if entry.graph is None:
        return None
    drawing = element(
        "div",
        draw(entry.graph, description(entry.finding)),
        class_="wide drawing",
        tabindex=0,
        role="group",
        aria_label="Picture of the bindings",
    )
    return element(
        "figure",
        element("figcaption", "Who binds to whom", class_="label"),
        drawing,
        legend(entry.graph),
        bindings_table(moves(row(entry.finding, "evidence"))),
        data_conflict=entry.anchor,
    )


def description(finding: Row) -> str:
    """The picture in words."""
    parts = [
        f"{word(one, 'references')} references of {file_name(word(one, 'object'))} bind to "
        f"{file_name(word(one, 'binds_to')) or 'nothing'} instead of "
        f"{file_name(word(one, 'instead_of'))}"
        for one in moves(row(finding, "evidence"))
    ]
    return f"In httpd {'; '.join(parts)}."


def legend(graph: Graph) -> Element:
    """What the lines mean."""
    drawn = {edge.kind for edge in graph.edges}
    keys = (
        element("span", meaning, class_=f"key {name}")
        for name, (meaning, kinds) in LINES.items()
        if kinds & drawn
    )
    return element(
        "p",
        *keys,
        class_="legend",
        aria_hidden="true",
    )


def bindings_table(moved: list[Row]) -> Element:
    """The arrows that matter, as rows."""

    def cells(one: Row) -> list[list[Child]]:
        own = word(one, "instead_of") == word(one, "object")
        elsewhere = "its own copy" if own else ""
        return [
            [code(word(one, "object"))],
            [word(one, "references")],
            [code(word(one, "binds_to")) if word(one, "binds_to") else "nothing"],
            [elsewhere or code(word(one, "instead_of"))],
        ]

    heads = ["object", "references", "bind in httpd to", "outside httpd to"]
    return grid(heads, map(cells, moved), "Bindings that differ")


def evidence(found: Row, *, is_pictured: bool) -> Element | None:
    """Everything needed to repeat the judgement."""
    shown = [
        (str(key).replace("_", " "), value(str(key), each))
        for key, each in found.items()
        if each not in (None, "", [], {}) and not (is_pictured and key in PICTURED)
    ]
    if not shown:
        return None
    return element("div", element("p", "Evidence", class_="label"), facts(shown), class_="evidence")


def footnote(finding: Row) -> Element:
    """Where to read on; only links to web pages are links."""
    links: list[Child] = []
    for address in texts(finding, "references"):
        is_link = address.startswith(("https://", "http://"))
        links += [
            " · ",
            element("a", address, href=address, rel="noreferrer") if is_link else address,
        ]
    page = command(f"hostprobe explain {word(finding, 'check')}")
    return element("p", "More: ", page, *links, class_="footnote")
