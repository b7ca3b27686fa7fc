"""Daemons that cannot enter their directory end in a loop; with home= as proposed they answer."""

from __future__ import annotations

import re
import time

import pytest

from tests.real import scan
from tests.real.hosts import daemon_home_unusable as hosts
from tests.real.httpd import Httpd

pytestmark = pytest.mark.real
CHECK = "daemon-home-unusable"
ALERT = "Unable to change working directory to"
PROPOSED = re.compile(r"in WSGIDaemonProcess (\S+) write (home=[^,]+),")


def alerts(httpd: Httpd) -> str:
    """The error log once every failing daemon has said why."""
    for _ in range(300):
        if httpd.error_log.count(ALERT) >= len(hosts.FAILING):
            break
        time.sleep(0.1)
    return httpd.error_log


def cure(httpd: Httpd, findings: list[scan.Finding]) -> None:
    """Write what each finding proposes; of two home= the last one counts."""
    text = httpd.config.read_text()
    for finding in findings:
        name, option = PROPOSED.findall(finding["remedy"][0])[0]
        text = re.sub(rf"(WSGIDaemonProcess {name} .*)", rf"\1 {option}", text)
    httpd.config.write_text(text)


def test_daemons_that_cannot_enter_their_directory_never_answer() -> None:
    with hosts.host() as httpd:
        findings = scan.findings(httpd, CHECK)
        found = {one["subject"].partition(":")[2]: one for one in findings}
        assert found.keys() == set(hosts.FAILING)
        assert {one["severity"] for one in findings} == {"critical"}
        log = alerts(httpd)
        for finding in findings:
            assert f"'{finding['evidence']['directory']}'" in log
        with pytest.raises(OSError, match="timed out"):
            httpd.get("/homeless", seconds=2)
        assert httpd.get("/own") == (200, repr(f"{httpd.root}/own"))
        assert httpd.get("/passwd") == (200, repr("/usr/sbin"))
        httpd.stop()
        cure(httpd, findings)
        assert scan.findings(httpd, CHECK) == []
        httpd.start()
        for name in hosts.FAILING:
            assert httpd.get(f"/{name}") == (200, repr(str(httpd.script_dir)))
