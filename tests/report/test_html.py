"""The page: whole without scripts, closed to what a host's names may hold, the same every time."""

import json
import warnings
from base64 import b64encode
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hostprobe.report.escape import escape
from hostprobe.report.formats import render
from hostprobe.report.html import content_security_policy
from tests.report.golden_files import assert_golden, assert_no_surprise
from tests.report.html_documents import BREAKOUT, HOSTILE, conflict, document, finding, hostile
from tests.report.html_reading import read

CYTOSCAPE = "The Cytoscape Consortium"


def page(shown):
    return read(render("html", shown))


def leaves(data):
    if isinstance(data, dict):
        for each in data.values():
            yield from leaves(each)
    elif isinstance(data, list):
        for each in data:
            yield from leaves(each)
    elif data not in (None, ""):
        yield data


def test_the_page_is_as_agreed():
    text = render("html", document(finding()))
    body = text[text.index("<body>") : text.index("<script>")]
    assert_golden("report.html", body)


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.parametrize("shown", [hostile(), document(finding()), document()])
def test_the_page_is_valid_html(shown):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import html5lib
    html5lib.HTMLParser(strict=True).parse(render("html", shown))


def test_the_same_document_gives_the_same_bytes():
    assert render("html", document(finding())) == render("html", document(finding()))


def test_names_of_a_host_are_no_markup_and_do_nothing():
    shown = document(
        finding(
            title=BREAKOUT,
            affected=[f"{BREAKOUT} ({HOSTILE})"],
            evidence={BREAKOUT: [{BREAKOUT: BREAKOUT}], **conflict(BREAKOUT)},
            remedy=[f"a2dismod {BREAKOUT}: x", f"`{BREAKOUT}`"],
            references=["javascript:alert(1)", f"https://{BREAKOUT}"],
            check=f'"onclick="{BREAKOUT}',
            fingerprint='"><img src=x>',
        )
    )
    text = render("html", shown)
    assert_no_surprise(
        text[: text.index("<style")] + text[text.index("<body>") : text.index("<script>")]
    )
    root = read(text)
    assert not root.all("img")
    assert not root.all("b")
    assert len(root.all("script")) == 4
    named = {name for node in root.all() for name in node.attributes}
    assert not {name for name in named if name.startswith("on") or name == "style"}
    assert escape(BREAKOUT) in root.one("section", id="findings").text


def test_only_web_pages_are_links():
    root = page(document(finding(references=["javascript:alert(1)", "https://example.org/"])))
    addresses = [each.attributes["href"] for each in root.all("a")]
    assert "https://example.org/" in addresses
    assert all(address.startswith(("#", "https://")) for address in addresses)
    assert "javascript:alert(1)" in root.text


def test_the_data_of_the_graph_cannot_end_their_element():
    root = page(document(finding(evidence=conflict(BREAKOUT))))
    (data,) = [each for each in root.all("script") if each.attributes]
    assert "<" not in data.raw
    names = {each["data"].get("name") for each in json.loads(data.raw)[0]["elements"]}
    assert f"/lib/libedit.so.2.0{BREAKOUT}" in names


@pytest.mark.parametrize("shown", [hostile(), document(finding())])
def test_the_policy_lets_in_what_is_there_and_nothing_else(shown):
    root = page(shown)
    (meta,) = [each for each in root.all("meta") if "http-equiv" in each.attributes]
    policy = meta.attributes["content"]
    assert policy == content_security_policy()
    ours = [
        each for each in (*root.all("script"), *root.all("style")) if "type" not in each.attributes
    ]
    for each in ours:
        assert not {"src", "href"} & set(each.attributes)
        digest = b64encode(sha256(each.raw.encode()).digest()).decode()
        assert f"'sha256-{digest}'" in policy
    assert "unsafe" not in policy
    assert policy.startswith("default-src 'none';")


def test_the_graph_library_comes_only_with_something_to_draw():
    assert CYTOSCAPE not in render("html", document(finding(evidence={"path": "/x"})))
    assert CYTOSCAPE in render("html", document(finding()))


def test_everything_that_was_found_stands_there_without_scripts():
    one = finding()
    section = page(document(one)).one("section", id="findings").text
    found = leaves({**one, "subject": "", "fingerprint": ""})
    told = (part for each in found for part in str(each).removesuffix(")").split(" ("))
    assert [part for part in told if part not in section] == []


