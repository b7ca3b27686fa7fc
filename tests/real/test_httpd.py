"""The test httpd itself: starts alone, answers, refuses with a text, leaves nothing behind."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.real.httpd import Httpd, refusal

pytestmark = pytest.mark.real
HELLO = """
def application(environ, start_response):
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [repr(environ["mod_wsgi.process_group"]).encode()]
"""


@pytest.mark.parametrize("single", [True, False])
def test_an_application_answers_and_nothing_is_left(*, single: bool) -> None:
    with Httpd(["wsgi"], scripts={"hello": HELLO}, single=single) as httpd:
        assert httpd.get("/hello") == (200, "''")
        assert httpd.get("/none")[0] == 404
        pid, root = httpd.pid, httpd.root
    assert not root.exists()
    assert not Path(f"/proc/{pid}").exists()
    with pytest.raises(ProcessLookupError):
        os.killpg(pid, 0)


def test_two_run_side_by_side() -> None:
    with Httpd() as one, Httpd() as other:
        assert one.port != other.port
        assert one.get("/")[0] == other.get("/")[0] == 404


def test_a_refusal_carries_httpds_text() -> None:
    assert "Invalid command 'NoSuchDirective'" in refusal(Httpd(lines=["NoSuchDirective"]))
