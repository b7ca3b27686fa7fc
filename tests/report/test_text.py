import io
from dataclasses import replace

import pytest

from hostprobe.engine import Outcome, Result
from hostprobe.report.lines import plain, print_coloured, styled, to_text, wrap
from hostprobe.report.text import render_text
from tests.report.golden_files import assert_golden, assert_no_surprise
from tests.report.sample import report, symbol_interposed, waived_report


def text(found, width=100, **options):
    return "".join(f"{line}\n" for line in to_text(render_text(found, **options), width))


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("report.txt", {}),
        ("report-verbose.txt", {"verbose": True}),
        ("report-quiet.txt", {"quiet": True}),
        ("report-narrow.txt", {"width": 60}),
    ],
)
def test_the_text_is_as_agreed(name, options):
    shown = text(report(), **options)
    assert_no_surprise(shown)
    assert_golden(name, shown)


def test_colours_change_nothing_but_the_colour():
    stream = io.StringIO()
    print_coloured(render_text(report()), stream, 100)
    assert stream.getvalue() == text(report())


def test_another_root_is_named_in_the_first_line():
    assert "root /mnt" in text(report(live=False)).partition("\n")[0]


def test_a_clean_and_complete_report_says_so():
    clean = replace(
        report(), instances=(), notes=(), results=(Result("a", Outcome.clean, symbol_interposed),)
    )
    assert text(clean).endswith("Findings: none.\nChecks: 1 clean. Complete, in 0.50 s.\n")


def test_what_did_not_run_is_never_silent():
    shown = text(report())
    assert "Not run: " in shown
    assert "INCOMPLETE" in shown


@pytest.mark.parametrize("width", [40, 60, 100])
def test_lines_are_wrapped_but_paths_never_cut(width):
    path = "/usr/lib/" + "x" * 120
    lines = wrap(plain(f"  {'word ' * 30}{path} end"), width)
    assert path in "".join(lines)
    assert all(len(line) <= width for line in lines if path not in line)


def test_marks_are_escaped_too():
    assert styled("a\nb", "high").text == plain("a\nb").text == "a\\nb"


def test_what_was_not_read_is_named_and_long_lists_are_cut():
    reasons = tuple(f"/srv/{number}\x1b: not a regular file" for number in range(30))
    spoiled = replace(report(), unread=reasons)
    assert "Not read: /srv/3\\x1b: not a regular file" in text(spoiled)
    assert "more (-v names them)" in text(spoiled)
    assert "/srv/29\\x1b" in text(spoiled, verbose=True)


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("waived.txt", {}),
        ("waived-verbose.txt", {"verbose": True}),
        ("waived-quiet.txt", {"quiet": True}),
    ],
)
def test_what_is_waived_or_known_stays_visible_and_says_so(name, options):
    shown = text(waived_report(), **options)
    assert_no_surprise(shown)
    assert_golden(name, shown)
