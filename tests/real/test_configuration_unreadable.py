"""Configurations that a real httpd refuses, told before the reload; after the cure it starts."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.real import scan
from tests.real.httpd import Httpd, refusal

pytestmark = pytest.mark.real
CHECK = "configuration-unreadable"
RECURSIVE = "<Macro site $n>\nUse site $n\n</Macro>\nUse site shop"

REFUSED = {
    "Include /nowhere/site.conf": "IncludeOptional /nowhere/*.conf",
    "SSLEngine On": "<IfModule mod_ssl.c>\nSSLEngine On\n</IfModule>",
    RECURSIVE: "<Macro site $n>\nAlias /$n /srv/$n\n</Macro>\nUse site shop",
    "<Directory /srv>\nRequire all granted": "<Directory /srv>\nRequire all granted\n</Directory>",
    "WSGIDaemonProcess shop processes=0": "WSGIDaemonProcess shop processes=2",
}
"""A line that stops httpd -> what it should have been."""


def host(text: str) -> Httpd:
    return Httpd(["macro", "wsgi"], [text])


@pytest.mark.parametrize("text", [*REFUSED], ids=lambda text: text.split()[0])
def test_httpd_does_not_start_and_the_line_was_named(text: str) -> None:
    httpd = host(text)
    [finding] = scan.findings(httpd, CHECK)
    assert finding["title"].startswith("httpd does not start: ")
    assert finding["severity"] == "medium"
    assert str(httpd.config) in finding["evidence"]["problems"][0] + finding["subject"]
    assert refusal(httpd)


@pytest.mark.parametrize("text", REFUSED.values(), ids=lambda text: text.split()[0])
def test_corrected_it_starts_and_nothing_is_said(text: str) -> None:
    httpd = host(text)
    assert scan.findings(httpd, CHECK) == []
    with httpd:
        assert httpd.get("/")[0] in {200, 403, 404}


def test_a_script_that_is_not_there_is_a_404() -> None:
    httpd = Httpd(["wsgi"], scripts={"shop": "application = None\n"})
    (httpd.script_dir / "shop.wsgi").unlink()
    [finding] = scan.findings(httpd, CHECK)
    assert finding["title"] == "A WSGI script is not there"
    with httpd:
        assert httpd.get("/shop")[0] == 404


def test_the_report_says_it_once() -> None:
    httpd = host("Include /nowhere/site.conf")
    httpd.write_environment()
    command = [
        sys.executable,
        "-m",
        "hostprobe",
        "scan",
        "--config",
        str(httpd.config),
        "--select",
        CHECK,
    ]
    said = subprocess.run(command, capture_output=True, text=True, check=False).stdout
    assert said.count("/nowhere/site.conf: no such file") == 2  # title and evidence
    assert "Configuration:" not in said
