"""Completions in the shells themselves."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tests.real.build import run

pytestmark = pytest.mark.real

COMPLETIONS = Path(__file__).parents[2] / "packaging/completions"
BASH = """
. "$1"
shift
COMP_WORDS=("$@") COMP_CWORD=$(($# - 1)) COMPREPLY=()
function=$(complete -p hostprobe | sed 's/.*-F \\([^ ]*\\) .*/\\1/')
$function hostprobe "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD - 1]}"
printf '%s\\n' "${COMPREPLY[@]}"
"""
TYPED = [
    (["top"], {"topology"}),
    (["explain", "symbol-"], {"symbol-interposed"}),
    (["scan", "--fail"], {"--fail-on"}),
    (["scan", "--fail-on", "h"], {"high"}),
    (["scan", "--select", "libxml2"], {"libxml2-mixed"}),
    (["scan", "--root", "/proc/sel"], {"/proc/self"}),
    (["schema", "rep"], {"report"}),
]


@pytest.fixture(scope="module")
def share(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("share")
    run(sys.executable, COMPLETIONS, directory)
    return directory


@pytest.mark.parametrize(("words", "expected"), TYPED, ids=" ".join)
def test_bash_completes(share: Path, words: list[str], expected: set[str]) -> None:
    script = share / "bash-completion/completions/hostprobe"
    assert set(run("bash", "-c", BASH, "bash", script, "hostprobe", *words).split()) == expected


@pytest.mark.parametrize(("words", "expected"), TYPED, ids=" ".join)
def test_fish_completes(share: Path, words: list[str], expected: set[str]) -> None:
    script = share / "fish/vendor_completions.d/hostprobe.fish"
    line = " ".join(["hostprobe", *words])
    said = run("fish", "-c", f"source {script}; complete --do-complete '{line}'")
    assert {each.partition("\t")[0].rstrip("/") for each in said.splitlines()} == expected


@pytest.mark.parametrize(
    ("shell", "place"),
    [
        ("bash", "bash-completion/completions/hostprobe"),
        ("zsh", "zsh/site-functions/_hostprobe"),
        ("fish", "fish/vendor_completions.d/hostprobe.fish"),
    ],
)
def test_the_shell_reads_it(share: Path, shell: str, place: str) -> None:
    assert run(shell, "-n", share / place) == ""
