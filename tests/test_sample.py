"""The bundled sample host shows the two conflicts of the README, and says that it is a sample."""

import json
from pathlib import Path

import pytest

from hostprobe.cli import main

SAMPLE = Path(__file__).parent.parent / "hostprobe/sample.snapshot"
LARGEST = 2 << 20


def scan(capsys, *arguments):
    status = main(["scan", "--snapshot", "sample", *arguments])
    return status, capsys.readouterr().out


def test_it_is_small():
    assert SAMPLE.stat().st_size <= LARGEST


@pytest.mark.parametrize(
    ("check", "winner", "application"),
    [
        ("symbol-interposed", "libedit.so.2", "shop.example.org/console"),
        ("libxml2-mixed", "libxml2.so.2", "shop.example.org/"),
    ],
)
def test_it_has_the_conflict(capsys, check, winner, application):
    status, out = scan(capsys, "--format", "json")
    (finding,) = [each for each in json.loads(out)["findings"] if each["check"] == check]
    assert status == 1
    assert winner in {each["soname"] for each in finding["evidence"]["winners"]}
    assert finding["affected"][0].startswith(application)


def test_nobody_mistakes_it_for_this_host(capsys):
    _, out = scan(capsys)
    assert "NOT THIS HOST: bundled sample" in out


def test_the_readme_shows_what_it_gives(capsys):
    _, out = scan(capsys)
    shown = (SAMPLE.parent.parent / "README.md").read_text()
    findings = out[out.index("shop.example.org/console") : out.index("Findings:")]
    assert findings in shown
