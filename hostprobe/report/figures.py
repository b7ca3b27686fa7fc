"""The limits of a virtual server or container: as JSON data and as text."""

from collections.abc import Iterable, Iterator
from typing import Any

from hostprobe.model.memory.figures import Figure
from hostprobe.report.lines import Line, plain, styled


def figure_data(figure: Figure) -> dict[str, Any]:
    """One resource."""
    return {
        "name": figure.name,
        "used": figure.used,
        "most": figure.most,
        "limit": figure.limit,
        "unit": figure.unit,
        "source": figure.source,
    }


def render_figures(figures: Iterable[Figure]) -> Iterator[Line]:
    """A line for each under one heading; nothing without any."""
    lines = [plain(f"  {text(figure)}") for figure in figures]
    if lines:
        yield styled("limits of this server", "heading")
    yield from lines


def text(figure: Figure) -> str:
    """`memory: 123 MB used, 200 MB at most so far, of 512 MB (/sys/fs/cgroup/x)`."""
    parts = []
    if figure.used is not None:
        parts.append(f"{amount(figure.used, figure.unit)} used")
    if figure.most is not None:
        parts.append(f"{amount(figure.most, figure.unit)} at most so far")
    limit = "no limit" if figure.limit is None else f"of {amount(figure.limit, figure.unit)}"
    return f"{figure.name}: {', '.join([*parts, limit])} ({figure.source})"


def amount(number: int, unit: str) -> str:
    """Bytes as megabytes, base 1024."""
    return str(number) if unit == "count" else f"{number / (1 << 20):.0f} MB"
