"""The pages as a reader gets them: groff and mandoc have nothing to say about them."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from tests.real.build import run

pytestmark = pytest.mark.real

MANUAL = Path(__file__).parents[2] / "packaging/manual"
READER = ("env", "LC_ALL=C.UTF-8", "MANWIDTH=100", "man", "--warnings", "-E", "UTF-8", "-l")


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    share = tmp_path_factory.mktemp("share")
    run(sys.executable, MANUAL, share)
    return sorted(share.glob("man/man?/*"))


def test_groff_and_mandoc_find_no_fault(pages: list[Path]) -> None:
    assert len(pages) > 8
    for page in pages:
        assert warnings(*READER, page) == ""
        assert run("mandoc", "-Tlint", "-Wwarning", page) == ""


def test_hyphens_can_be_copied_and_examples_stand_as_they_are_typed(pages: list[Path]) -> None:
    (scan,) = (page for page in pages if page.name == "hostprobe-scan.1")
    text = run(*READER, scan)
    assert "hostprobe scan --fail-on medium -q && systemctl reload apache2\n" in text
    assert "--fail-on SEVERITY\n" in text


def warnings(*command: str | Path) -> str:
    """What it says on stderr; `man` succeeds whatever groff thinks."""
    return run("sh", "-c", f"{' '.join(map(str, command))} 2>&1 >{os.devnull}")
