"""JSON lines: one finding a line, for log shippers; the first line is the scan itself."""

import json

from hostprobe.report.formats import Document

LEFT_OUT = ("instances", "findings")


def render(document: Document) -> str:
    """Each line tells what it is, `type`, of which host and which scan."""
    scan = {key: value for key, value in document.items() if key not in LEFT_OUT}
    origin = {"host": document["host"]["name"], "started": document["started"]}
    lines = [{"type": "scan", **scan}]
    lines += [{"type": "finding", **origin, **finding} for finding in document["findings"]]
    return "".join(f"{json.dumps(line)}\n" for line in lines)
