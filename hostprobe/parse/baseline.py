"""A baseline: the findings that are known; schemas/baseline.schema.json."""

import json
from collections.abc import Mapping
from typing import Any

from hostprobe.facts.report import SEVERITIES
from hostprobe.parse.error import ParseError
from hostprobe.parse.report import has_texts

SCHEMA = 1
KEYS = ("check", "subject", "severity", "fingerprint")
WRONG = "not a baseline of hostprobe"


def parse_baseline(data: bytes) -> tuple[Mapping[str, Any], ...]:
    """Its findings; ParseError for what is no baseline, or one of a newer hostprobe."""
    try:
        document = json.loads(data.decode("utf-8"))
    except (ValueError, RecursionError) as error:
        raise ParseError(f"not JSON: {error}") from error
    if not isinstance(document, dict) or document.get("kind") != "baseline":
        raise ParseError(WRONG)
    if document.get("schema") != SCHEMA:
        raise ParseError(f"a baseline of schema {document.get('schema')!r}, not {SCHEMA}")
    findings = document.get("findings")
    if not isinstance(findings, list):
        raise ParseError(f"{WRONG}: findings")
    for number, finding in enumerate(findings):
        if not isinstance(finding, dict) or not is_known(finding):
            raise ParseError(f"{WRONG}: findings[{number}]")
    return tuple(findings)


def is_known(finding: Mapping[str, Any]) -> bool:
    """All that a baseline holds of a finding is there."""
    return has_texts(finding, KEYS) and finding["severity"] in SEVERITIES
