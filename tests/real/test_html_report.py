"""The HTML report in a real Chromium: offline, closed, readable in every way that people read."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, CDPSession, Page, expect

from hostprobe.report.formats import render
from tests.real.browser import Seen, chromium, opened
from tests.report.html_documents import BREAKOUT, HOSTILE, conflict, document, finding, large

pytestmark = pytest.mark.real

OPEN_GRAPH = "document.getElementById('graph').scrollIntoView()"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as running:
        yield running


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The bundled sample host's report, as the command writes it."""
    file = tmp_path_factory.mktemp("html") / "report.html"
    command = [sys.executable, "-m", "hostprobe", "scan", "--snapshot", "sample"]
    command += ["--format", "html", "--output", str(file)]
    subprocess.run(command, check=False, timeout=60)
    return file


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A thousand findings, sixty conflicts with three hundred files and applications."""
    file = tmp_path_factory.mktemp("html") / "many.html"
    file.write_text(render("html", large()))
    return file


@pytest.fixture(scope="module")
def some(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Forty findings, of which the first ones are open."""
    file = tmp_path_factory.mktemp("html") / "some.html"
    file.write_text(render("html", large(40, 8)))
    return file


def written(folder: Path, *findings: dict[str, object]) -> Path:
    file = folder / "report.html"
    file.write_text(render("html", document(*findings)))
    return file


def assert_quiet(seen: Seen, file: Path) -> None:
    assert seen.complaints == []
    assert seen.requests == [file.as_uri()]


def show_graph(page: Page) -> None:
    page.evaluate(OPEN_GRAPH)
    page.wait_for_selector("#canvas[data-nodes]")


def test_it_opens_offline_with_one_request_and_without_a_complaint(
    browser: Browser, sample: Path
) -> None:
    with opened(browser, sample) as seen:
        show_graph(seen.page)
        seen.page.select_option("#conflict", label="all conflicts")
        seen.page.select_option("#object", label="libedit.so.2")
        told = seen.page.inner_text("#about-object")
        assert "readline binds to it (47 refs)" in told
        assert "libreadline.so.8 binds to it (122 refs)" in told
        assert_quiet(seen, sample)


def test_the_graph_opens_on_one_conflict_and_is_drawn(browser: Browser, sample: Path) -> None:
    with opened(browser, sample) as seen:
        show_graph(seen.page)
        assert seen.page.get_attribute("#canvas", "data-nodes") == "6"
        box = seen.page.locator("#canvas")
        before = box.screenshot()
        box.focus()
        seen.page.keyboard.press("+")
        seen.page.keyboard.press("ArrowLeft")
        assert box.screenshot() != before
        seen.page.locator("figure button").nth(1).click()
        assert seen.page.get_attribute("#canvas", "data-nodes") == "9"
        assert seen.page.evaluate("document.activeElement.id") == "conflict"


def test_hostile_names_do_nothing(browser: Browser, tmp_path: Path) -> None:
    hostile = finding(
        title=f"{BREAKOUT} {HOSTILE}",
        affected=[f"{BREAKOUT} ({HOSTILE})"],
        evidence={**conflict(BREAKOUT + HOSTILE), "x": [{BREAKOUT: HOSTILE}]},
        remedy=[f"a2dismod {BREAKOUT}: x"],
        references=[f"https://example.org/{BREAKOUT}"],
    )
    file = written(tmp_path, *[hostile] * 5)
    with opened(browser, file) as seen:
        show_graph(seen.page)
        seen.page.select_option("#object", index=2)
        assert "<script>alert(1)</script>" in seen.page.inner_text("#about-object")
        assert seen.page.locator("img").count() == 0
        assert seen.page.locator("#findings b").count() == 0
        assert_quiet(seen, file)


def test_everything_is_there_without_scripts(browser: Browser, sample: Path) -> None:
    with opened(browser, sample, java_script_enabled=False) as seen:
        page = seen.page
        assert page.locator("#findings svg").first.is_visible()
        assert page.locator("button:visible, select:visible, input:visible").count() == 0
        assert not page.locator("nav a[href='#graph']").is_visible()
        closed = page.locator(".instance summary").filter(has_text="27 modules")
        closed.focus()
        page.keyboard.press("Enter")
        assert page.get_by_text("/usr/lib/apache2/modules/mod_wsgi.so").last.is_visible()
        assert_quiet(seen, sample)


def test_the_keyboard_reaches_and_opens_a_finding(browser: Browser, some: Path) -> None:
    with opened(browser, some) as seen:
        page = seen.page
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.textContent") == "Skip to the findings"
        assert page.locator(".skip").bounding_box()["x"] >= 0  # type: ignore[index]
        page.keyboard.press("Enter")
        page.keyboard.press("Tab")
        focused = page.locator(":focus")
        assert focused.evaluate("each => each.parentElement.className") == "finding"
        was_open = page.locator(".finding").first.evaluate("each => each.open")
        page.keyboard.press("Enter")
        assert page.locator(".finding").first.evaluate("each => each.open") != was_open
        assert focused.evaluate("each => getComputedStyle(each).outlineStyle") == "solid"


