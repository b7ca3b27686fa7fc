"""The report as JSON: schemas/report.schema.json."""

import json
from collections import Counter
from typing import Any

from hostprobe.check import Check, Finding, Severity
from hostprobe.engine import Novelty, Report
from hostprobe.facts.host import HostIdentity
from hostprobe.facts.settings import Waiver
from hostprobe.report.escape import escape_json
from hostprobe.report.formats import Document
from hostprobe.report.topology import instance_data


def render_json(data: Any) -> str:
    """JSON for people and programs: indented, ASCII, one newline at the end."""
    return json.dumps(escape_json(data), indent=2) + "\n"


def render(document: Document) -> str:
    """The document itself."""
    return json.dumps(document, indent=2) + "\n"


def document_of(report: Report) -> Document:
    """The report as every format takes it."""
    document: Document = escape_json(report_data(report))
    return document


def report_data(report: Report) -> dict[str, Any]:
    """The whole report, shaped as its schema says."""
    findings = list(report.findings())
    counts = Counter(finding.severity for _, finding in findings if finding.waived is None)
    return {
        "schema": 1,
        "hostprobe": report.hostprobe,
        "host": host_data(report.host),
        "started": report.started,
        "duration_seconds": round(report.duration, 3),
        "complete": report.is_complete,
        "notes": list(report.notes),
        "unread": list(report.unread),
        "instances": [instance_data(instance) for instance in report.instances],
        "checks": [
            {
                "id": result.id,
                "outcome": result.outcome.value,
                "reason": result.reason,
                "duration_seconds": round(result.duration, 3),
            }
            for result in report.results
        ],
        "findings": [
            finding_data(check, finding) | novelty_data(report.novelty(check, finding))
            for check, finding in findings
        ],
        "waivers": [
            {
                "check": each.waiver.check,
                "subject": each.waiver.subject,
                **waiver_data(each.waiver),
                "standing": each.standing.value,
            }
            for each in report.waivers
        ],
        "summary": {
            **{severity.name: counts[severity] for severity in reversed(Severity)},
            "waived": len(findings) - counts.total(),
        },
    }


def waiver_data(waiver: Waiver) -> dict[str, Any]:
    """Why, and how long."""
    expires = waiver.expires.isoformat() if waiver.expires else None
    return {"reason": waiver.reason, "expires": expires}


def novelty_data(novelty: Novelty | None) -> dict[str, Any]:
    """Only where there is a baseline."""
    return {} if novelty is None else {"baseline": novelty.value}


def host_data(host: HostIdentity) -> dict[str, Any]:
    """Which host."""
    return {
        "name": host.name,
        "os": host.os,
        "kernel": host.kernel,
        "arch": host.arch,
        "root": host.root,
    }


def finding_data(check: Check, finding: Finding) -> dict[str, Any]:
    """One finding."""
    return {
        "check": check.id,
        "severity": finding.severity.name,
        "certainty": finding.certainty.name,
        "subject": finding.subject,
        "title": finding.title,
        "detail": finding.detail,
        "affected": list(finding.affected),
        "evidence": dict(finding.evidence),
        "remedy": list(finding.remedy),
        "references": list(check.references),
        "fingerprint": check.fingerprint(finding),
        "waived": None if finding.waived is None else waiver_data(finding.waived),
    }
