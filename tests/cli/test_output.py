"""Where results go: when there is no room or nobody, and on a terminal."""

import os
import pty
import subprocess
import sys

import pytest

HOSTPROBE = f"{sys.executable} -m hostprobe"


def shell(line):
    """Exit status of the first command, what came out, what it said."""
    words = ["bash", "-c", f"{line}; exit ${{PIPESTATUS[0]}}"]
    done = subprocess.run(words, capture_output=True, text=True, timeout=20, check=False)
    return done.returncode, done.stdout, done.stderr


@pytest.mark.parametrize("command", ["checks", "schema report", "explain symbol-interposed"])
def test_a_full_disk_is_one_line_and_2(command):
    said = f"hostprobe {command.split()[0]}: stdout: no space left on device\n"
    assert shell(f"{HOSTPROBE} {command} > /dev/full") == (2, "", said)


@pytest.mark.parametrize("closed", [">&-", "2>&-", ">&- 2>&-"])
def test_a_closed_stream_is_no_error(closed):
    status, _, error = shell(f"{HOSTPROBE} checks {closed}")
    assert (status, error) == (0, "")


def test_a_reader_that_wants_one_line_gets_it_without_a_complaint():
    status, out, error = shell(f"{HOSTPROBE} schema report | head -n 1")
    assert status in (0, 141)
    assert (out, error) == ("{\n", "")


@pytest.mark.parametrize("arguments", ["--root ''", "--select ,", "--select '' --ignore x"])
def test_an_empty_name_is_a_mistake_not_everything(arguments):
    status, out, error = shell(f"{HOSTPROBE} scan {arguments}")
    assert (status, out, error.count("\n")) == (2, "", 1)


def on_a_terminal(line):
    """What a terminal gets of stdout and stderr together."""
    ours, theirs = pty.openpty()
    shown = b""
    with subprocess.Popen(
        line.split(), stdout=theirs, stderr=theirs, env={**os.environ, "TERM": "xterm"}
    ):
        os.close(theirs)
        try:
            while data := os.read(ours, 1 << 16):
                shown += data
        except OSError:  # how Linux says that nobody writes to a terminal any more
            os.close(ours)
    return shown.decode()


def test_a_report_on_a_terminal_begins_on_a_line_without_progress():
    progress, _, report = on_a_terminal(f"{HOSTPROBE} scan --snapshot sample").partition("sample (")
    assert "hostprobe: looking for httpd ..." in progress
    assert progress.removesuffix("\x1b[1m").endswith("\r\x1b[K")
    assert "libedit.so.2" in report
