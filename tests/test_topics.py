"""docs/topics.md is what the checks, the tests and the table of topics make of it."""

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from hostprobe.catalogue import discover

ROOT = Path(__file__).parent.parent
PAGE = ROOT / "docs/topics.md"
CHAPTERS = tomllib.loads((ROOT / "packaging/topics.toml").read_text())["chapter"]
TOPICS = [topic for chapter in CHAPTERS for topic in chapter["topics"]]


def rows():
    """The cells of each row, without the heads of tables."""
    lines = [line for line in PAGE.read_text().splitlines() if line.startswith("| ")]
    cells = [line.strip("|").split("|") for line in lines if "| topic |" not in line]
    return [[cell.strip() for cell in row] for row in cells]


def test_the_page_is_what_make_docs_prints():
    command = [sys.executable, ROOT / "packaging/topics"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout == PAGE.read_text(), "run `make docs`"


@pytest.mark.parametrize("name", sorted(discover().checks))
def test_every_check_answers_a_topic_and_is_in_the_page(name):
    assert any(name in topic["checks"] for topic in TOPICS), f"add {name} to packaging/topics.toml"
    assert any(row[1].startswith(f"`{name}`:") for row in rows())


def test_no_cell_is_empty():
    assert rows()
    assert all(len(row) == 4 and all(row) for row in rows())


def test_a_test_that_a_row_names_is_there():
    for *_, witness, _ in rows():
        for path in re.findall(r"\]\(\.\./([^)]+)\)", witness):
            assert (ROOT / path).is_file()


@pytest.mark.parametrize("topic", TOPICS, ids=lambda topic: topic["title"])
def test_every_topic_has_a_check(topic):
    assert set(topic["checks"]) & set(discover().checks)


def test_only_checks_that_are_there_are_named():
    assert {name for topic in TOPICS for name in topic["checks"]} <= set(discover().checks)
