"""Settings, waivers, the state directory, diff and baseline, from the command line."""

import json
import os

import pytest

import hostprobe.cli.scan
import hostprobe.settings
from hostprobe.agent.state import State
from hostprobe.agent.writer import writing
from hostprobe.catalogue import Catalogue
from hostprobe.check import Certainty, Finding, Severity, check
from hostprobe.facts.host import HostIdentity
from tests.cli.test_cli import run

WAIVER = '[[waiver]]\ncheck = "{}"\nsubject = "*"\nreason = "judged"\n'
BOTH = WAIVER.format("door-open") + WAIVER.format("window-open")


@check(Severity.critical)
def door_open(host: HostIdentity):
    """The door is open."""
    yield Finding(f"door:{host.name}", "The door is open", Severity.critical, Certainty.certain)


@check(Severity.high)
def window_open(host: HostIdentity):
    """The window is open."""
    yield Finding(f"window:{host.name}", "The window is open", Severity.high, Certainty.certain)


@check(Severity.low)
def door_shut(host: HostIdentity):
    """The door is shut."""
    yield from ()


@pytest.fixture
def house(root, monkeypatch):
    """The options of a scan that finds two faults."""
    checks = {each.id: each for each in (door_open, door_shut, window_open)}
    monkeypatch.setattr(hostprobe.cli.scan, "discover", lambda: Catalogue(checks, {}))
    return ("scan", "--root", root)


@pytest.fixture
def settings(tmp_path):
    """Writes a settings file."""
    return writer(tmp_path / "own.toml")


def writer(path):
    def write(text):
        path.write_text(text)
        return path

    return write


@pytest.fixture
def state(tmp_path):
    return tmp_path / "state"


def said(capsys):
    """stderr, one clear line."""
    err = capsys.readouterr().err
    assert err.count("\n") == 1
    return err


@pytest.mark.parametrize(
    ("text", "status"),
    [
        ("", 1),
        (WAIVER.format("door-*"), 1),
        (BOTH, 0),
        (BOTH + '[scan]\nfail_on = "info"\n', 0),
        (BOTH.replace("judged", 'judged"\nexpires = "2020-01-01'), 1),
        ('[scan]\nignore = ["door-open"]', 1),
    ],
)
def test_waivers_and_settings_decide_the_exit_status(house, settings, text, status):
    assert run(*house, "--settings", settings(text)) == status


def test_the_settings_choose_checks_unless_the_command_line_does(house, settings, capsys):
    path = settings('[scan]\nselect = ["door-shut"]\nfail_on = "critical"\n')
    command = (*house, "--settings", path, "--format", "json")
    assert run(*command) == 0
    assert [each["id"] for each in json.loads(capsys.readouterr().out)["checks"]] == ["door-shut"]
    assert run(*command, "--select", "window-open") == 0
    assert run(*command, "--select", "window-open", "--fail-on", "high") == 1


def test_an_unknown_check_in_the_settings_is_a_mistake(house, settings, capsys):
    path = settings('[scan]\nselect = ["door-opn"]\n')
    assert run(*house, "--settings", path) == 2
    assert "did you mean door-open" in said(capsys)


@pytest.mark.parametrize("command", [["scan"], ["diff"], ["report", "--format", "json"]])
def test_a_mistake_in_the_settings_is_one_line_with_file_and_key(settings, command, capsys):
    path = settings("[state]\nkep = 3\n")
    assert run(*command, "--settings", path) == 2
    assert said(capsys).startswith(
        f"hostprobe {command[0]}: {path}: state.kep is not a setting (known here: directory, keep)"
    )


def test_the_host_s_settings_say_nothing_about_another_root(root, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(hostprobe.settings, "MAIN", str(tmp_path / "host.toml"))
    (tmp_path / "host.toml").write_text("nonsense")
    assert run("scan", "--root", root) == 0
    assert run("scan", "--snapshot", "sample", "--select", "stdin-read") == 0
    capsys.readouterr()
    assert run("scan", "--no-live") == 2
    assert "host.toml" in said(capsys)


def test_a_scan_prints_and_keeps_its_report(house, state, capsys):
    assert run(*house, "--state", state, "--format", "json") == 1
    printed = capsys.readouterr().out
    assert (state / "report.json").read_text() == printed
    assert len(State(str(state)).history()) == 1
    assert run("report", "--state", state, "--format", "json") == 0
    assert capsys.readouterr().out == printed


def test_the_settings_say_where_and_how_many(state, settings, root, capsys):
    path = settings(f'[state]\ndirectory = "{state}"\nkeep = 2\n')
    for _ in range(3):
        assert run("scan", "--root", root, "--state", state, "--settings", path) == 0
    assert len(State(str(state)).history()) == 2
    capsys.readouterr()
    assert run("report", "--settings", path, "--format", "jsonl") == 0
    assert json.loads(capsys.readouterr().out.splitlines()[0])["host"]["name"] == "rescue"


def test_the_state_of_this_host_takes_no_report_of_another(root, capsys):
    assert run("scan", "--root", root, "--state") == 2
    assert "--state needs a DIR here" in said(capsys)


@pytest.mark.parametrize("place", ["/no/such/state", "/etc/passwd", "/proc/1"])
def test_a_place_that_takes_no_report_is_told_before_the_scan(root, place, capsys):
    assert run("scan", "--root", root, "--state", place) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.startswith(f"hostprobe scan: {place}: ")


def test_while_another_one_writes_a_scan_says_so(root, state, capsys):
    with writing(State(str(state))):
        assert run("scan", "--root", root, "--state", state) == 2
    assert said(capsys) == f"hostprobe scan: {state}: another hostprobe is writing here\n"


def test_what_was_found_is_printed_although_it_cannot_be_kept(root, state, monkeypatch, capsys):
    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "link", full)
    assert run("scan", "--root", root, "--state", state) == 2
    captured = capsys.readouterr()
    assert "Findings: none." in captured.out
    assert captured.err == f"hostprobe scan: {state}: no space left on device\n"


