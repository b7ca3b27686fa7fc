"""The plugin as a program: what it reads, what it says, and that nothing makes it lie."""

import json
import os
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from hostprobe import nagios as module
from hostprobe.check import Severity, check
from hostprobe.cli.parser import build_parser
from hostprobe.engine import Needs
from hostprobe.engine import run as run_checks
from hostprobe.facts.settings import StateSettings
from hostprobe.nagios import main
from tests.report.documents import hostile_document, silent_document

COMMANDS = {
    "check_hostprobe": [str(Path(sys.executable).parent / "check_hostprobe")],
    "hostprobe nagios": [sys.executable, "-m", "hostprobe", "nagios"],
}


def run(*arguments):
    """The state; argparse exits by itself."""
    try:
        return main([str(argument) for argument in arguments])
    except SystemExit as exit_:
        return exit_.code


def stored(folder, found, *, age=timedelta()):
    path = folder / "report.json"
    started = (datetime.now(UTC) - age).strftime("%Y-%m-%dT%H:%M:%SZ")
    path.write_text(json.dumps(found | {"started": started}))
    return path


@pytest.mark.parametrize("name", COMMANDS)
@pytest.mark.parametrize(("make", "state"), [(silent_document, 0), (hostile_document, 2)])
def test_both_commands_say_the_same(tmp_path, name, make, state):
    command = [*COMMANDS[name], "--report", stored(tmp_path, make())]
    done = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)
    assert done.returncode == state
    assert done.stdout.startswith(("HOSTPROBE OK - ", "HOSTPROBE CRITICAL - "))
    assert done.stderr == ""


def test_one_parser_tells_the_options_of_both():
    parsed = vars(build_parser().parse_args(["nagios", "-w", "high", "-vv"]))
    assert parsed.pop("command") == "nagios"
    parser = module.PluginParser()
    module.add_options(parser)
    assert parsed.keys() == vars(parser.parse_args([])).keys()
    assert parsed["verbose"] == 2


def test_the_report_is_looked_for_where_scans_keep_it():
    assert f"{StateSettings().directory}/report.json" == module.REPORT


def test_an_old_report_is_unknown_whatever_it_says(tmp_path, capsys):
    path = stored(tmp_path, hostile_document(), age=timedelta(hours=27))
    assert run("--report", path) == 3
    assert f"{path} is 27.0 hours old" in capsys.readouterr().out
    assert run("--report", path, "--max-age", "2d") == 2
    assert " age=972" in capsys.readouterr().out


def test_a_report_of_tomorrow_is_unknown(tmp_path, capsys):
    path = stored(tmp_path, silent_document(), age=timedelta(hours=-2))
    assert run("--report", path) == 3
    assert "2.0 hours ahead of this clock" in capsys.readouterr().out
    assert run("--report", stored(tmp_path, silent_document(), age=timedelta(seconds=-9))) == 0


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, "no such file or directory"),
        ("", "not JSON"),
        ("{}", "not a report of hostprobe"),
        (json.dumps(silent_document() | {"schema": 9}), "a report of schema 9"),
        (json.dumps(silent_document() | {"started": "x|y"}), "no time: Invalid isoformat"),
        (json.dumps(silent_document() | {"started": "2026-01-01T00:00:00"}), "the time of the"),
    ],
)
def test_what_cannot_be_judged_is_unknown_in_one_line(tmp_path, content, message, capsys):
    path = tmp_path / "report.json"
    if content is not None:
        path.write_text(content)
    assert run("--report", path) == 3
    out = capsys.readouterr().out
    assert out.startswith("HOSTPROBE UNKNOWN - ")
    assert message in out
    assert out.count("\n") == 1
    assert "|" not in out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--bad"], "unrecognized arguments: --bad"),
        (["-w", "worst"], "argument -w/--warning: 'worst' is neither a severity"),
        (["-c", "high=x|y"], "'x\\x7cy' is not a range"),
        (["--max-age", "soon"], "'soon' is no time such as"),
        (["--max-age", "0"], "'0' is no time such as"),
        (["-t", "9999999999"], "is no time such as"),
        (["--incomplete", "fine"], "invalid choice: 'fine'"),
        (["--live", "--report", "x"], "not allowed with argument"),
    ],
)
def test_a_mistake_in_the_options_is_unknown_on_stdout(arguments, message, capsys):
    assert run(*arguments) == 3
    out = capsys.readouterr().out
    assert out.startswith("HOSTPROBE UNKNOWN - ")
    assert message in out


