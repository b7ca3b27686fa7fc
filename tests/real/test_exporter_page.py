"""The page under the headers of the exporter, in a real Chromium."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.real.browser import VIOLATIONS, chromium
from tests.real.exporter import Exporter, store_sample

pytestmark = pytest.mark.real


def test_the_headers_take_nothing_from_the_page_and_nobody_may_frame_it(tmp_path: Path) -> None:
    store_sample(tmp_path / "state")
    said, asked = [], []
    with Exporter(tmp_path / "state") as exporter, chromium() as browser:
        page = browser.new_page()
        page.add_init_script(VIOLATIONS)
        page.on("console", lambda message: said.append(message.text))
        page.on("pageerror", lambda error: said.append(str(error)))
        page.on("request", lambda request: asked.append(request.url))
        address = f"http://127.0.0.1:{exporter.port}/"
        answer = page.goto(address)
        assert answer is not None
        assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]
        page.locator("#graph").scroll_into_view_if_needed()
        page.wait_for_selector("#graph canvas")
        assert (said, [url for url in asked if not url.startswith("data:")]) == ([], [address])
        page.set_content(f'<iframe src="{address}"></iframe>')
        page.wait_for_timeout(500)
        assert "symbol-interposed" not in page.frames[-1].content()
