"""Sentences and values as HTML: paths in the type of code, commands ready to be copied."""

import re
from collections.abc import Iterable, Iterator
from typing import Any
from xml.etree.ElementTree import Element

from hostprobe.report.html.markup import Child, element
from hostprobe.report.text import worded

CODE = re.compile(r"`([^`]+)`|((?<![\w.+~/:=-])/[^\s,;()'\"<>]*[^\s,;()'\"<>.:])")
PROGRAM = (
    r"(?:a2(?:dis|en)mod|apache2?ctl|apparmor_parser|apt-(?:get|file)|chcon|chgrp|chmod|chown|dnf|"
    r"export|hostprobe|install|mkdir|mount|nsenter|patchelf|php(?:dis|en)mod|pip|python3[.\d]*|"
    r"restorecon|semanage|semodule|setfacl|setsebool|sudo|systemctl|usermod|zypper)"
)
DIRECTIVE = r"(?:WSGI[A-Z]\w*|LoadFile|ErrorLogFormat)"
LEAD = (
    r"(?:Or, [a-z ,]+: |/[^\s:]+:\d+: |Above every <VirtualHost> and WSGIScriptAlias: |"
    r"In the main server's configuration write: |One zone for each process first: |Call it as: )?"
)
TAIL = r" before the | in | \(|, (?:and|then|which|with) | and |\.?$"
WORDS = r" (?:'[^']*'|[^'])+?"
COMMAND = re.compile(rf"^({LEAD})({PROGRAM}{WORDS}(?=: |{TAIL})|{DIRECTIVE}{WORDS}(?={TAIL}))")
"""What of a step is to be typed: after nothing or words that only hostprobe says, as a name of the
host may hold a command too; up to what is said about it, but never within quotes."""

SYMBOLS_SHOWN = 8


def sentence(text: str) -> list[Child]:
    """Text whose paths and `quoted` parts are code."""
    parts: list[Child] = []
    end = 0
    for found in CODE.finditer(text):
        parts += [text[end : found.start()], code(found[1] or found[2])]
        end = found.end()
    return [*parts, text[end:]]


def code(text: str, **attributes: str) -> Element:
    """Something that a computer reads; it may be broken after a slash."""
    pieces = re.split(r"(?<=[^/]/)(?=[^/])", text)
    broken: list[Child] = [pieces[0]]
    for piece in pieces[1:]:
        broken += [element("wbr"), piece]
    return element("code", *broken, **attributes)


def step(text: str) -> list[Child]:
    """A step of a remedy: what is to be typed stands out."""
    found = COMMAND.match(text)
    if not found:
        return sentence(text)
    return [*sentence(found[1]), command(found[2]), *sentence(text[found.end() :])]


def command(text: str) -> Element:
    """Something to type; the script adds a button that copies it."""
    return code(text, class_="command")


def value(key: str, given: Any) -> list[Child]:
    """A value of evidence: tables of mappings, lists of names, else words."""
    if isinstance(given, list) and any(isinstance(each, dict) for each in given):
        return [table([each for each in given if isinstance(each, dict)])]
    if isinstance(given, list):
        return names([worded(each, verbose=True) for each in given])
    if key == "repeat":
        return [command(worded(given))]
    if isinstance(given, str):
        return sentence(given)
    return sentence(worded(given, verbose=True))


def names(texts: list[str]) -> list[Child]:
    """A few names in a row, many behind their number."""
    listed = element("ul", *(element("li", code(text)) for text in texts), class_="row")
    if len(texts) <= SYMBOLS_SHOWN:
        return [listed]
    shown = f"{len(texts)}: {', '.join(texts[:3])} and more"
    return [element("details", element("summary", shown), listed)]


def table(given: list[dict[str, Any]]) -> Element:
    """Mappings with the same keys as rows; columns without anything are left out."""
    keys = [
        key
        for key in dict.fromkeys(key for each in given for key in each)
        if any(each.get(key) not in (None, "", [], {}) for each in given)
    ]
    heads = [str(key).replace("_", " ") for key in keys]
    return grid(heads, ([cell(each.get(key)) for key in keys] for each in given))


def cell(given: Any) -> list[Child]:
    """One value of a table."""
    if isinstance(given, str):
        return [code(given)] if given else []
    return [] if given is None else sentence(worded(given, verbose=True))


def grid(heads: list[str], body: Iterable[list[list[Child]]], label: str = "") -> Element:
    """A table that may be moved sideways where the window is narrow."""
    whole = element(
        "table",
        element("thead", element("tr", *(element("th", head, scope="col") for head in heads))),
        element("tbody", *(table_row(cells) for cells in body)),
        aria_label=label or None,
    )
    return element("div", whole, class_="wide")


def table_row(cells: list[list[Child]]) -> Element:
    """One row."""
    return element("tr", *(element("td", *content) for content in cells))


def facts(pairs: Iterable[tuple[str, list[Child]]]) -> Element:
    """Labels and values; what is empty is left out."""
    return element("dl", *fact_elements(pairs), class_="facts")


def fact_elements(pairs: Iterable[tuple[str, list[Child]]]) -> Iterator[Element]:
    """Each pair as one group."""
    for label, content in pairs:
        if any(child is not None and child != "" for child in content):
            yield element("div", element("dt", label), element("dd", *content))


def counted(number: int, one: str, many: str = "") -> str:
    """`1 finding`, `2 findings`."""
    return f"{number} {one if number == 1 else many or one + 's'}"


def labelled(identifier: str, label: str, *options: Element) -> Element:
    """A list to choose from."""
    return element("label", element("span", label), element("select", *options, id=identifier))
