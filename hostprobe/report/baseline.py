"""A baseline: what is known of a host, in a file that fits into version control.

Neither a time nor a process nor an order that changes: the same faults give the same bytes.
"""

from typing import Any

from hostprobe.model.difference import worst
from hostprobe.parse.baseline import KEYS, SCHEMA
from hostprobe.report.formats import Document


def baseline_data(document: Document) -> dict[str, Any]:
    """The findings of a report that count; a waived one counts again when its waiver ends."""
    counting = worst(each for each in document["findings"] if not each["waived"]).values()
    known = [{key: each[key] for key in KEYS} for each in counting]
    known.sort(key=lambda each: (each["check"], each["subject"], each["fingerprint"]))
    return {"kind": "baseline", "schema": SCHEMA, "findings": known}
