"""JUnit XML as Jenkins and GitLab read it (junit-10.xsd of Jenkins' xUnit plugin).

One test case a check: findings are its failure, an error of hostprobe is an error, what could not
judge is skipped. Whether everything could be read is a suite of its own, so that a scan which saw
half of the host does not pass.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from hostprobe.report.escape import escape
from hostprobe.report.formats import Document
from hostprobe.report.gaps import idle_waivers, unread
from hostprobe.report.text import render_evidence

Findings = Sequence[Mapping[str, Any]]


def render(document: Document) -> str:
    """Two suites: the checks, and the scan itself."""
    root = Element("testsuites", name="hostprobe", time=f"{document['duration_seconds']:.3f}")
    checks = suite(root, document, "checks")
    for check in document["checks"]:
        found = [each for each in document["findings"] if each["check"] == check["id"]]
        add_check(checks, check, found)
    add_scan(suite(root, document, "scan"), unread(document), idle_waivers(document))
    for each in root:
        count(each)
    for key in ("tests", "failures", "errors"):
        root.set(key, str(sum(int(each.get(key, 0)) for each in root)))
    indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + tostring(root, "unicode") + "\n"


def suite(root: Element, document: Document, name: str) -> Element:
    """An empty suite of this host."""
    return SubElement(
        root,
        "testsuite",
        name=f"hostprobe.{name}",
        hostname=escape(document["host"]["name"]),
        timestamp=document["started"].removesuffix("Z"),
    )


def count(each: Element) -> None:
    """The numbers that readers take from a suite."""
    each.set("tests", str(len(each)))
    for key, outcome in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
        each.set(key, str(len(each.findall(f"testcase/{outcome}"))))


def add_check(checks: Element, check: Mapping[str, Any], found: Findings) -> None:
    """One check. Remarks of severity info and waived findings do not fail it."""
    case = SubElement(
        checks,
        "testcase",
        classname="hostprobe.checks",
        name=escape(check["id"]),
        time=f"{check['duration_seconds']:.3f}",
    )
    failing = [each for each in found if counts(each)]
    if check["outcome"] == "failed":
        add(case, "error", "failed", check["reason"] or "", "")
    elif check["outcome"] in {"not-run", "not-applicable"}:
        add(case, "skipped", check["outcome"], check["reason"] or "", "")
    elif failing:
        add(case, "failure", failing[0]["severity"], headline(failing), text(failing))
    passing = [each for each in found if not counts(each)]
    if passing:
        SubElement(case, "system-out").text = text(passing)


def counts(finding: Mapping[str, Any]) -> bool:
    """It is to fail its check."""
    return finding["waived"] is None and finding["severity"] != "info"


def headline(failing: Findings) -> str:
    """What lists of failures show: the worst one, and how many more."""
    more = f" (and {len(failing) - 1} more)" if failing[1:] else ""
    return f"{failing[0]['title']}{more}"


def add_scan(scan: Element, problems: Sequence[str], waivers: Sequence[str]) -> None:
    """One case: everything that was there could be read. Waivers to look at do not fail it."""
    case = SubElement(scan, "testcase", classname="hostprobe.scan", name="read", time="0.000")
    if problems:
        said = "".join(f"{escape(each)}\n" for each in problems)
        add(case, "error", "unread", f"{len(problems)} things could not be read", said)
    if waivers:
        SubElement(case, "system-out").text = "".join(f"{escape(each)}\n" for each in waivers)


def add(case: Element, outcome: str, kind: str, message: str, body: str) -> None:
    """One outcome; foreign text has become printable, which XML always takes."""
    SubElement(case, outcome, type=kind, message=escape(message)).text = body


def text(findings: Findings) -> str:
    """Everything about some findings."""
    return "\n".join("".join(f"{line}\n" for line in lines(each)) for each in findings)


def lines(finding: Mapping[str, Any]) -> Iterator[str]:
    """One finding, in the order in which the text output tells it."""
    waived = finding["waived"]
    yield escape(f"{finding['severity'].upper()} {finding['title']} [{finding['certainty']}]")
    if waived:
        until = f" until {waived['expires']}" if waived["expires"] else ""
        yield escape(f"Waived{until}: {waived['reason']}")
    yield from (escape(line) for line in (finding["detail"],) if line)
    yield from (escape(f"Affected: {each}") for each in finding["affected"])
    yield from (line.text for line in render_evidence(finding["evidence"], verbose=False))
    yield from (escape(f"{number}. {step}") for number, step in enumerate(finding["remedy"], 1))
