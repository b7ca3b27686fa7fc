"""What a scan does to a host, as the kernel sees it, and what a hostile host does to a scan."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.real.strace import FORBIDDEN, SCAN, opened, python_own, traced

pytestmark = pytest.mark.real

HTTPD = Path("/usr/sbin/apache2")
MODULES = Path("/usr/lib/apache2/modules")
WRITES = re.compile(r"O_WRONLY|O_RDWR|O_CREAT|O_TRUNC")
NOBODY = 65534


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A copy of this host's httpd and configuration, with traps in it."""
    root = tmp_path / "root"
    for path in (HTTPD, *(MODULES / f"mod_{name}.so" for name in ("wsgi", "alias", "authz_core"))):
        target = root / path.relative_to("/")
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, target)
    etc = root / "etc/apache2"
    (etc / "conf-enabled").mkdir(parents=True)
    (etc / "apache2.conf").write_text(
        "LoadModule alias_module /usr/lib/apache2/modules/mod_alias.so\n"
        "LoadModule authz_core_module /usr/lib/apache2/modules/mod_authz_core.so\n"
        "LoadModule wsgi_module /usr/lib/apache2/modules/mod_wsgi.so\n"
        "WSGIScriptAlias / /srv/app.wsgi\n"
        "IncludeOptional /etc/apache2/conf-enabled/*.conf\n"
    )
    (root / "srv").mkdir()
    (root / "srv/app.wsgi").write_text("import readline\nraise SystemExit('executed')\n")
    return root


@pytest.mark.parametrize("arguments", [[], ["--format", "json"], ["-v"]])
def test_a_scan_executes_nothing_and_writes_nothing(tmp_path: Path, arguments: list[str]) -> None:
    status, calls = traced(arguments, tmp_path / "log")
    assert status in (0, 1, 3)
    assert [call for call in calls if call.startswith("execve")] == calls[:1]
    assert not [call for call in calls if call.startswith(FORBIDDEN)]
    written = [call for call in calls if call.startswith("open") and WRITES.search(call)]
    assert not [call for call in written if "/dev/tty" not in call and "/dev/null" not in call]


def test_a_scan_of_a_root_opens_nothing_outside_it(tmp_path: Path, root: Path) -> None:
    (root / "etc/apache2/conf-enabled/out.conf").symlink_to("/etc/passwd")
    (root / "etc/apache2/conf-enabled/up.conf").symlink_to("../" * 12 + "etc/group")
    (root / "lib64").symlink_to("/usr/lib64")
    status, calls = traced(["--root", str(root)], tmp_path / "log")
    assert status in (0, 1, 3)
    inside = str(root.resolve())
    allowed = (inside, *python_own())
    paths = set(opened(calls))
    assert not sorted(path for path in paths if not path.startswith(allowed))
    assert not paths & {"/etc/passwd", "/etc/group", "/etc/apache2/apache2.conf", str(HTTPD)}
    assert str(root.resolve() / "srv/app.wsgi") in paths


def scan(*arguments: str, **options: object) -> dict[str, object]:
    """The JSON report; it must come without a word on stderr."""
    command = [*SCAN, "--format", "json", *arguments]
    done = subprocess.run(  # type: ignore[call-overload]
        command, capture_output=True, text=True, timeout=60, check=False, **options
    )
    assert done.returncode in (0, 1, 3), done.stderr
    assert done.stderr == ""
    report: dict[str, object] = json.loads(done.stdout)
    return report


def put_fifo(path: Path) -> None:
    path.unlink(missing_ok=True)
    os.mkfifo(path)


def put_loop(path: Path) -> None:
    path.unlink(missing_ok=True)
    path.symlink_to(path.name)


def put_directory(path: Path) -> None:
    path.unlink(missing_ok=True)
    path.mkdir()


def put_garbage(path: Path) -> None:
    path.write_bytes(b"\x7fELF\x02\x01" + os.urandom(5000))


def put_nothing(path: Path) -> None:
    path.write_bytes(b"")


@pytest.mark.parametrize("put", [put_fifo, put_loop, put_directory, put_garbage, put_nothing])
@pytest.mark.parametrize(
    "path",
    [
        "usr/sbin/apache2",
        "usr/lib/apache2/modules/mod_wsgi.so",
        "usr/lib/apache2/modules/mod_alias.so",
        "etc/apache2/apache2.conf",
        "etc/apache2/conf-enabled/x.conf",
        "etc/apache2/envvars",
        "etc/ld.so.cache",
        "srv/app.wsgi",
    ],
)
def test_nothing_odd_in_a_root_ends_a_scan(root: Path, path: str, put: object) -> None:
    (root / path).parent.mkdir(parents=True, exist_ok=True)
    put(root / path)  # type: ignore[operator]
    report = scan("--root", str(root))
    assert not [check for check in report["checks"] if check["outcome"] == "failed"]  # type: ignore[attr-defined,index]


def test_hostile_names_reach_the_report_but_not_the_terminal(root: Path) -> None:
    name = "ev\nil\x1b[2J\udcff.conf"
    (root / "etc/apache2/conf-enabled" / name).symlink_to("/none")
    (root / "etc/apache2/conf-enabled" / name.replace("il", "il2")).write_text("LoadModule x /y\n")
    scan("--root", str(root))
    command = [*SCAN, "--root", str(root), "-v"]
    done = subprocess.run(command, capture_output=True, timeout=60, check=False)
    assert b"\x1b" not in done.stdout
    assert b"\\x1b[2J\\xff" in done.stdout


@pytest.mark.skipif(os.geteuid() != 0, reason="becomes another user")
def test_another_user_gets_one_sentence_and_everything_else(root: Path) -> None:
    for folder in (root, *root.parents):
        if folder.is_relative_to("/tmp") and folder != Path("/tmp"):
            folder.chmod(0o755)
    hidden = root / "etc/apache2/conf-enabled/secret.conf"
    hidden.write_text("ServerName secret\n")
    hidden.chmod(0)
    command = [*SCAN, "--root", str(root)]
    done = subprocess.run(
        command, capture_output=True, text=True, timeout=60, check=False, user=NOBODY, group=NOBODY,
        extra_groups=[], cwd="/",
    )  # fmt: skip
    text = " ".join(done.stdout.split())
    assert "Not running as root: 1 path could not be read, the first is /etc/apache2/" in text
    assert "INCOMPLETE" in text
    assert done.returncode in (1, 3)


def test_a_replayed_snapshot_says_what_the_live_scan_said(tmp_path: Path) -> None:
    target = tmp_path / "host.snapshot"
    subprocess.run([*SCAN[:-1], "snapshot", "--output", str(target)], timeout=120, check=True)
    assert target.stat().st_size < 2 << 20
    live, replayed = scan(), scan("--snapshot", str(target))
    for key in ("host", "instances", "findings", "summary", "complete"):
        assert live[key] == replayed[key]
