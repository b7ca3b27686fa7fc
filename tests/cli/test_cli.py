import json
import os
import subprocess
import sys

import pytest

import hostprobe.cli as module
from hostprobe.cli import COMMANDS, main
from hostprobe.cli.parser import SCHEMAS


def run(*arguments):
    """Exit status; argparse exits by itself."""
    try:
        return main([str(argument) for argument in arguments])
    except SystemExit as exit_:
        return exit_.code


def test_a_host_without_httpd_is_no_error_and_says_what_to_try(root, capsys):
    assert run("scan", "--root", root) == 0
    out = " ".join(capsys.readouterr().out.split())
    assert out.startswith("rescue (unknown, unknown, root ")
    assert "no httpd No Apache httpd is installed here" in out
    assert "hostprobe scan --snapshot sample" in out
    assert "Not applicable: see above [" in out


def test_without_httpd_every_check_is_not_applicable(root, capsys):
    assert run("scan", "--root", root, "--format", "json") == 0
    report = json.loads(capsys.readouterr().out)
    assert {check["outcome"] for check in report["checks"]} == {"not-applicable"}
    assert report["complete"]
    assert report["instances"] == []


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["scan", "--root", "/no/such"], "--root /no/such: no such file or directory"),
        (["scan", "--root", "/etc/passwd"], "--root /etc/passwd: not a directory"),
        (["scan", "--config", "/no/x.conf"], "--config /no/x.conf: no such file or directory"),
        (["scan", "--config", "/etc"], "--config /etc: not a regular file"),
        (["scan", "--httpd", "/no/httpd"], "--httpd /no/httpd: no such file"),
        (["scan", "--python", "/no/py"], "--python /no/py: no such file"),
        (["scan", "--extension", "/etc/passwd"], "--extension /etc/passwd: not an ELF file"),
        (["scan", "--snapshot", "/no/x"], "--snapshot /no/x: no such file"),
        (["scan", "--snapshot", "/etc/passwd"], "--snapshot /etc/passwd: not a hostprobe snapshot"),
        (["scan", "--select", "symbol-interpose"], "did you mean symbol-interposed"),
        (["scan", "--ignore", "zzz"], "there is no check 'zzz'"),
        (
            ["scan", "--select", "symbol-interposed", "--ignore", "symbol-interposed"],
            "no check is left",
        ),
        (["explain", "zzz"], "there is no check 'zzz'"),
        (["bindings", "--plan", "/no/plan"], "--plan /no/plan: no such file"),
        (["bindings", "--plan", "/etc/passwd"], "--plan /etc/passwd: not JSON"),
        (["bindings", "--plan", "x", "--app", "y"], "--app does not go with --plan"),
        (["bindings", "--plan", "x", "--interposed"], "--interposed does not go with --plan"),
        (["bindings", "--plan", "x", "--restarts", "1"], "--restarts does not go with --plan"),
        (["scan", "--format", "xml"], "invalid choice: 'xml'"),
        (["scan", "--fail-on", "worst"], "invalid choice: 'worst'"),
        (["scan", "--pid", "0"], "argument --pid: '0' is not the number of a process"),
        (["scan", "--pid", "1", "--root", "/etc"], "--root: not allowed with argument --pid"),
        (["scan", "--snapshot", "x", "--pid", "1"], "--pid: not allowed with argument --snapshot"),
        (["scan", "--pid", "1", "--config", "x"], "--config does not go with --pid"),
        (["topology", "--pid", "1", "--no-live"], "--no-live does not go with --pid"),
        (["bindings", "--pid", "999999999"], "--pid 999999999: no such process"),
        (["scan", "--root", "/etc", "--snapshot", "x"], "not allowed with argument --root"),
        (["bindings", "--restarts", "-1"], "'-1' is not a number from 0 to 100"),
        (["bindings", "--restarts", "x"], "'x' is not a number from 0 to 100"),
        (["scam"], "invalid choice: 'scam'"),
        ([], "required: COMMAND"),
        (["scan", "--output", "/no/such/file"], "--output /no/such/file: no such file"),
    ],
)
def test_a_mistake_is_one_clear_line_and_2(arguments, message, capsys):
    assert run(*arguments) == 2
    captured = capsys.readouterr()
    assert message in captured.err
    assert captured.err.count("\n") == 1
    assert captured.out == ""


def test_a_hostile_argument_cannot_write_to_the_terminal(capsys):
    assert run("scan", "--root", "/\x1b[2J") == 2
    assert "\x1b" not in capsys.readouterr().err
    assert run("explain", "\x1b[2J\n") == 2
    assert run("scan", "--fail-on", "\x1b[2J") == 2
    assert "\x1b" not in capsys.readouterr().err