def test_a_finding_is_found_by_its_fingerprint_even_when_another_has_the_same():
    root = page(document(finding(), finding()))
    assert [each.attributes["id"] for each in root.all("details", class_="finding")] == [
        "f-9bac18cd8397c063",
        "finding-2",
    ]


def test_a_waived_finding_stands_apart_with_its_reason_and_does_not_count():
    waived = finding(waived={"reason": "the console is used by nobody", "expires": "2027-01-01"})
    root = page(document(waived, finding(severity="low", title="Another")))
    apart = root.one("section", id="waived").text
    assert "Waived, until 2027-01-01: the console is used by nobody" in apart
    assert "Another" not in apart
    assert root.one("dl", class_="counts").text.split("waived")[0].endswith("low 1 info 0 ")
    assert "1 finding in 1 application" in root.one("header").text


def test_the_filter_and_the_findings_number_applications_alike():
    waived = finding(waived={"reason": "known", "expires": None}, affected=["elsewhere"])
    some = [finding(affected=[name]) for name in ("a", "b", "a", "c")]
    root = page(document(waived, *some))
    options = root.one("select", id="application").all("option")[1:]
    names = {option.attributes["value"]: option.text for option in options}
    shown = root.one("section", id="findings").all("details", class_="finding")
    assert [names[each.attributes["data-affects"]] for each in shown] == ["a", "a", "b", "c"]
    assert root.one("output").text == "4 findings"


def test_waivers_that_need_a_look_are_told():
    waiver = {"check": "libxml2-mixed", "subject": "*", "reason": "old", "expires": "2026-01-01"}
    shown = document(waivers=[{**waiver, "standing": "expired"}, {**waiver, "standing": "used"}])
    lines = [each.text for each in page(shown).one("section", id="waived").all("li")]
    assert lines == [
        "Waiver expired on 2026-01-01, what it held for counts again: libxml2-mixed * (old)"
    ]


def test_what_a_baseline_knows_is_marked():
    root = page(document(finding(baseline="unchanged")))
    assert root.one("span", class_="check").text == "symbol-interposed, likely, known"


def test_what_was_not_checked_is_told_before_the_findings():
    root = page(hostile())
    told = root.one("section", id="not-checked").text
    assert "permission denied" in told
    assert "openssl-mixed" in told
    assert "SyntaxError: invalid syntax" in told
    main = root.one("main")
    sections = [each.attributes.get("id") for each in main.children if not isinstance(each, str)]
    assert sections.index("not-checked") < sections.index("findings")
    assert "NOT THIS HOST: a sample." in root.one("header").text


def test_a_complete_scan_without_findings_says_so():
    root = page(document(complete=True, unread=[], checks=[], notes=[]))
    assert "Nothing was found." in root.one("section", id="findings").text
    assert not root.all("section", id="not-checked")


def test_the_topology_leads_from_the_instance_to_the_environment():
    tree = page(document(finding())).one("ul", class_="tree").text
    places = [
        tree.index(text)
        for text in (
            "process group shop",
            "interpreter main interpreter",
            "application",
            "Python 3.11.2",
        )
    ]
    assert places == sorted(places)
    assert "Python not established /opt/python: no such file" in tree


def test_every_link_within_the_page_leads_somewhere():
    root = page(document(finding()))
    targets = {each.attributes.get("id") for each in root.all()}
    inner = {each.attributes["href"] for each in root.all("a")}
    assert {address[1:] for address in inner if address.startswith("#")} <= targets


def test_every_field_has_a_label_and_every_picture_a_text():
    root = page(document(*[finding(fingerprint=f"{number:016x}") for number in range(5)]))
    for field in (*root.all("input"), *root.all("select")):
        assert field.parent.tag == "label"
    for picture in root.all("svg"):
        assert "bind to libedit.so.2.0 instead of" in picture.all("title")[0].text


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3)
    ),
    max_leaves=12,
)
KEYS = st.sampled_from((
    "losers", "winners", "brought_by", "rebound_by_object", "crossings", "extensions", "symbols",
    "applications", "environments", "process_groups", "httpd", "configuration", "running",
))  # fmt: skip
ODD = st.dictionaries(KEYS, ANYTHING, max_size=5)


@given(ODD, st.lists(ODD | ANYTHING, max_size=3), ODD)
def test_a_stored_report_may_hold_anything_below_its_first_level(evidence, instances, host):
    odd = finding(evidence=evidence, affected=[], references=[], remedy=[])
    page(document(odd, instances=instances, host=host, checks=[{"id": "x", "outcome": "found"}]))
