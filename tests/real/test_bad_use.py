"""Bad options, snapshots and outputs, an interrupted scan, a host without httpd."""

from __future__ import annotations

import contextlib
import json
import lzma
import shlex
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.real.hosts.bad_input import SCAN, SECONDS, BadHost, Done, command

pytestmark = pytest.mark.real
SCRIPT = "/srv/shop/shop.wsgi"
FINE = 0


@pytest.mark.parametrize("arguments", [[], ["--format", "json"]])
def test_no_apache_at_all(tmp_path: Path, arguments: list[str]) -> None:
    done = command(*SCAN, "--root", str(tmp_path), *arguments)
    assert (done.status, done.err) == (FINE, "")
    if arguments:
        assert {check["outcome"] for check in json.loads(done.out)["checks"]} == {"not-applicable"}
    else:
        assert "No Apache httpd is installed here" in done.text
        assert "hostprobe scan --snapshot sample" in done.text


def zip_bomb() -> bytes:
    """200 MB of zeros in 30 kB."""
    return lzma.compress(bytes(200 << 20), preset=0)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (zip_bomb, "more than 134217728 bytes when unpacked"),
        (lambda: lzma.compress(b'{"snapshot": 99}'), "not a snapshot of version 1"),
        (lambda: lzma.compress(b'{"snapshot": 1}')[:-20], "snapshot"),
        (lambda: lzma.compress(b"[" * 100_000), "not a hostprobe snapshot"),
        (lambda: lzma.compress(b'{"snapshot": 1, "fields": 7}'), "facts differ"),
        (lambda: b"PK\x03\x04", "not a hostprobe snapshot"),
        (lambda: b"", "not a hostprobe snapshot"),
    ],
    ids=range(7),
)
def test_a_hostile_snapshot(tmp_path: Path, content: Callable[[], bytes], says: str) -> None:
    path = tmp_path / "x\x1b.xz"
    path.write_bytes(content())
    require_refused(command(*SCAN, "--snapshot", str(path)), "x\\x1b.xz: ", says)


def require_refused(done: Done, *words: str) -> None:
    """One line on stderr, nothing on stdout, exit status 2."""
    assert (done.status, done.out) == (2, ""), done
    assert done.err.count("\n") == 1
    assert done.err.startswith("hostprobe scan: ")
    for word in words:
        assert word in done.err


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--config", "/none.conf"], "--config /none.conf: no such file"),
        (["--config", "/srv"], "--config /srv: not a regular file"),
        (["--httpd", "/none"], "--httpd /none: no such file"),
        (["--python", "/none"], "--python /none: no such file"),
        (["--extension", SCRIPT], f"--extension {SCRIPT}: not an ELF file"),
        (["--app", "/none.wsgi"], "--app /none.wsgi: no application"),
        (["--select", "nonsense"], "nonsense"),
        (["--select", ","], "--select names no check"),
        (["--fail-on", "x\x1b"], "invalid choice: 'x\\x1b'"),
        (["--output", "/none/x"], "--output /none/x: no such file or directory"),
        (["--output", "/"], "--output /: is a directory"),
        (["--output", "/dev/full"], "--output /dev/full: no space left on device"),
        (["--output", "/proc/x"], "--output /proc/x: "),
    ],
    ids=lambda value: str(value)[:30],
)
def test_a_bad_option_is_one_line(host: BadHost, arguments: list[str], says: str) -> None:
    require_refused(host.scan(*arguments), says)


@pytest.mark.parametrize("name", ["", "/none", "/etc/passwd", "x\x1b\n"])
def test_a_bad_root_is_one_line(name: str) -> None:
    require_refused(command(*SCAN, "--root", name), "--root ")


def test_a_full_disk_leaves_the_old_report(host: BadHost, tmp_path: Path) -> None:
    target = tmp_path / "report"
    target.write_text("old")
    words = [*SCAN, "--root", str(host.root), "--format", "json", "--output", str(target)]
    small = ["prlimit", "--fsize=100", *words]
    require_refused(command(*small), f"--output {target}: file too large")
    assert target.read_text() == "old"
    assert [path.name for path in tmp_path.iterdir() if "hostprobe" in path.name] == []


@pytest.mark.parametrize(
    ("shell", "status"),
    [("| head -c1", (141, FINE)), ("> /dev/full", (2,)), (">&-", (FINE,)), ("2>&-", (FINE,))],
)
def test_an_output_that_takes_no_more(host: BadHost, shell: str, status: tuple[int, ...]) -> None:
    words = " ".join(map(shlex.quote, [*SCAN, "--root", str(host.root), "--format", "json"]))
    done = command("bash", "-c", f"{words} {shell}; exit ${{PIPESTATUS[0]}}")
    assert done.status in status
    assert done.err == ("hostprobe scan: stdout: no space left on device\n" if 2 in status else "")


@pytest.mark.parametrize("seconds", [0, 0.1, 0.2])
def test_ctrl_c_ends_it_without_a_word(host: BadHost, seconds: float) -> None:
    host.configure(*["<Location /x>"] * 300_000)
    words = [*SCAN, "--root", str(host.root)]
    signal.signal(signal.SIGINT, signal.default_int_handler)  # a job in the background ignores it
    with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as scan:
        while str(host.root) not in opened(scan.pid):  # it has begun
            time.sleep(0.005)
        time.sleep(seconds)
        scan.send_signal(signal.SIGINT)
        out, err = scan.communicate(timeout=SECONDS)
    assert (scan.returncode, out, err) == (130, b"", b"")


def opened(pid: int) -> set[str]:
    """What a process has open."""
    found = set()
    for link in Path(f"/proc/{pid}/fd").iterdir():
        with contextlib.suppress(OSError):
            found.add(str(link.readlink()))
    return found