def test_a_path_inside_a_root_is_seen_from_there(root, capsys):
    (root / "etc/x.conf").write_text("ServerName x\n")
    assert run("topology", "--root", root, "--config", "/etc/x.conf") in (0, 2)
    assert "no such file" not in capsys.readouterr().err


@pytest.mark.parametrize("command", sorted(COMMANDS))
def test_help_is_there(command, capsys):
    assert run(command, "--help") == 0
    assert f"hostprobe {command}" in capsys.readouterr().out


def test_the_main_help_teaches_with_examples(capsys):
    assert run("--help") == 0
    assert "hostprobe explain symbol-interposed" in capsys.readouterr().out


@pytest.mark.parametrize("name", SCHEMAS)
def test_a_schema_is_printed(name, capsys):
    assert run("schema", name) == 0
    assert json.loads(capsys.readouterr().out)["title"] == f"hostprobe {name}"


def test_checks_and_explain_agree(capsys):
    assert run("checks", "--format", "json") == 0
    for entry in json.loads(capsys.readouterr().out):
        assert run("explain", entry["id"]) == 0
        assert entry["id"] in capsys.readouterr().out


def test_an_output_file_is_replaced_at_once_and_private(root, tmp_path, capsys):
    target = tmp_path / "report.json"
    assert run("scan", "--root", root, "--format", "json", "--output", target) == 0
    assert capsys.readouterr().out == ""
    assert json.loads(target.read_text())["schema"] == 1
    assert target.stat().st_mode & 0o777 == 0o600
    target.chmod(0o644)
    target.write_text("old")
    assert run("scan", "--root", root, "--output", target) == 0
    assert target.read_text().startswith("rescue")
    assert target.stat().st_mode & 0o777 == 0o644
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []


def test_a_snapshot_is_replayed_and_labelled(root, tmp_path, capsys):
    target = tmp_path / "host.snapshot"
    assert run("snapshot", "--root", root, "--output", target) == 0
    assert run("scan", "--snapshot", target) == 0
    out = " ".join(capsys.readouterr().out.split())
    assert ": no httpd NOT THIS HOST: snapshot of rescue, taken 20" in out


def test_what_a_snapshot_shares_can_be_shown(root, capsys):
    assert run("snapshot", "--root", root, "--show") == 0
    assert "snapshot of rescue" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("error", "status", "message"),
    [
        (KeyboardInterrupt(), 130, ""),
        (RuntimeError("boo\x1b"), 4, "hostprobe: internal error: RuntimeError: boo\\x1b"),
    ],
)
def test_nothing_ends_in_a_traceback(monkeypatch, capsys, error, status, message):
    def fail(_options):
        raise error

    monkeypatch.setattr("hostprobe.cli.checks.checks", fail)
    assert run("checks") == status
    assert capsys.readouterr().err.startswith(message)


def test_v_shows_where_an_internal_error_arose(monkeypatch, capsys):
    def fail(_options):
        raise RuntimeError

    monkeypatch.setattr("hostprobe.cli.checks.checks", fail)
    assert run("checks", "-v") == 4
    assert "Traceback" in capsys.readouterr().err


def test_a_reader_that_goes_away_is_no_error():
    command = [sys.executable, "-m", "hostprobe", "checks"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        process.stdout.close()
        assert process.stderr.read() == b""
        assert process.wait(20) == module.PIPE


@pytest.mark.parametrize("locale", ["C", "C.UTF-8", "POSIX"])
def test_every_locale_can_be_written_to(root, locale):
    (root / "etc/hostname").write_text("ho\u2603st\n")
    command = [sys.executable, "-m", "hostprobe", "scan", "--root", str(root)]
    environment = {**os.environ, "LC_ALL": locale, "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0"}
    done = subprocess.run(command, env=environment, capture_output=True, timeout=30, check=False)
    assert done.returncode == 0, done.stderr


def test_the_version_needs_no_heavy_import():
    code = (
        "import sys; from hostprobe.cli import main\n"
        "try: main(['--version'])\n"
        "except SystemExit: pass\n"
        "heavy = {'rich', 'distro', 'psutil', 'elftools', 'importlib.metadata', 'json'}\n"
        "print(sorted(heavy & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-I", "-c", code], capture_output=True, text=True, check=True
    )
    assert done.stdout.splitlines()[-1] == "[]"


@pytest.mark.skipif(os.geteuid() != 0, reason="becomes another user")
def test_a_root_that_cannot_be_entered_is_incomplete_not_fine(root):
    root.chmod(0)
    for command in ("scan", "topology"):
        arguments = [sys.executable, "-m", "hostprobe", command, "--root", str(root)]
        done = subprocess.run(
            arguments, capture_output=True, text=True, timeout=30, check=False, user=65534, cwd="/"
        )
        assert done.returncode in (2, 3), done.stdout