def test_a_report_that_nobody_writes_ends_in_time(tmp_path, capsys):
    os.mkfifo(tmp_path / "report.json")
    began = time.monotonic()
    assert run("--report", tmp_path / "report.json", "-t", "1") == 3
    assert time.monotonic() - began < 5
    assert capsys.readouterr().out == "HOSTPROBE UNKNOWN - no answer within 1 s (-t)\n"


def test_the_end_of_the_time_is_no_failed_check(monkeypatch, capsys):
    """The engine isolates checks: what any exception would be to it, the end of the time is not."""

    @check(Severity.low)
    def slow():
        """A check that takes long."""
        yield time.sleep(20)

    def scan(_options):
        return list(run_checks([slow], Needs(None, {})))

    monkeypatch.setattr("hostprobe.cli.scan.scan", scan)
    assert run("--live", "-t", "1") == 3
    assert "no answer within 1 s" in capsys.readouterr().out


def test_live_scans_this_host(capsys):
    state = run("--live", "-t", "60", "--incomplete", "ok", "-w", "none", "-c", "none")
    assert state == 0
    assert " age=0s;;;0 duration=" in capsys.readouterr().out


def test_what_a_scan_refuses_is_unknown(monkeypatch, capsys):
    from hostprobe.cli.errors import UsageError

    def refuse(_options):
        raise UsageError("hostprobe.toml: unknown key|x")

    monkeypatch.setattr("hostprobe.cli.scan.scan", refuse)
    assert run("--live") == 3
    assert capsys.readouterr().out == "HOSTPROBE UNKNOWN - hostprobe.toml: unknown key\\x7cx\n"


def test_an_error_of_its_own_is_unknown(monkeypatch, capsys):
    monkeypatch.setattr(module, "read", lambda _: 1 / 0)
    assert run() == 3
    assert "internal error: ZeroDivisionError" in capsys.readouterr().out


@pytest.mark.parametrize("name", COMMANDS)
@pytest.mark.parametrize("redirection", [">/dev/full", ">&-"])
def test_an_answer_that_cannot_be_written_is_unknown(tmp_path, name, redirection):
    path = stored(tmp_path, silent_document())
    line = f'exec "$@" --report {path} {redirection}'
    done = subprocess.run(
        ["sh", "-c", line, "sh", *COMMANDS[name]], stderr=subprocess.PIPE, timeout=30, check=False
    )
    assert (done.returncode, done.stderr) == (3, b"")


@pytest.mark.parametrize("locale", ["C", "C.UTF-8"])
def test_every_locale_can_be_written_to(tmp_path, locale):
    found = silent_document() | {"findings": hostile_document()["findings"]}
    found["findings"][0]["title"] = "ho\u2603st"
    environment = {"LC_ALL": locale, "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0"}
    command = [*COMMANDS["check_hostprobe"], "--report", stored(tmp_path, found)]
    done = subprocess.run(command, env=environment, capture_output=True, timeout=30, check=False)
    assert done.returncode == 2
    assert b"st, 1 waived" in done.stdout


@pytest.mark.parametrize("name", COMMANDS)
def test_the_plugin_starts_without_checks_and_what_is_slow(tmp_path, name):
    path = stored(tmp_path, silent_document())
    arguments = {"check_hostprobe": [COMMANDS[name][0]], "hostprobe nagios": COMMANDS[name][1:]}
    command = [sys.executable, "-X", "importtime", *arguments[name], "--report", str(path)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=30, check=True)
    loaded = {line.rpartition("|")[2].strip() for line in done.stderr.splitlines()}
    assert {"hostprobe.nagios", "json"} <= loaded
    slow = {"typing", "dataclasses", "inspect", "importlib.metadata", "tempfile", "shutil"}
    assert not loaded & (slow | {"hostprobe.catalogue", "hostprobe.cli", "hostprobe.engine"})
    assert not [each for each in loaded if each.startswith("hostprobe_checks")]
