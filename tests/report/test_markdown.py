import re
from html.parser import HTMLParser

import cmarkgfm
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hostprobe.report.escape import escape
from hostprobe.report.formats import render
from hostprobe.report.markdown import code, prose, table
from tests.report.documents import (
    FOREIGN,
    document,
    hostile_document,
    silent_document,
    waived_document,
)
from tests.report.golden_files import assert_golden, assert_no_surprise

TAGS = {"h1", "h2", "p", "strong", "code", "ul", "ol", "li"} | {
    "table", "thead", "tbody", "tr", "th", "td",
}  # fmt: skip
ANY = st.text(st.characters(exclude_categories=("Cs",)))
MARKED = st.text("ab1 .)(`*_[]<>#|\\~@&:/-+=!\"'\n\tw")


class Page(HTMLParser):
    """What GitHub's own parser makes of it: tags, text, and the text outside of code."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.text, self.open_text, self.depth = [], "", "", 0
        self.feed(cmarkgfm.github_flavored_markdown_to_html(text))

    def handle_starttag(self, tag, attributes):
        self.tags.append(tag)
        self.depth += tag == "code"

    def handle_endtag(self, tag):
        self.depth -= tag == "code"

    def handle_data(self, data):
        self.text += data
        self.open_text += data if not self.depth else "`"


def test_the_judge_sees_markup():
    page = Page("a <b>x</b> https://e.org `x`\n\n- y")
    assert {"a", "li", "code"} <= set(page.tags)


@pytest.mark.parametrize(
    "make", [document, hostile_document, silent_document], ids=lambda make: make.__name__
)
def test_only_our_own_markup_is_there(make):
    text = render("markdown", make())
    assert_no_surprise(text)
    page = Page(text)
    assert set(page.tags) <= TAGS
    assert not re.search(r"[@#]|://|www\.|GH-", page.open_text)


def test_the_page_is_as_agreed():
    assert_golden("report.md", render("markdown", hostile_document()))


def test_the_structure_follows_the_document_whatever_its_names():
    waivers = waived_document()["waivers"][1:2]
    plain = Page(render("markdown", document(waived=[1]) | {"waivers": waivers}))
    hostile = Page(render("markdown", hostile_document()))
    for tag in ("h1", "h2", "table", "tr", "td", "ol"):
        assert plain.tags.count(tag) == hostile.tags.count(tag), tag
    assert hostile.tags.count("td") == 5 + 3 * 4


def test_waived_findings_are_listed_but_not_counted():
    text = render("markdown", document(waived=[0]))
    assert "| 0 | 0 | 0 | 1 | 1 |" in text
    assert "## Waived\n\n- CRITICAL" in text
    assert "## CRITICAL" not in text


def test_waivers_to_look_at_are_listed():
    text = render("markdown", waived_document())
    section = text.partition("## Waivers to look at\n\n")[2].partition("\n\n")[0]
    assert section.count("\n- ") == 2
    assert section.startswith("- a waiver holds for no finding: expat-interposed ")
    assert "## Waivers to look at" not in render("markdown", document())


def test_incompleteness_is_said_and_explained():
    text = render("markdown", document())
    assert "**INCOMPLETE**" in text
    assert "## Not read\n\n- " in text
    assert "| lost-check | failed | SyntaxError: invalid syntax |" in text
    assert "Complete: 6 checks." in render("markdown", silent_document())


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Debian 12 (bookworm), x86.", "Debian 12 (bookworm), x86."),
        ("by /usr/a.so (/etc/b:3), before", "by `/usr/a.so` (`/etc/b:3`), before"),
        ("1. first", "`1.` first"),
        ("in 2010.", "in 2010."),
        ("- x", "`-` x"),
        ("it's well-known", "it's well-known"),
        ("a`b", "`` a`b ``"),
        ("@user #12 GH-12", "`@user` `#12` `GH-12`"),
        ("a\nb", "`a\\nb`"),
        ("", ""),
    ],
)
def test_only_plain_words_stand_outside_of_code(text, shown):
    assert prose(text) == shown


@given(ANY | MARKED)
def test_prose_is_read_back_as_it_was(text):
    page = Page(f"x\n\n{prose(text)}")
    assert set(page.tags) <= {"p", "code"}
    assert page.text.split() == ["x", *escape(text).split()]


@given(ANY | MARKED)
def test_a_code_span_holds_everything(text):
    page = Page(f"x{code(text)}x")
    assert page.tags == ["p", "code"]
    assert " ".join(page.text.split()) == " ".join(f"x{escape(text) or ' '}x".split())


@given(ANY | MARKED, ANY | MARKED)
def test_a_table_keeps_its_cells(first, second):
    page = Page(table(("a", "b"), [[first, second], [second, first]]))
    assert page.tags.count("td") == 4
    assert page.tags.count("table") == 1
    assert set(page.tags) <= TAGS


def test_the_host_is_named_by_the_title():
    assert escape(FOREIGN)[:4] in Page(render("markdown", hostile_document())).text
