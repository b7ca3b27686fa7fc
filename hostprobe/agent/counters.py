"""agent.json: how the agent is doing, for who watches it."""

import json
from dataclasses import asdict, dataclass, field
from typing import Any

STAGES = ("start", "timeout", "killed", "scan", "report")
"""Where a scan can fail: its process does not start, takes too long, is ended by a signal; the scan
itself ends without a report; what it found cannot be stored or compared."""


@dataclass(slots=True)
class Counters:
    """Numbers since the state directory was made."""

    scans_total: int = 0
    """Scans that were begun."""

    scan_errors_total: dict[str, int] = field(default_factory=lambda: dict.fromkeys(STAGES, 0))
    """Stage -> scans that ended there."""

    last_success: str | None = None
    """When the last scan ended that left a report, RFC 3339."""

    last_failure: dict[str, str] | None = None
    """`when`, `stage` and `message` of the last one that did not."""

    watched: int = 0
    """Directories."""

    unwatched: int = 0
    """Directories that should be watched and cannot."""

    def failed(self, when: str, stage: str, message: str) -> None:
        """A scan ended without a report."""
        self.scan_errors_total[stage] += 1
        self.last_failure = {"when": when, "stage": stage, "message": message}


def render_counters(counters: Counters) -> bytes:
    """JSON."""
    return json.dumps({"schema": 1} | asdict(counters), indent=1).encode() + b"\n"


def parse_counters(data: bytes) -> Counters:
    """Counters go on where an earlier agent left them, or begin anew if the file is damaged."""
    try:
        stored = json.loads(data)
        errors = {stage: number(stored["scan_errors_total"].get(stage)) for stage in STAGES}
        return Counters(
            scans_total=number(stored["scans_total"]),
            scan_errors_total=errors,
            last_success=text_or_none(stored["last_success"]),
        )
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return Counters()


def number(value: Any) -> int:
    """A counter; ValueError for anything else."""
    if value is None:
        return 0
    if type(value) is not int or value < 0:
        raise ValueError("not a counter")
    return value


def text_or_none(value: Any) -> str | None:
    """A time."""
    return value if isinstance(value, str) else None
