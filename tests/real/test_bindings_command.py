"""`hostprobe bindings` on the libraries of this machine."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

import hostprobe

pytestmark = pytest.mark.real


def found(folder: str, pattern: str) -> Path:
    """The first match; where nothing is installed the test fails, not its collection."""
    return next(Path(folder).glob(pattern), Path(folder, pattern))


PYTHON = "/usr/bin/python3.11"
READLINE = found("/usr/lib/python3.11/lib-dynload", "readline*.so")
MODULES = Path("/usr/lib/apache2/modules")
PHP_READLINE = found("/usr/lib/php", "*/readline.so")
LINE_LIBRARIES = ("libedit.so.2", "libreadline.so.8")
SCHEMAS = Path(hostprobe.__file__).parent / "schemas"


@pytest.fixture
def config(tmp_path: Path) -> Path:
    path = tmp_path / "httpd.conf"
    path.write_text(
        f"LoadModule mpm_prefork_module {MODULES}/mod_mpm_prefork.so\n"
        f"LoadModule authz_core_module {MODULES}/mod_authz_core.so\n"
        f"LoadModule wsgi_module {MODULES}/mod_wsgi.so\n"
        f"LoadFile {MODULES}/libphp8.2.so\n"
        f"LoadFile {PHP_READLINE}\n"
    )
    return path


def bindings(*arguments: object) -> dict[str, Any]:
    command = [sys.executable, "-m", "hostprobe", "bindings", *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    data: dict[str, Any] = json.loads(done.stdout)
    return data


def validate(name: str, data: dict[str, Any]) -> None:
    schema = json.loads((SCHEMAS / f"{name}.schema.json").read_text())
    Draft202012Validator(schema).validate(data)


def test_the_known_conflict_of_debian_is_shown(config: Path) -> None:
    arguments = ("--config", config, "--extension", READLINE, "--python", PYTHON, "--interposed")
    data = bindings(*arguments, "--format", "json")
    validate("bindings", data)
    rows = data["bindings"]
    assert {Path(row["provider"]).name for row in rows} == {"libedit.so.2"}
    assert {Path(row["standalone_provider"]).name for row in rows} == {"libreadline.so.8"}
    counts = Counter(Path(row["object"]).name for row in rows)
    assert counts == {READLINE.name: 47, "libreadline.so.8": 122}


def test_a_printed_plan_gives_the_same_process(config: Path, tmp_path: Path) -> None:
    plan = bindings("--config", config, "--print-plan", "--restarts", 1)
    validate("plan", plan)
    path = tmp_path / "plan.json"
    path.write_text(json.dumps(plan))
    planned = bindings("--plan", path, "--format", "json")
    direct = bindings("--config", config, "--restarts", 1, "--format", "json")
    assert planned["bindings"] == direct["bindings"]
    assert [each["path"] for each in planned["objects"]] == [
        each["path"] for each in direct["objects"]
    ]


def test_a_main_program_that_is_none_is_one_line(tmp_path: Path) -> None:
    path = tmp_path / "plan.json"
    path.write_text(json.dumps({"schema": 1, "main": "/etc/passwd", "operations": []}))
    command = [sys.executable, "-m", "hostprobe", "bindings", "--plan", str(path)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
    assert "/etc/passwd" in done.stderr


def test_an_extension_that_would_not_load_is_told(tmp_path: Path) -> None:
    path = tmp_path / "httpd.conf"
    path.write_text(f"LoadModule mpm_prefork_module {MODULES}/mod_mpm_prefork.so\n")
    command = [sys.executable, "-m", "hostprobe", "bindings", "--config", str(path)]
    command += ["--extension", str(READLINE), "--format", "json"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 3
    assert "undefined symbol: PyOS_InputHook" in done.stderr
    validate("bindings", json.loads(done.stdout))


def test_the_text_tells_how_the_winner_came_in(config: Path) -> None:
    command = [sys.executable, "-m", "hostprobe", "bindings", "--config", str(config)]
    command += ["--extension", str(READLINE), "--python", PYTHON, "--symbol", "add_history"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
    lines = done.stdout.splitlines()
    libedit, libreadline = (f"/lib/x86_64-linux-gnu/{name}" for name in LINE_LIBRARIES)
    assert f"  add_history -> {libedit}   INTERPOSED, standalone {libreadline}" in lines
    why = lines.index(f"why {libedit} instead of {libreadline}: 2")
    assert lines[why + 2 : why + 4] == [
        f"  {libedit}: needed by {PHP_READLINE}",
        f"  {PHP_READLINE}: dlopen NOW GLOBAL by /usr/sbin/apache2, {config}:5",
    ]