def test_a_link_to_a_finding_opens_it(browser: Browser, some: Path) -> None:
    with opened(browser, some) as seen:
        seen.page.evaluate("location.hash = 'f-0000000000000020'")
        opening = seen.page.locator("#f-0000000000000020[open]")
        opening.wait_for()
        assert opening.locator(".remedy").is_visible()


def test_findings_are_narrowed_and_ordered(browser: Browser, many: Path) -> None:
    with opened(browser, many) as seen:
        page = seen.page
        page.locator("#filter [value=critical]").uncheck()
        expect(page.locator("#shown")).to_have_text("940 of 1000 findings")
        page.select_option("#application", label="example.org/7 (/srv/7.wsgi)")
        page.fill("#text", "307 www-data")
        expect(page.locator("#shown")).to_have_text("1 of 1000 findings")
        assert page.locator(".finding:visible").count() == 1
        assert page.locator(".group:visible").count() == 1
        page.fill("#text", "")
        page.select_option("#application", label="all")
        page.select_option("#order", label="check")
        first = page.locator(".finding:not([hidden])").first
        assert first.get_attribute("data-check") == "code-writable-by-others"
        page.select_option("#order", label="application")
        assert page.locator(".group").nth(0).locator(".finding").count() > 0


@pytest.mark.parametrize("is_secure", [True, False], ids=["https", "http"])
def test_a_command_is_copied(browser: Browser, sample: Path, *, is_secure: bool) -> None:
    with opened(browser, sample) as seen:
        if not is_secure:  # as where an exporter serves the page without TLS
            seen.page.evaluate("delete window.isSecureContext; window.isSecureContext = false")
            assert seen.page.evaluate("isSecureContext") is False
        seen.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
        seen.page.locator(".remedy .copy").nth(1).click()
        seen.page.get_by_text("copied").wait_for()
        copied = seen.page.evaluate("navigator.clipboard.readText()")
        assert copied == "phpdismod -v 8.2 -s apache2 readline"


@pytest.mark.parametrize(("scheme", "width"), [("light", 360), ("dark", 1280)])
def test_axe_finds_nothing(browser: Browser, tmp_path: Path, scheme: str, width: int) -> None:
    waived = finding(waived={"reason": "known", "expires": None}, fingerprint="0" * 16)
    plain = {"path": "/srv/x", "who": [{"user": "www-data", "uid": 33}]}
    rest = [finding(severity=each, evidence=plain) for each in ("high", "medium", "low", "info")]
    file = written(tmp_path, finding(), *rest, waived)
    viewport = {"width": width, "height": 800}
    with opened(browser, file, color_scheme=scheme, viewport=viewport) as seen:
        page = seen.page
        page.evaluate("for (const each of document.querySelectorAll('details')) each.open = true")
        show_graph(page)
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        results = Axe().run(page)
        assert results.response["violations"] == [], results.generate_report()
        paper = page.evaluate("getComputedStyle(document.body).backgroundColor")
        assert paper == {"light": "rgb(252, 251, 249)", "dark": "rgb(23, 24, 26)"}[scheme]


def test_print_shows_what_is_closed_and_hides_what_cannot_be_used(
    browser: Browser, some: Path
) -> None:
    with opened(browser, some, java_script_enabled=False) as seen:
        page = seen.page
        page.emulate_media(media="print")
        last = page.locator(".finding").last
        assert last.evaluate("each => each.open") is False
        assert last.locator(".remedy").is_visible()
        assert not page.locator("nav").is_visible()


def test_a_thousand_findings_and_three_hundred_boxes_are_usable(
    browser: Browser, many: Path
) -> None:
    with opened(browser, many) as seen:
        page = seen.page
        clock = page.context.new_cdp_session(page)
        clock.send("Performance.enable", {"timeDomain": "threadTicks"})
        spent = [busy(clock)]
        page.reload()
        spent.append(busy(clock))
        page.fill("#text", "settings.py")
        expect(page.locator("#shown")).to_have_text("940 of 1000 findings")
        spent.append(busy(clock))
        show_graph(page)
        page.select_option("#conflict", label="all conflicts")
        page.wait_for_selector("#canvas[data-nodes='301']")
        spent.append(busy(clock))
        assert seen.complaints == []
    took = [after - before for before, after in pairwise(spent)]
    print("CPU time: load {:.2f} s, filter {:.2f} s, graph {:.2f} s".format(*took))
    assert max(took) < 4  # a layout engine in the browser needed 19 s


def busy(clock: CDPSession) -> float:
    """CPU seconds of the page's main thread so far: other processes do not count."""
    metrics = clock.send("Performance.getMetrics")["metrics"]
    return float(next(each["value"] for each in metrics if each["name"] == "TaskDuration"))
