"""A report that an earlier scan wrote, back from its JSON: schemas/report.schema.json."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping

from hostprobe.facts.report import SEVERITIES
from hostprobe.parse.error import ParseError

TYPE_CHECKING = False  # typing takes as long as json: the plugin would start a fifth later
if TYPE_CHECKING:
    from typing import Any

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
TEXTS = ("check", "severity", "certainty", "subject", "title", "detail", "fingerprint")
LISTS = ("affected", "remedy", "references")
NOVELTIES = (None, "new", "unchanged", "updated")
HOST = ("name", "os", "arch", "root")

HALF = re.compile(rb"\\u[dD][89a-fA-F]")
"""Half of a character beyond U+FFFF; without the other half it is no text."""


def parse_report(data: bytes) -> Mapping[str, Any]:
    """The document; ParseError for what is no report, or one of a newer hostprobe."""
    try:
        document = json.loads(data.decode("utf-8"), parse_constant=no_number)
        if HALF.search(data):
            json.dumps(document, ensure_ascii=False).encode("utf-8")
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


def no_number(name: str) -> None:
    """NaN and Infinity, which Python alone takes for JSON."""
    raise ValueError(f"{name} is no number")


def require_parts(document: Mapping[str, Any]) -> None:
    """ParseError where something that every report has is not there."""
    if not has_texts(document["host"], HOST):
        raise ParseError("not a report of hostprobe: host")
    if not is_texts(document["unread"]):
        raise ParseError("not a report of hostprobe: unread")
    for key, is_part in PARTS.items():
        parts = document.get(key, ())
        if not isinstance(parts, list | tuple):
            raise ParseError(f"not a report of hostprobe: {key}")
        for number, part in enumerate(parts):
            if not isinstance(part, dict) or not is_part(part):
                raise ParseError(f"not a report of hostprobe: {key}[{number}]")
    if any(type(document["summary"].get(each)) is not int for each in SEVERITIES):
        raise ParseError("not a report of hostprobe: summary")


def is_check(check: Mapping[str, Any]) -> bool:
    """Everything that the formats print is there."""
    return (
        has_texts(check, ("id", "outcome"))
        and isinstance(check.get("reason", 0), str | None)
        and isinstance(check.get("duration_seconds"), int | float)
    )


def is_finding(finding: Mapping[str, Any]) -> bool:
    """Everything that the formats print is there."""
    return (
        has_texts(finding, TEXTS)
        and finding["severity"] in SEVERITIES
        and all(is_texts(finding.get(key)) for key in LISTS)
        and isinstance(finding.get("evidence"), dict)
        and is_waiver(finding.get("waived", 0))
        and finding.get("baseline") in NOVELTIES
    )


def is_judged_waiver(waiver: Mapping[str, Any]) -> bool:
    """Everything that the formats print is there."""
    return has_texts(waiver, ("check", "subject", "reason", "standing"))


def is_waiver(waived: object) -> bool:
    """None, or why and until when."""
    if not isinstance(waived, dict):
        return waived is None
    return has_texts(waived, ("reason",)) and isinstance(waived.get("expires"), str | None)


def is_instance(instance: Mapping[str, Any]) -> bool:
    """Everything that the formats print is there: what could not be read of it."""
    configuration, environments = instance.get("configuration"), instance.get("environments")
    return (
        isinstance(configuration, dict)
        and are_problems(configuration.get("problems"))
        and are_problems(instance.get("problems"))
        and isinstance(environments, list)
        and all(isinstance(each, dict) and is_texts(each.get("problems")) for each in environments)
    )


def are_problems(problems: object) -> bool:
    """Each tells what, and perhaps where."""
    return isinstance(problems, list) and all(
        isinstance(each, dict) and has_texts(each, ("message",)) and is_where(each.get("where"))
        for each in problems
    )


def is_where(where: object) -> bool:
    """None, or a line of a file."""
    if not isinstance(where, dict):
        return where is None
    return has_texts(where, ("file",)) and isinstance(where.get("first"), int)


def is_texts(values: object) -> bool:
    """A list of text."""
    return isinstance(values, list) and all(isinstance(each, str) for each in values)


def has_texts(table: Mapping[str, Any], keys: tuple[str, ...]) -> bool:
    """Each key is there and is text."""
    return all(isinstance(table.get(key), str) for key in keys)


PARTS = {
    "checks": is_check,
    "findings": is_finding,
    "instances": is_instance,
    "waivers": is_judged_waiver,
}
