"""What is said to have changed between two reports, and what is not known."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hostprobe.model.difference import between, difference

WAIVED = {"reason": "r", "expires": None}


def finding(name, severity="high", check="a", *, waived=None):
    return {
        "check": check,
        "severity": severity,
        "subject": f"object:{name}",
        "fingerprint": f"{ord(name):016x}",
        "waived": waived,
    }


def report(*findings, **outcomes):
    checks = {"a": "found", "b": "clean"} | outcomes
    return {
        "findings": list(findings),
        "checks": [
            {"id": name, "outcome": outcome, "reason": outcome}
            for name, outcome in checks.items()
            if outcome
        ],
    }


def names(findings):
    return "".join(each["subject"][-1] for each in findings)


def told(old, new):
    """What changed, in a word: `+x -y >z` and so on."""
    found = between(old, new)
    parts = {"+": found.appeared, "-": found.disappeared, "w": found.waived, "?": found.unknown}
    words = [f"{sign}{names(findings)}" for sign, findings in parts.items() if findings]
    words += [
        f"{'>' if each.is_worse else '<'}{names([each.finding])}({each.before})"
        for each in found.changed
    ]
    words += [f"!{each['id']}({each['outcome']})" for each in found.stopped]
    return " ".join(words), found.is_worse


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (report(), report(), ("", False)),
        (report(finding("x")), report(finding("x")), ("", False)),
        (report(), report(finding("x")), ("+x", True)),
        (report(), report(finding("x", "info")), ("+x", True)),
        (report(finding("x")), report(), ("-x", False)),
        (report(finding("x")), report(finding("y")), ("+y -x", True)),
        (report(finding("x", "low")), report(finding("x")), (">x(low)", True)),
        (report(finding("x", "critical")), report(finding("x")), ("<x(critical)", False)),
        (report(finding("x")), report(finding("x", waived=WAIVED)), ("wx", False)),
        (report(finding("x", waived=WAIVED)), report(finding("x")), ("+x", True)),
        (report(finding("x", waived=WAIVED)), report(), ("", False)),
        (report(), report(finding("x", waived=WAIVED)), ("", False)),
        (
            report(finding("x", "low", waived=WAIVED)),
            report(finding("x", waived=WAIVED)),
            ("", False),
        ),
        (report(finding("x")), report(a="not-run"), ("?x !a(not-run)", False)),
        (report(finding("x")), report(a="failed"), ("?x !a(failed)", False)),
        (report(finding("x")), report(a=None), ("?x !a(left-out)", False)),
        (report(finding("x")), report(a="clean"), ("-x", False)),
        (report(finding("x")), report(a="not-applicable"), ("-x", False)),
        (report(b="not-run"), report(b="not-run"), ("", False)),
        (report(b="not-run"), report(b="clean"), ("", False)),
        (report(b=None), report(b="not-run"), ("", False)),
        (report(finding("x")), report(finding("y"), b="failed"), ("+y -x !b(failed)", True)),
    ],
)
def test_a_change_is_told_once_and_only_when_it_is_known(old, new, expected):
    assert told(old, new) == expected


def test_of_equal_fingerprints_the_worst_that_counts_is_meant():
    several = report(finding("x", "low"), finding("x", "critical", waived=WAIVED), finding("x"))
    assert told(report(finding("x")), several) == ("", False)
    assert told(several, report(finding("x", "medium"))) == ("<x(high)", False)


def test_a_baseline_knows_no_checks_that_stopped():
    known = [{"check": "a", "severity": "low", "subject": "object:x", "fingerprint": "0" * 16}]
    found = difference(known, report(finding("y"), b="failed"))
    assert names(found.appeared) == "y"
    assert names(found.disappeared) == "x"
    assert found.stopped == ()


FINDINGS = st.builds(
    finding,
    st.sampled_from("uvwxyz"),
    st.sampled_from(["info", "low", "medium", "high", "critical"]),
    st.sampled_from("ab"),
    waived=st.sampled_from([None, WAIVED]),
)
OUTCOMES = st.sampled_from(["clean", "found", "not-run", "failed", "not-applicable", None])
REPORTS = st.builds(
    lambda findings, a, b: report(*findings, a=a, b=b),
    st.lists(FINDINGS, max_size=5, unique_by=lambda each: each["fingerprint"]),
    OUTCOMES,
    OUTCOMES,
)


@given(REPORTS)
def test_between_a_report_and_itself_nothing_changed(one):
    assert told(one, one) == ("", False) or between(one, one).unknown == ()
    assert between(one, one).appeared == between(one, one).changed == ()


@given(REPORTS, REPORTS)
def test_every_finding_that_counted_is_accounted_for(old, new):
    found = between(old, new)
    counted = {each["fingerprint"] for each in old["findings"] if not each["waived"]}
    gone = {each["fingerprint"] for each in (*found.disappeared, *found.unknown)}
    present = {each["fingerprint"] for each in new["findings"]}
    assert gone == counted - present
    fresh = {each["fingerprint"] for each in found.appeared}
    counting = {each["fingerprint"] for each in new["findings"] if not each["waived"]}
    assert fresh == counting - counted
