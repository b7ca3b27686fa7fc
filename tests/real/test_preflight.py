"""What a restart changes or breaks is told before, then the restart is made."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

import hostprobe
from tests.real.build import apache_module
from tests.real.hosts import library_replaced as host
from tests.real.hosts.library_replaced import Upgraded
from tests.real.httpd import Httpd, RefusedError, load_module
from tests.real.scan import Report
from tests.real.test_library_replaced import moved
from tests.real.wsgi import wsgi_host

pytestmark = [
    pytest.mark.real,
    pytest.mark.skipif(os.geteuid() != 0, reason="/proc/PID/map_files takes root"),
]
SCHEMA = Path(hostprobe.__file__).parent / "schemas/preflight.schema.json"
BREAKS, FINE = 1, 0


def preflight(*arguments: str) -> tuple[int, Report]:
    """Exit status and JSON, valid by its schema."""
    command = [sys.executable, "-m", "hostprobe", "preflight", "--format", "json", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode in (0, 1, 3), done.stderr
    data = json.loads(done.stdout)
    Draft202012Validator(json.loads(SCHEMA.read_text())).validate(data)
    return done.returncode, data


def instance(data: Report) -> Report:
    (one,) = data["instances"]
    found: Report = one
    return found


def effects(data: Report, check: str) -> set[str]:
    return {one["effect"] for one in data["findings"] if one["finding"]["check"] == check}


def restarted(httpd: Httpd) -> None:
    httpd.stop()
    httpd.start()


def append(httpd: Httpd, line: str) -> None:
    with httpd.config.open("a") as config:
        config.write(f"{line}\n")


def test_without_a_change_nothing_appears() -> None:
    with host.moving() as httpd:
        status, data = preflight("--pid", str(httpd.pid))
        changes = instance(data)["changes"]
    assert (status, data["breaks"], instance(data)["starts"]) == (FINE, False, True)
    assert not any(one["effect"] == "appears" for one in data["findings"])
    assert changes["changed_files"] == []
    names = ("modules_added", "modules_removed", "replaced", "moves", "failures")
    assert [changes[name] for name in names] == [[]] * len(names)


def test_bindings_that_move_are_those_of_the_restart() -> None:
    with host.moving() as httpd:
        before = httpd.bindings()
        httpd.replace(host.nut_library(host.NUT))
        status, data = preflight("--pid", str(httpd.pid))
        restarted(httpd)
        rows = instance(data)["changes"]["moves"]
        foreseen = {(row["object"], row["symbol"], row["before"], row["after"]) for row in rows}
        assert foreseen == moved(before, httpd.bindings()) != set()
    assert (status, effects(data, "library-replaced")) == (FINE, {"disappears"})


def spoiled_module(httpd: Upgraded) -> None:
    path = Path(load_module(host.calling("bolt", *libraries())).split()[-1])
    shutil.copy(path, httpd.folder)
    (httpd.folder / path.name).write_bytes(path.read_bytes()[:2000])
    text = httpd.config.read_text().replace(str(path), f"{httpd.folder}/{path.name}")
    httpd.config.write_text(text)


def libraries() -> tuple[Path, Path]:
    return host.nut_library(host.BOLT + host.NUT), host.screw_library()


def removed_library(httpd: Upgraded) -> None:
    httpd.remove("libnut.so.1")


def unknown_line(httpd: Upgraded) -> None:
    append(httpd, "SSLEngine on")


@pytest.mark.parametrize("spoil", [spoiled_module, removed_library, unknown_line])
def test_a_start_that_fails_is_foreseen(spoil: object) -> None:
    assert callable(spoil)
    with host.moving() as httpd:
        spoil(httpd)
        status, data = preflight("--pid", str(httpd.pid))
        assert (status, instance(data)["starts"]) == (BREAKS, False)
        assert instance(data)["refusals"]
        with pytest.raises(RefusedError):
            restarted(httpd)


INTERPOSER = 'const char *bolt(void) { return "nail"; }'


def test_a_module_that_interposes_is_foreseen_and_one_that_goes_is_told() -> None:
    """The new module stands first, so its `bolt` is what the old one gets from then on."""
    path = apache_module("nail", INTERPOSER)
    real = os.path.realpath(path)
    with host.moving() as httpd:
        before = httpd.bindings()
        text = httpd.config.read_text()
        mpm = load_module("mpm_prefork")
        httpd.config.write_text(text.replace(mpm, f"{load_module(('nail_module', path))}\n{mpm}"))
        status, data = preflight("--pid", str(httpd.pid))
        changes = instance(data)["changes"]
        restarted(httpd)
        foreseen = {
            (row["object"], row["symbol"], row["before"], row["after"]) for row in changes["moves"]
        }
        assert foreseen == moved(before, httpd.bindings()) != set()
        assert [one["path"] for one in changes["modules_added"]] == [str(path)]
        httpd.config.write_text(text)
        after = instance(preflight("--pid", str(httpd.pid))[1])["changes"]
    assert status == FINE
    assert [one["symbol"] for one in after["modules_removed"]] == ["nail_module"]
    assert [(row["before"], row["symbol"]) for row in after["moves"]] == [(real, "bolt")]


def wait_for_pid_file(httpd: Httpd, since: int) -> None:
    path, deadline = httpd.root / "run/httpd.pid", time.monotonic() + 20
    while not path.exists() or path.stat().st_mtime_ns <= since:
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_a_group_that_nothing_defines_appears_until_httpd_has_read_the_line() -> None:
    with wsgi_host("def answer():\n    return 1\n") as httpd:
        append(httpd, "WSGIProcessGroup ghost")
        status, data = preflight("--pid", str(httpd.pid))
        (finding,) = (one for one in data["findings"] if one["effect"] == "appears")
        assert (status, instance(data)["starts"]) == (BREAKS, True)
        assert finding["finding"]["check"] == "wsgi-group-undefined"
        assert str(httpd.config) in finding["why"]
        assert instance(data)["changes"]["changed_files"] == [str(httpd.config)]
        restarted(httpd)
        assert httpd.get("/shop")[0] == 500
        status, data = preflight("--pid", str(httpd.pid))
        assert (status, effects(data, "wsgi-group-undefined")) == (FINE, {"remains"})


def test_a_graceful_restart_is_a_reading_too() -> None:
    with host.moving() as httpd:
        append(httpd, "LogLevel info")
        since = httpd.config.stat().st_mtime_ns
        assert instance(preflight("--pid", str(httpd.pid))[1])["changes"]["changed_files"]
        httpd.restart_gracefully()
        wait_for_pid_file(httpd, since)
        assert instance(preflight("--pid", str(httpd.pid))[1])["changes"]["changed_files"] == []


def test_where_nothing_runs_the_start_is_judged_alone() -> None:
    httpd = Httpd(["wsgi"], ["WSGIProcessGroup ghost"], scripts={"shop": "application = None\n"})
    httpd.write_environment()
    status, data = preflight("--config", str(httpd.config))
    one = instance(data)
    assert (one["running"], one["changes"], one["starts"]) == (None, None, True)
    assert (status, effects(data, "wsgi-group-undefined")) == (BREAKS, {"appears"})
    assert preflight("--config", str(httpd.config), "--fail-on", "critical")[0] == BREAKS
