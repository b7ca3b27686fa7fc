"""SARIF 2.1.0 (OASIS, with Errata 01), as GitHub code scanning and other viewers take it.

A finding is a result, its check the rule. Paths are relative to ROOT, the root of the inspected
host. Whatever did not judge or was not read is a notification of the invocation.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import quote, urlsplit

from hostprobe.report.escape import escape
from hostprobe.report.formats import Document
from hostprobe.report.gaps import idle_waivers, judged, unread
from hostprobe.report.places import Place, places

SCHEMA = (
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
)
LEVELS = {
    "critical": "error",
    "high": "error",
    "medium": "warning",
    "low": "note",
    "info": "note",
}
SECURITY_SEVERITY = {"critical": "9.5", "high": "8.0", "medium": "5.5", "low": "2.0", "info": "0.0"}
"""In the middle of the bands that GitHub names critical, high, medium and low."""

NOTICES = {"failed": "error", "not-run": "warning", "not-applicable": "note"}
"""Outcome of a check that did not judge -> level of its notification."""

UNREAD, WAIVER = "unread", "waiver"

Part = dict[str, Any]


def render(document: Document) -> str:
    """One log with one run."""
    log = {"$schema": SCHEMA, "version": "2.1.0", "runs": [run(document)]}
    return json.dumps(log, indent=2) + "\n"


def run(document: Document) -> Part:
    """The scan."""
    checks = [check["id"] for check in document["checks"]]
    numbers = {name: number for number, name in enumerate(checks)}
    root = "".join(f"{quote(part)}/" for part in document["host"]["root"].split("/") if part)
    return {
        "tool": {"driver": driver(document)},
        "automationDetails": {"id": f"hostprobe/{quote(document['host']['name'])}/"},
        "columnKind": "unicodeCodePoints",
        "originalUriBaseIds": {
            "ROOT": {
                "uri": f"file:///{root}",
                "description": {"text": "the root file system of the inspected host"},
            }
        },
        "invocations": [invocation(document, numbers)],
        "results": [result(finding, numbers) for finding in document["findings"]],
    }


def driver(document: Document) -> Part:
    """hostprobe, and every check that was asked for: silence of a rule says that it ran."""
    return {
        "name": "hostprobe",
        "version": document["hostprobe"],
        "rules": [
            rule(check["id"], [one for one in document["findings"] if one["check"] == check["id"]])
            for check in document["checks"]
        ],
        "notifications": [
            {"id": name, "shortDescription": {"text": text}}
            for name, text in (
                ("failed", "A check failed: an error of hostprobe, not of the host."),
                ("not-run", "A check could not judge."),
                ("not-applicable", "What a check looks for cannot exist on this host."),
                (UNREAD, "Something could not be read."),
                (WAIVER, "A waiver has expired, or holds for nothing."),
            )
        ],
    }


def rule(name: str, findings: Sequence[Mapping[str, Any]]) -> Part:
    """One check; its severity is that of its worst finding here."""
    references = list(dict.fromkeys(url for one in findings for url in one["references"]))
    words = name.replace("-", " ")
    page = f"`hostprobe explain {name}` tells why it matters and how to cure it."
    links = "".join(f"\n\nSee {url}" for url in references)
    described: Part = {
        "id": name,
        "shortDescription": message(words[:1].upper() + words[1:]),
        "fullDescription": message(page),
        "help": message(page + links),
        "properties": {"tags": ["hostprobe"]},
    }
    if references and urlsplit(references[0]).scheme in {"http", "https"}:
        described["helpUri"] = quote(references[0], safe=":/?#[]@!$&'()*+,;=%~")
    if findings:
        worst = min((one["severity"] for one in findings), key=list(LEVELS).index)
        described["properties"] |= {
            "severity": worst,
            "security-severity": SECURITY_SEVERITY[worst],
        }
        described["defaultConfiguration"] = {"level": LEVELS[worst]}
    return described


def message(text: str) -> Part:
    """Plain text; braces are placeholders and brackets links unless they are doubled or escaped."""
    lines = "\n".join(escape(line) for line in text.split("\n"))
    for sign in "\\[]":
        lines = lines.replace(sign, f"\\{sign}")
    return {"text": lines.replace("{", "{{").replace("}", "}}")}


def invocation(document: Document, numbers: Mapping[str, int]) -> Part:
    """Whether silence means fine."""
    notices = [notice(check, numbers) for check in judged(document, *NOTICES)]
    notices += [notification(UNREAD, "warning", text) for text in unread(document)]
    notices += [notification(WAIVER, "note", text) for text in idle_waivers(document)]
    return {
        "executionSuccessful": document["complete"],
        "startTimeUtc": document["started"],
        "machine": escape(document["host"]["name"]),
        "toolExecutionNotifications": notices,
    }


def notice(check: Mapping[str, Any], numbers: Mapping[str, int]) -> Part:
    """A check that did not judge, and why."""
    outcome, name = check["outcome"], check["id"]
    text = f"{name}: {check['reason'] or outcome}"
    told = notification(outcome, NOTICES[outcome], text)
    return told | {"associatedRule": {"id": name, "index": numbers[name]}}


def notification(kind: str, level: str, text: str) -> Part:
    """Something that the reader of the results must know."""
    return {"descriptor": {"id": kind}, "level": level, "message": message(escape(text))}


def result(finding: Mapping[str, Any], numbers: Mapping[str, int]) -> Part:
    """One finding."""
    primary, *others = places(finding) or (None,)
    told: Part = {
        "ruleId": finding["check"],
        "level": LEVELS[finding["severity"]],
        "message": message("\n".join(sentences(finding))),
        "locations": [location(primary) | {"logicalLocations": list(logical(finding))}],
        "relatedLocations": [location(one) | {"message": message(one.role)} for one in others],
        "partialFingerprints": {"hostprobe/v1": finding["fingerprint"]},
        "suppressions": suppressions(finding["waived"]),
        "properties": {key: finding[key] for key in ("severity", "certainty", "evidence")},
    }
    if finding.get("baseline"):
        told["baselineState"] = finding["baseline"]
    if finding["check"] in numbers:
        told["ruleIndex"] = numbers[finding["check"]]
    return told


def sentences(finding: Mapping[str, Any]) -> Iterator[str]:
    """What is wrong, why, and what to do, a line each."""
    yield escape(finding["title"])
    if finding["detail"]:
        yield escape(finding["detail"])
    yield from (escape(f"{number}. {step}") for number, step in enumerate(finding["remedy"], 1))


def location(place: Place | None) -> Part:
    """A file of the host; its root for what is no file, as GitHub refuses a log without a place."""
    artifact = {"uri": quote(place.path.lstrip("/")) if place else "./", "uriBaseId": "ROOT"}
    region = {"region": {"startLine": place.line}} if place and place.line else {}
    return {"physicalLocation": {"artifactLocation": artifact} | region}


def logical(finding: Mapping[str, Any]) -> Iterator[Part]:
    """The subject as waivers match it, then the applications and process groups that it hits."""
    subject = escape(finding["subject"])
    kind, _, name = subject.partition(":")
    yield {"name": name, "fullyQualifiedName": subject, "kind": kind}
    for affected in finding["affected"]:
        yield {"fullyQualifiedName": escape(affected), "kind": "affected"}


def suppressions(waived: Mapping[str, Any] | None) -> list[Part]:
    """The waiver; an empty list says that there is none."""
    if waived is None:
        return []
    told: Part = {
        "kind": "external",
        "status": "accepted",
        "justification": escape(waived["reason"]),
    }
    if waived["expires"]:
        told["properties"] = {"expires": waived["expires"]}
    return [told]
