"""A real httpd's error log: what its applications did is found, tied to them, and explained.

Recorded: texts of mod_wsgi 2 to 3 and 6, of SELinux, Oracle and Python 2 (tests/parse).
"""

from __future__ import annotations

import gzip
import shutil
import time
from collections.abc import Callable

import pytest

from tests.real import scan
from tests.real.hosts import log_signature as hosts
from tests.real.hosts import python_mismatch
from tests.real.httpd import Httpd, refusal

pytestmark = pytest.mark.real
CHECK = "log-signature"


def signatures(httpd: Httpd, *arguments: str) -> dict[str, scan.Finding]:
    found = scan.findings(httpd, CHECK, *arguments)
    return {one["subject"].removeprefix("log:"): one for one in found}


def wait_for(has_happened: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 30
    while not has_happened() and time.monotonic() < deadline:
        time.sleep(0.05)


def test_what_the_applications_did_is_found_and_tied_to_them() -> None:
    with hosts.host("segfault", "stdin", "absent", "error", "fine") as httpd:
        assert signatures(httpd) == {}
        statuses = {name: httpd.get(f"/{name}")[0] for name in ("stdin", "absent", "error", "fine")}
        assert statuses == {"stdin": 500, "absent": 500, "error": 500, "fine": 200}
        assert httpd.get("/segfault")[0] == 500
        wait_for(lambda: "exit signal Segmentation fault" in httpd.error_log)
        found = signatures(httpd)
    assert sorted(found) == [
        "daemon-answer-missing",
        "permission-denied",
        "process-crashed",
        "stdin-restricted",
    ]
    tied = {
        name: [one.partition(" ")[0].rpartition("/")[2] for one in finding["affected"]]
        for name, finding in found.items()
    }
    assert tied["daemon-answer-missing"] == ["segfault"]
    assert tied["stdin-restricted"] == ["stdin"]
    assert tied["permission-denied"] == ["absent"]
    for one in found.values():
        assert one["certainty"] == "observed"
        assert one["evidence"]["first"] is not None
        assert one["evidence"]["count"] == one["evidence"]["since_last_start"] == 1


def test_a_healthy_log_with_restarts_is_silent() -> None:
    with hosts.host("fine", "error") as httpd:
        assert httpd.get("/error")[0] == 500
        httpd.restart_gracefully()
        wait_for(lambda: httpd.error_log.count("resuming normal operations") > 1)
        assert httpd.get("/fine")[0] == 200
        httpd.get("/nowhere")
        assert signatures(httpd) == {}


def test_the_check_that_explains_a_line_becomes_observed() -> None:
    httpd = python_mismatch.host(None)
    (before,) = scan.findings(httpd, "python-mismatch")
    said = refusal_kept(httpd)
    assert python_mismatch.NO_START in said
    report = scan.scan(httpd, "--select", f"{CHECK},python-mismatch")
    (after,) = [one for one in report["findings"] if one["check"] == "python-mismatch"]
    assert (before["certainty"], after["certainty"]) == ("certain", "observed")
    assert after["fingerprint"] == before["fingerprint"]
    assert after["evidence"]["seen_in_error_log"]


def refusal_kept(httpd: Httpd) -> str:
    """Start it until it ends, and leave what it wrote in its log."""
    httpd.root.mkdir(exist_ok=True)
    kept = httpd.root.with_name(httpd.root.name + "-kept")
    shutil.copytree(httpd.root, kept)
    said = refusal(httpd)
    shutil.copytree(kept, httpd.root)
    shutil.rmtree(kept)
    hosts.log_of(httpd).write_text(said)
    return said


def test_after_a_complete_start_old_lines_are_low() -> None:
    httpd = hosts.host("stdin")
    with httpd:
        assert httpd.get("/stdin")[0] == 500
        assert signatures(httpd)["stdin-restricted"]["severity"] == "medium"
        httpd.stop()
        httpd.start()
        (finding,) = signatures(httpd).values()
        assert finding["severity"] == "low"
        assert "before the last start" in finding["title"]


def test_the_newest_rotation_counts_too() -> None:
    with hosts.host("stdin") as httpd:
        assert httpd.get("/stdin")[0] == 500
        log = hosts.log_of(httpd)
        log.with_name("error.log.1.gz").write_bytes(gzip.compress(log.read_bytes()))
        log.write_bytes(b"")
        assert signatures(httpd)["stdin-restricted"]["evidence"]["count"] == 1


def test_a_log_that_goes_to_a_program_is_said() -> None:
    with hosts.host("fine", lines=('ErrorLog "|/bin/cat >/dev/null"',)) as httpd:
        report = scan.scan(httpd, "--select", CHECK)
        (entry,) = report["checks"]
        assert entry["outcome"] == "not-applicable"
        assert "/bin/cat" in entry["reason"]
