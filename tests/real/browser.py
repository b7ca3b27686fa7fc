"""The distribution's Chromium, offline, that tells what a page asks for and complains about."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, sync_playwright

CHROMIUM = "/usr/bin/chromium"
QUIET = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
VIOLATIONS = """
addEventListener("securitypolicyviolation", (event) => {
  console.error(`policy: ${event.violatedDirective} ${event.blockedURI}`);
});
"""


@dataclass
class Seen:
    """A page that is open, and what happened to it."""

    page: Page
    requests: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)


@contextmanager
def chromium() -> Iterator[Browser]:
    """One browser; every page gets a profile of its own."""
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=CHROMIUM, args=list(QUIET))
        yield browser
        browser.close()


@contextmanager
def opened(browser: Browser, file: Path, **context: Any) -> Iterator[Seen]:
    """The file as file://, without a network."""
    profile = browser.new_context(offline=True, reduced_motion="reduce", **context)
    seen = Seen(profile.new_page())
    page = seen.page
    page.add_init_script(VIOLATIONS)
    page.on("request", lambda request: seen.requests.append(request.url))
    page.on("pageerror", lambda error: seen.complaints.append(str(error)))
    page.on("dialog", lambda dialog: seen.complaints.append(f"dialog {dialog.message}"))
    page.on("console", lambda said: seen.complaints.append(said.text))
    page.goto(file.as_uri())
    yield seen
    profile.close()
