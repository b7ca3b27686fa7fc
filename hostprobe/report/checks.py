"""The list of checks and the page of one."""

from collections.abc import Iterable, Iterator
from typing import Any

from hostprobe.check import Check
from hostprobe.report.lines import BLANK, Line, plain, styled


def render_checks(checks: Iterable[Check]) -> Iterator[Line]:
    """One line per check: id, highest severity, title."""
    checks = list(checks)
    width = max((len(check.id) for check in checks), default=0)
    for check in checks:
        name = f"{check.id:{width}}"
        yield styled(f"{name}  {check.severity.name:8}  {check.title}", "heading", len(check.id))


def checks_data(checks: Iterable[Check]) -> list[dict[str, Any]]:
    """The same as JSON data."""
    return [
        {
            "id": check.id,
            "severity": check.severity.name,
            "title": check.title,
            "references": list(check.references),
        }
        for check in checks
    ]


def render_page(check: Check) -> Iterator[Line]:
    """`hostprobe explain`: the docstring, paragraphs joined so that they wrap to any width."""
    yield styled(f"{check.id} (up to {check.severity.name})", "heading")
    for paragraph in paragraphs(check.page):
        yield from (BLANK, *paragraph)
    yield BLANK
    for reference in check.references:
        yield plain(f"See {reference}")


def paragraphs(page: str) -> Iterator[list[Line]]:
    """Blocks of the page: an underlined heading, an indented example, or running text."""
    for block in page.split("\n\n"):
        lines = block.split("\n")
        if len(lines) > 1 and lines[1] and set(lines[1]) == {"-"}:
            body = [plain(" ".join(lines[2:]), hang=0)] if lines[2:] else []
            yield [styled(lines[0], "heading"), *body]
        elif any(line.startswith(" ") for line in lines):
            yield [plain(line) for line in lines]
        else:
            yield [plain(" ".join(lines), hang=0)]
