"""docs/checks.md is what the docstrings of the checks make of it."""

import re
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path

import cmarkgfm
import pytest

from hostprobe.catalogue import discover

ROOT = Path(__file__).parent.parent
PAGE = (ROOT / "docs/checks.md").read_text()
CHECKS = discover().checks
TAGS = {"h2", "h3", "p", "em", "code", "pre", "ul", "li", "a"}


class Shown(HTMLParser):
    """Tags, words and headings that a reader gets."""

    def __init__(self, markdown):
        super().__init__()
        self.tags, self.text = [], ""
        self.feed(cmarkgfm.github_flavored_markdown_to_html(markdown))

    def handle_starttag(self, tag, attributes):
        self.tags.append(tag)

    def handle_data(self, data):
        self.text += data


def chapter(name):
    """The Markdown of one check."""
    return re.search(rf"^## {name}\n.*?(?=^## |\Z)", PAGE, re.MULTILINE | re.DOTALL)[0]


def test_the_pages_are_what_make_docs_prints():
    command = [sys.executable, ROOT / "packaging/check-pages"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout == PAGE, "run `make docs`"


def test_every_check_has_a_chapter_and_a_link_to_it():
    assert re.findall(r"^## (.*)$", PAGE, re.MULTILINE) == list(CHECKS)
    assert re.findall(r"^\| \[(.*?)\]\(#\1\) \|", PAGE, re.MULTILINE) == list(CHECKS)


@pytest.mark.parametrize("name", CHECKS)
def test_a_chapter_shows_every_word_of_the_docstring_and_no_markup_of_its_own(name):
    check, shown = CHECKS[name], Shown(chapter(name))
    assert set(shown.tags) <= TAGS
    assert shown.tags.count("h3") == 5
    said = re.sub(r"\n-+\n", "\n", check.page).replace("`", "")
    words = [name, "Up", "to", f"{check.severity.name}.", *said.split(), *check.references]
    assert shown.text.split() == words
