"""A report that an earlier scan wrote, back from its JSON: schemas/report.schema.json."""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from hostprobe.parse.error import ParseError

SCHEMA = 1
SHAPE: Mapping[str, type | tuple[type, ...]] = {
    "hostprobe": str,
    "host": dict,
    "started": str,
    "duration_seconds": (int, float),
    "complete": bool,
    "unread": list,
    "instances": list,
    "checks": list,
    "findings": list,
    "summary": dict,
}
OUTCOMES = ("clean", "found", "not-applicable", "not-run", "failed")
SEVERITIES = ("critical", "high", "medium", "low", "info")
TEXTS = ("check", "severity", "certainty", "subject", "title", "detail", "fingerprint")
LISTS = ("affected", "remedy", "references")


def parse_report(data: bytes) -> Mapping[str, Any]:
    """The document; ParseError for what is no report, or one of a newer hostprobe."""
    try:
        document = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise ParseError(f"not JSON: {error}") from error
    if not isinstance(document, dict) or "schema" not in document:
        raise ParseError("not a report of hostprobe")
    if document["schema"] != SCHEMA:
        raise ParseError(
            f"a report of schema {document['schema']!r}; this hostprobe knows {SCHEMA} only"
        )
    for key, kind in SHAPE.items():
        if not isinstance(document.get(key), kind):
            raise ParseError(f"not a report of hostprobe: {key} is missing or of another type")
    require_parts(document)
    return document


def require_parts(document: Mapping[str, Any]) -> None:
    """ParseError where something that every report has is not there."""
    if not is_time(document["started"]):
        raise ParseError("not a report of hostprobe: started")
    if not all(isinstance(check, dict) and is_check(check) for check in document["checks"]):
        raise ParseError("not a report of hostprobe: checks")
    for number, finding in enumerate(document["findings"]):
        if not isinstance(finding, dict) or not is_finding(finding):
            raise ParseError(f"not a report of hostprobe: findings[{number}]")
    if any(not isinstance(document["summary"].get(each), int) for each in SEVERITIES):
        raise ParseError("not a report of hostprobe: summary")


def is_time(text: str) -> bool:
    """RFC 3339 with its offset from UTC."""
    try:
        return datetime.fromisoformat(text).utcoffset() is not None
    except ValueError:
        return False


def is_check(check: Mapping[str, Any]) -> bool:
    """An id and one of the known outcomes."""
    return has_texts(check, ("id", "outcome")) and check["outcome"] in OUTCOMES


def is_finding(finding: Mapping[str, Any]) -> bool:
    """Everything that the formats print is there."""
    return (
        has_texts(finding, TEXTS)
        and finding["severity"] in SEVERITIES
        and all(isinstance(finding.get(key), list) for key in LISTS)
        and isinstance(finding.get("evidence"), dict)
        and isinstance(finding.get("waived"), dict | None)
    )


def has_texts(table: Mapping[str, Any], keys: tuple[str, ...]) -> bool:
    """Each key is there and is text."""
    return all(isinstance(table.get(key), str) for key in keys)
