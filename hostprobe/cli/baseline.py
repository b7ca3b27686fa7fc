"""`hostprobe baseline`: what is known of a host is written down, and compared with later."""

from argparse import Namespace
from collections.abc import Mapping
from typing import Any

from hostprobe.check import Severity
from hostprobe.cli.diff import tell
from hostprobe.cli.errors import UsageError
from hostprobe.cli.output import write_file
from hostprobe.cli.stored import stored
from hostprobe.model.difference import difference
from hostprobe.parse.baseline import parse_baseline
from hostprobe.reading import read_file, reason
from hostprobe.report.baseline import baseline_data
from hostprobe.report.json import render_json

MAX_BASELINE = 1 << 26
"""Bytes; a finding takes 300."""


def baseline(options: Namespace) -> int:
    """Write one, or compare a report with one as `hostprobe diff` compares two reports."""
    document = stored(options, options.report)
    if options.action == "write":
        text = render_json(baseline_data(document))
        write_file(options.file, text.encode("ascii"), option="")
        return 0
    found = difference(read_baseline(options.file), document)
    return tell(options, None, document, found)


def read_baseline(path: str) -> tuple[Mapping[str, Any], ...]:
    """The findings in a file; UsageError when it is no baseline."""
    try:
        return parse_baseline(read_file(path, MAX_BASELINE))
    except (OSError, ValueError) as error:
        raise UsageError(f"{path}: {reason(error)}") from error


def known(path: str | None) -> Mapping[str, Severity] | None:
    """Fingerprint -> severity, for a scan; None without a baseline."""
    if path is None:
        return None
    return {each["fingerprint"]: Severity[each["severity"]] for each in read_baseline(path)}
