"""Letters in the place of the time; with the corrected directive the time."""

from __future__ import annotations

import re

import pytest

from tests.real import scan
from tests.real.hosts import error_log_time as hosts

pytestmark = pytest.mark.real
CHECK = "error-log-format-strftime"
WRONG = 'ErrorLogFormat "[%{%cuz}t] [client\\ %a] %M"'
LETTERS = re.compile(r"\d{4}uz\]")
TIME = re.compile(r"\[\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{6} \+0000\]")


def log_of(line: str) -> str:
    with hosts.host(hosts.UTC, [line]) as httpd:
        assert scan.findings(httpd, CHECK) == []
        return httpd.error_log


def test_the_log_shows_letters_and_then_the_time() -> None:
    httpd = hosts.host(hosts.UTC, [WRONG])
    [finding] = scan.findings(httpd, CHECK)
    assert finding["severity"] == "low"
    with httpd:
        assert LETTERS.search(httpd.error_log)
        assert not TIME.search(httpd.error_log)
    line = finding["remedy"][0].partition(": ")[2]
    assert TIME.search(log_of(line))


def test_a_real_format_of_strftime_is_one() -> None:
    assert re.search(r"\[\d{4}-\d\d-\d\d at \d\d\]", log_of('ErrorLogFormat "[%{%F at %H}t] %M"'))
