"""--pid: one running httpd, whichever of its processes is named."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

import hostprobe
from tests.real.httpd import BINARY, Httpd, public_directory
from tests.real.wsgi import wsgi_host

pytestmark = [
    pytest.mark.real,
    pytest.mark.skipif(os.geteuid() != 0, reason="another user's processes take root"),
]
SCHEMAS = Path(hostprobe.__file__).parent / "schemas"
IMPORTS = "import json, ssl, decimal, readline\n\ndef answer():\n    return 1\n"
Instance = dict[str, Any]


def probe(*arguments: object, user: str = "") -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "hostprobe", *map(str, arguments)]
    return subprocess.run(
        command, capture_output=True, text=True, timeout=120, check=False, user=user or None
    )


def instances(*arguments: object) -> list[Instance]:
    done = probe("topology", "--format", "json", *arguments)
    assert done.returncode == 0, done.stderr
    data = json.loads(done.stdout)
    schema = json.loads((SCHEMAS / "topology.schema.json").read_text())
    Draft202012Validator(schema).validate(data)
    found: list[Instance] = data["instances"]
    return found


def of_file(found: list[Instance], httpd: Httpd) -> list[Instance]:
    return [one for one in found if one["name"] == str(httpd.config)]


def roles(instance: Instance) -> dict[str, set[int]]:
    found: dict[str, set[int]] = {}
    for one in instance["running"]["processes"]:
        found.setdefault(" ".join(filter(None, (one["role"], one["group"]))), set()).add(one["pid"])
    return found


def children(pid: int) -> set[int]:
    return set(map(int, Path(f"/proc/{pid}/task/{pid}/children").read_text().split()))


@pytest.fixture(scope="module")
def daemon() -> Iterator[Httpd]:
    with wsgi_host(IMPORTS, daemon=True) as httpd:
        assert httpd.get("/shop") == (200, "1")
        yield httpd


def test_every_process_of_an_httpd_gives_the_same_instance(daemon: Httpd) -> None:
    (instance,) = instances("--pid", daemon.pid)
    who = roles(instance)
    assert set(who) == {"parent", "child", "daemon shop"}
    assert who["parent"] == {daemon.pid}
    assert who["child"] | who["daemon shop"] == children(daemon.pid)
    assert instance["httpd"]["origin"] == f"pid {daemon.pid}"
    for pid in (min(who["child"]), *who["daemon shop"]):
        assert instances("--pid", pid) == [instance]


def test_the_daemon_is_the_process_that_serves_the_application(daemon: Httpd) -> None:
    (instance,) = instances("--pid", daemon.pid)
    (pid,) = roles(instance)["daemon shop"]
    maps = Path(f"/proc/{pid}/maps").read_text()
    assert "_decimal.cpython" in maps


def test_the_bindings_of_a_process_are_of_what_it_has_mapped(daemon: Httpd) -> None:
    (instance,) = instances("--pid", daemon.pid)
    (pid,) = roles(instance)["daemon shop"]
    done = probe("bindings", "--pid", pid, "--format", "json")
    assert (done.returncode, done.stderr) == (0, "")
    data = json.loads(done.stdout)
    schema = json.loads((SCHEMAS / "bindings.schema.json").read_text())
    Draft202012Validator(schema).validate(data)
    shown = {os.path.realpath(row["path"]) for row in data["objects"]}
    lines = Path(f"/proc/{pid}/maps").read_text().splitlines()
    objects = {line.split()[-1] for line in lines if ".so" in line}
    assert shown == objects | {str(BINARY)}
    by_python = {
        row["path"] for row in data["objects"] if (row["dlopen"] or {}).get("by") == "python"
    }
    assert {path.rpartition("/")[2].partition(".")[0] for path in by_python} >= {"_decimal", "_ssl"}


def test_a_child_has_not_imported_what_the_daemon_has(daemon: Httpd) -> None:
    (instance,) = instances("--pid", daemon.pid)
    done = probe("bindings", "--pid", min(roles(instance)["child"]), "--format", "json")
    assert "_decimal" not in done.stdout


def test_a_running_httpd_and_its_configuration_are_one(daemon: Httpd) -> None:
    daemon.write_environment()
    (instance,) = instances("--config", daemon.config)
    assert instance["httpd"]["origin"] == "--config"
    assert roles(instance)["parent"] == {daemon.pid}
    (blind,) = instances("--config", daemon.config, "--no-live")
    assert blind["running"] is None


def test_two_configurations_are_two_instances(daemon: Httpd) -> None:
    with Httpd() as other:
        found = instances()
        (first,), (second,) = of_file(found, daemon), of_file(found, other)
        assert roles(first)["parent"] == {daemon.pid}
        assert roles(second) == {"parent": {other.pid}}
        assert second["httpd"]["origin"] == f"pid {other.pid}"
        assert [one["name"] for one in instances("--pid", other.pid)] == [str(other.config)]


class Started(Httpd):
    """With more on its command line."""

    @property
    def command(self) -> list[str]:
        return [
            *super().command,
            "-D",
            "WITH_ENV",
            "-DBUGS",
            "-c",
            "LoadModule info_module ${INFO}",
        ]


def test_its_own_command_line_and_environment_say_what_it_reads() -> None:
    info = "/usr/lib/apache2/modules/mod_info.so"
    lines = ["<IfDefine WITH_ENV>", "LoadModule env_module ${FOLDER}/mod_env.so", "</IfDefine>"]
    lines += ["<IfDefine !BUGS>", "LoadModule nowhere_module /nowhere.so", "</IfDefine>"]
    environment = {"FOLDER": "/usr/lib/apache2/modules", "INFO": info, "SHOP_PASSWORD": "hush"}
    with Started(lines=lines, environment=environment) as httpd:
        (instance,) = instances("--pid", httpd.pid)
        loads = [load["path"] for load in instance["configuration"]["loads"]]
        assert loads[-2:] == ["/usr/lib/apache2/modules/mod_env.so", info]
        assert instance["configuration"]["problems"] == []
        shown = probe("snapshot", "--pid", httpd.pid, "--show").stdout
        assert "INFO" in shown
        assert "hush" not in shown
        assert "SHOP_PASSWORD" not in shown


def test_a_snapshot_replays_the_processes(daemon: Httpd, tmp_path: Path) -> None:
    taken = tmp_path / "host.snapshot"
    assert probe("snapshot", "--pid", daemon.pid, "--output", taken).returncode == 0
    (live,) = instances("--pid", daemon.pid)
    (replayed,) = instances("--snapshot", taken)
    assert replayed["running"] == live["running"]
    done = probe("scan", "--snapshot", taken, "--select", "library-replaced", "--format", "json")
    assert json.loads(done.stdout)["checks"][0]["outcome"] == "clean"


@contextlib.contextmanager
def stock() -> Iterator[int]:
    """Debian's own apache2 without a network and with other mounts, as systemd starts it."""
    run = public_directory("hostprobe-stock-")
    envvars = f". /etc/apache2/envvars; export APACHE_RUN_DIR={run} APACHE_LOG_DIR={run}"
    pid_file = f"{run}/pid"
    start = (
        f"{envvars} APACHE_LOCK_DIR={run} APACHE_PID_FILE={pid_file}; exec {BINARY} -DFOREGROUND"
    )
    command = ["unshare", "--net", "--mount", "sh", "-c", start]
    process = subprocess.Popen(command, start_new_session=True)
    try:
        deadline = time.monotonic() + 20
        while not Path(pid_file).exists() or not children(process.pid):
            assert process.poll() is None
            assert time.monotonic() < deadline
            time.sleep(0.05)
        yield process.pid
    finally:
        process.terminate()
        process.wait(20)
        shutil.rmtree(run)


def test_the_stock_httpd_running_is_the_stock_httpd_planned() -> None:
    with stock() as pid:
        found = [one for one in instances() if one["name"] == "/etc/apache2/apache2.conf"]
        (instance,) = found
        assert roles(instance)["parent"] == {pid}
        assert instance["httpd"]["origin"] == "/usr/sbin/apache2ctl"
        done = probe("scan", "--pid", pid, "--select", "library-replaced", "--format", "json")
        (check,) = json.loads(done.stdout)["checks"]
        assert (check["outcome"], check["reason"]) == ("clean", None)


def test_what_is_no_httpd_is_refused() -> None:
    done = probe("scan", "--pid", os.getpid())
    assert done.returncode == 2
    assert f"{os.path.realpath(sys.executable)} is not an httpd that serves" in done.stderr


def test_a_zombie_is_no_process_any_more() -> None:
    process = subprocess.Popen(["/bin/true"])
    try:
        time.sleep(0.2)
        done = probe("scan", "--pid", process.pid)
    finally:
        process.wait()
    assert done.returncode == 2
    assert "a zombie" in done.stderr
