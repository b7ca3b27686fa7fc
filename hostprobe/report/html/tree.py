"""Who runs what, where: process groups, interpreters, applications, Python environments."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from xml.etree.ElementTree import Element

from hostprobe.report.html.findings import Entry, severity
from hostprobe.report.html.markup import Child, element
from hostprobe.report.html.phrases import code, counted, sentence
from hostprobe.report.html.reading import Row, place, row, rows, texts, word
from hostprobe.report.text import worded

UNKNOWN = "decided at run time"


@dataclass(frozen=True, slots=True)
class Site:
    """One httpd of the report."""

    number: int
    instance: Row
    hits: Mapping[str, list[Entry]]
    """Application -> its findings."""


def hits_of(entries: Iterable[Entry]) -> dict[str, list[Entry]]:
    """The findings of each application, but for waived ones."""
    found: dict[str, list[Entry]] = {}
    for entry in entries:
        for name in () if entry.is_waived else entry.affected:
            found.setdefault(name, []).append(entry)
    return found


def tree(site: Site) -> Element:
    """All process groups; those that are defined come first, even without an application."""
    defined = [word(group, "name") for group in rows(site.instance, "process_groups")]
    members = by_name(rows(site.instance, "applications"), "process_group", defined)
    branches = (group_branch(site, name, inside) for name, inside in members.items())
    return element("ul", *branches, class_="tree")


def by_name(
    applications: Iterable[Row], key: str, first: Iterable[str] = ()
) -> dict[str | None, list[Row]]:
    """Applications by the value of a key, in order of appearance; None where it is not known."""
    found: dict[str | None, list[Row]] = {name: [] for name in first}
    for one in applications:
        found.setdefault(None if one.get(key) is None else word(one, key), []).append(one)
    return found


def group_branch(site: Site, name: str | None, members: list[Row]) -> Element:
    """One process group and its interpreters."""
    titles = {None: UNKNOWN, "": "embedded mode, httpd's children"}
    groups = rows(site.instance, "process_groups")
    definition = next((one for one in groups if word(one, "name") == name), {})
    interpreters = by_name(members, "application_group").items()
    branches = (interpreter_branch(site, each, inside) for each, inside in interpreters)
    return element(
        "li",
        *leaf("process group", titles.get(name, name or ""), group_note(definition)),
        element("ul", *branches) if members else None,
    )


def interpreter_branch(site: Site, name: str | None, members: list[Row]) -> Element:
    """One interpreter and its applications."""
    titles = {None: UNKNOWN, "": "main interpreter"}
    return element(
        "li",
        *leaf("interpreter", titles.get(name, name or ""), []),
        element("ul", *(application_branch(site, one) for one in members)),
    )


def application_branch(site: Site, one: Row) -> Element:
    """One application: what hits it, what it imports, and its environment."""
    label, _, script = word(one, "name").partition(" (")
    about: list[Child] = [code(script.removesuffix(")")), " "]
    where = place(row(one, "where"))
    reached = [word(each, "module") for each in rows(one, "reachable")]
    return element(
        "li",
        *leaf("application", label, [*about, "at ", code(where)]),
        *(element("p", *sentence(text), class_="problem") for text in texts(one, "problems")),
        *(hit(entry) for entry in site.hits.get(word(one, "name"), ())),
        extensions("imports", reached) if reached else None,
        element("ul", element("li", *environment_leaf(site, one))),
    )


def leaf(kind: str, name: str, note: list[Child]) -> list[Child]:
    """One line of the tree."""
    return [
        element("span", kind, class_="kind"),
        " ",
        element("strong", element("bdi", name)),
        element("span", " ", *note, class_="note") if note else None,
    ]


def group_note(group: Row) -> list[Child]:
    """How a WSGIDaemonProcess is defined."""
    if not group:
        return []
    who = ":".join(filter(None, (word(group, "user"), word(group, "group"))))
    size = f"{amount(group, 'process', 'processes')} of {amount(group, 'thread', 'threads')}"
    options = " ".join(f"{key}={worded(given)}" for key, given in row(group, "options").items())
    where = code(place(row(group, "where")))
    return [f"{who or 'user of httpd'}, {size}, at ", where, f" ({options})" if options else None]


def amount(group: Row, one: str, many: str) -> str:
    """`5 threads`; `? threads` where it is not known."""
    number = group.get(many)
    return counted(number, one, many) if isinstance(number, int) else f"? {many}"


def hit(entry: Entry) -> Element:
    """A link to a finding."""
    mark = element("span", severity(entry), class_=f"severity {severity(entry)}")
    title = element("span", word(entry.finding, "title"))
    return element("a", mark, " ", title, href=f"#{entry.anchor}", class_="hit")


def environment_leaf(site: Site, one: Row) -> list[Child]:
    """The Python environment of an application, or why it is not known."""
    number = one.get("environment")
    found = [each for each in rows(site.instance, "environments") if each.get("id") == number]
    if number is None or not found:
        reason = word(one, "environment_reason")
        return leaf("Python", "not established", sentence(reason))
    title = sentence(environment_title(found[0]))
    link = element("a", *title, href=f"#{environment_anchor(site, number)}")
    return [element("span", "Python", class_="kind"), " ", link]


def environment_title(one: Row) -> str:
    """`3.11.2 in /srv/venv`."""
    version = word(one, "patch") or word(one, "version") or "unknown"
    return f"{version} in {word(one, 'home') or word(one, 'prefix') or 'an unknown place'}"


def environment_anchor(site: Site, identifier: object) -> str:
    """The id of an environment's part of the page."""
    return f"environment-{site.number}-{identifier if isinstance(identifier, int) else 0}"


def extensions(label: str, modules: list[str]) -> Element:
    """Names of compiled modules behind their number."""
    return element(
        "details",
        element("summary", f"{label} {counted(len(modules), 'compiled module')}"),
        element("p", ", ".join(modules)),
        class_="modules",
    )
