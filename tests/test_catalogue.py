"""Every check has one name, one page and one test; what documents name exists."""

import importlib
import re
from pathlib import Path

import pytest

from hostprobe.check import Check

ROOT = Path(__file__).parent.parent
CHECKS = sorted(
    path.stem for path in (ROOT / "checks/hostprobe_checks").glob("*.py") if path.stem != "__init__"
)
SECTIONS = [
    "Why it matters",
    "Example",
    "Remedy",
    "Not found by this check",
    "References",
]
DOCUMENTS = [path for path in ROOT.glob("*.md") if path.name != "LICENSE"]


def load(name):
    return getattr(importlib.import_module(f"hostprobe_checks.{name}"), name)


def test_there_are_checks():
    assert CHECKS


@pytest.mark.parametrize("name", CHECKS)
def test_file_function_and_id_are_one_name(name):
    check = load(name)
    assert isinstance(check, Check)
    assert check.id == name.replace("_", "-")


@pytest.mark.parametrize("name", CHECKS)
def test_the_page_has_its_sections_in_order(name):
    page = load(name).page
    assert re.findall(r"^(\w[\w ]+)\n-+$", page, re.MULTILINE) == SECTIONS
    assert page.partition("\n")[0].endswith(".")


@pytest.mark.parametrize("name", CHECKS)
def test_a_check_has_a_test_that_fires_and_a_near_miss(name):
    tests = (ROOT / f"tests/checks/test_{name}.py").read_text()
    assert re.search(r"def test_\w*fires", tests)
    assert re.search(r"def test_\w*silent", tests)


@pytest.mark.parametrize("name", CHECKS)
def test_the_remedy_says_how_to_see_that_it_worked(name):
    remedy = re.search(r"Remedy\n-+\n(.*?)\n\n\w[\w ]+\n-+\n", load(name).page, re.DOTALL)
    assert remedy
    assert "hostprobe" in remedy[1]


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_every_path_that_a_document_names_exists(document):
    named = re.findall(
        r"`((?:hostprobe|checks|tests|packaging|systemd)/[\w./-]*)`", document.read_text()
    )
    missing = [name for name in named if not (ROOT / name).exists()]
    assert not missing


@pytest.mark.parametrize("name", CHECKS)
def test_the_readme_lists_every_check_with_its_title(name):
    check = load(name)
    assert f"| `{check.id}` | {check.title} |" in (ROOT / "README.md").read_text()