def test_the_last_two_scans_are_compared(house, state, settings, capsys):
    assert run(*house, "--state", state, "--settings", settings(BOTH)) == 0
    assert run(*house, "--state", state) == 1
    capsys.readouterr()
    assert run("diff", "--state", state) == 1
    out = capsys.readouterr().out
    assert out.count("\nAPPEARED ") == 2
    assert run("diff", "--state", state, "0", "1") == 0
    assert capsys.readouterr().out.count("\nWAIVED ") == 2
    assert run("diff", "--state", state, "0") == 0
    assert "Nothing changed." in capsys.readouterr().out


def test_files_are_compared_and_a_check_that_stopped_is_3(house, state, tmp_path, capsys):
    assert run(*house, "--output", tmp_path / "a.json", "--format", "json") == 1
    assert (
        run(*house, "--ignore", "door-open", "--output", tmp_path / "b.json", "--format", "json")
        == 1
    )
    assert run("diff", tmp_path / "a.json", tmp_path / "b.json") == 3
    assert "CHECK STOPPED door-open (left-out)" in capsys.readouterr().out
    assert run("diff", tmp_path / "b.json", tmp_path / "a.json", "--format", "json") == 1
    assert json.loads(capsys.readouterr().out)["worse"] is True


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["diff"], ": the history holds 0 reports, none 1 back"),
        (["diff", "./3"], "./3: no such file or directory"),
        (["diff", "/etc/passwd"], "/etc/passwd: not JSON"),
        (["diff", "/dev/zero"], "/dev/zero: not a regular file"),
        (["report", "--format", "json"], "/report.json: no such file or directory"),
        (["baseline", "write", "x"], "/report.json: no such file or directory"),
        (["baseline", "compare", "x", "--report", "0"], "the history holds 0 reports"),
    ],
)
def test_a_report_that_is_not_there_is_one_clear_line_and_2(state, arguments, message, capsys):
    assert run(*arguments, "--state", state) == 2
    assert message in said(capsys)


def test_what_a_baseline_knows_does_not_count(house, state, settings, tmp_path, capsys):
    known = tmp_path / "known.json"
    one = settings(WAIVER.format("door-open"))
    assert run(*house, "--state", state, "--settings", one) == 1
    assert run("baseline", "write", known, "--state", state) == 0
    assert run("baseline", "compare", known, "--state", state) == 0
    assert run(*house, "--state", state, "--baseline", known, "--settings", one) == 0
    assert run(*house, "--state", state, "--baseline", known) == 1
    capsys.readouterr()
    assert run("baseline", "compare", known, "--state", state) == 1
    assert capsys.readouterr().out.count("APPEARED CRITICAL ") == 1
    assert run("baseline", "write", known, "--state", state) == 0
    assert run(*house, "--baseline", known, "-q") == 0
    assert capsys.readouterr().out == ""


def test_a_known_finding_that_is_more_severe_counts_again(house, state, tmp_path):
    known = tmp_path / "known.json"
    assert run(*house, "--state", state) == 1
    assert run("baseline", "write", known, "--state", state) == 0
    known.write_text(known.read_text().replace('"critical"', '"medium"'))
    assert run("baseline", "compare", known, "--state", state) == 1
    assert run(*house, "--baseline", known) == 1
    assert run(*house, "--baseline", known, "--format", "json", "--output", known) == 1
    novelty = [each["baseline"] for each in json.loads(known.read_text())["findings"]]
    assert novelty == ["updated", "unchanged"]


def test_a_baseline_that_is_none_is_told_before_the_scan(house, capsys):
    assert run(*house, "--baseline", "/etc/passwd") == 2
    assert said(capsys).startswith("hostprobe scan: /etc/passwd: not JSON")


def test_a_baseline_that_cannot_be_written_is_told(house, state, capsys):
    assert run(*house, "--state", state) == 1
    capsys.readouterr()
    assert run("baseline", "write", "/no/such/file", "--state", state) == 2
    assert said(capsys) == "hostprobe baseline: /no/such/file: no such file or directory\n"
