import json
from dataclasses import replace
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

import hostprobe
from hostprobe.facts.elf import LookupClass, Reference
from hostprobe.facts.plan import Close, Open, OpenFlags, Plan
from hostprobe.model.bindings import BindingTable, Placed, Row
from hostprobe.model.loader.binding import Binding
from hostprobe.model.loader.decision import Candidate, Decision, ScopeKind
from hostprobe.model.loader.objects import FailureKind, FoundBy, LoadedObject, LoadFailure, Reason
from hostprobe.parse.plan import parse_plan
from hostprobe.report.bindings import bindings_data, chosen, plan_data, render_bindings
from hostprobe.report.json import render_json
from hostprobe.report.lines import to_text
from tests.model.memory_files import elf
from tests.report.golden_files import assert_golden, assert_no_surprise
from tests.report.sample import HOSTILE

SCHEMAS = Path(hostprobe.__file__).parent / "schemas"
OPENED = Open("/lib/b.so", OpenFlags.NOW | OpenFlags.GLOBAL, by="apr")


def loaded(path, reason, requester=None, cause=None):
    found_by = FoundBy.PATH if reason is Reason.DLOPEN else FoundBy.CACHE
    return LoadedObject(path, path, elf(), reason, requester, found_by, cause, 1, {})


MAIN = loaded("/bin/main", Reason.MAIN)
PLUGIN = loaded("/lib/b.so", Reason.DLOPEN, None, OPENED)
EVIL = loaded(f"/lib/{HOSTILE}.so", Reason.NEEDED, PLUGIN, OPENED)


def row(object_, symbol, provider, *, version=None, weak=False, **verdict):
    reference = Reference(
        symbol, version, None, False, LookupClass.PLT, weak, False, False, 0, True
    )  # fmt: skip
    return Row(Binding(object_, reference, provider, version, lazy=False), **verdict)


def table():
    return BindingTable(
        (
            Placed(MAIN, is_global=True),
            Placed(PLUGIN, is_global=True),
            Placed(EVIL, is_global=False),
        ),
        (
            row(MAIN, b"malloc", EVIL, version=b"GLIBC_2.2.5"),
            row(PLUGIN, b"absent", None),
            row(PLUGIN, b"optional", None, weak=True),
            row(EVIL, b"x\xff\n", MAIN, is_compared=True, standalone=EVIL, is_interposed=True),
            row(EVIL, b"same", MAIN, is_compared=True, standalone=MAIN),
        ),
        (
            LoadFailure(
                "/lib/c.so", FailureKind.NOT_FOUND, "libz.so: cannot open", "/lib/c.so", "libz.so"
            ),
        ),
    )


def test_the_text_is_as_agreed():
    lines = render_bindings(table(), table().objects, verbose=False)
    shown = "".join(f"{line}\n" for line in to_text(lines, 100))
    assert_no_surprise(shown)
    assert_golden("bindings.txt", shown)


def reasons(winner, *loaded):
    rows = (row(PLUGIN, b"x", winner, is_compared=True, standalone=PLUGIN, is_interposed=True),)
    lines = render_bindings(BindingTable((), rows), loaded, verbose=False)
    return list(to_text(lines, 100))[:-1]


def test_why_names_who_brought_the_winner_in_up_to_the_program():
    opened = replace(OPENED, where="/etc/httpd.conf:7")
    plugin = loaded("/lib/c.so", Reason.DLOPEN, MAIN, opened)
    winner = loaded("/lib/w.so", Reason.NEEDED, plugin, opened)
    chain = [
        "  /lib/w.so: needed by /lib/c.so",
        "  /lib/c.so: dlopen NOW GLOBAL by /bin/main, /etc/httpd.conf:7",
    ]
    head = "why /lib/w.so instead of /lib/b.so: 1"
    scope = "  It is in the global scope, which is searched before a library's own."
    assert reasons(winner, Placed(winner, is_global=True)) == [head, scope, *chain]
    assert reasons(winner, Placed(winner, is_global=False)) == [head, *chain]


def test_a_row_is_one_line_however_long():
    long = loaded(f"/lib/{'x' * 200}.so", Reason.NEEDED, PLUGIN)
    table = BindingTable((Placed(MAIN, is_global=True),), (row(MAIN, b"f", long),))
    assert f"  f -> {long.path}" in to_text(render_bindings(table, verbose=False), 40)


def test_the_json_is_as_agreed_and_as_its_schema_says():
    shown = render_json(bindings_data(table()))
    schema = json.loads((SCHEMAS / "bindings.schema.json").read_text())
    Draft202012Validator(schema).validate(json.loads(shown))
    assert_golden("bindings.json", shown)


DECISION = Decision(
    (
        Candidate(MAIN, ScopeKind.GLOBAL, MAIN, 1, "it has version V2"),
        Candidate(EVIL, ScopeKind.LOCAL_FIRST, PLUGIN, 3),
    ),
    "unique in the process: who was bound first",
)


def explained():
    rows = (
        row(PLUGIN, b"f", EVIL, decision=DECISION),
        row(PLUGIN, b"f", None, decision=Decision(())),
    )
    return BindingTable((Placed(PLUGIN, is_global=True),), rows)


def test_the_scope_step_that_decided_stands_below_its_row():
    shown = list(to_text(render_bindings(explained(), verbose=False), 200))
    assert_no_surprise("\n".join(shown))
    assert (
        shown[2] == "    passed over /bin/main, position 1 of the global scope: it has version V2"
    )
    assert shown[3].startswith("    found in /lib/")
    assert shown[3].endswith("of /lib/b.so, which DEEPBIND puts before the global scope")
    assert shown[4] == "    but unique in the process: who was bound first"
    assert shown[6] == "    nothing in scope has the name"


def test_the_json_of_a_decision_is_as_its_schema_says():
    data = json.loads(render_json(bindings_data(explained())))
    Draft202012Validator(json.loads((SCHEMAS / "bindings.schema.json").read_text())).validate(data)
    first, second = data["bindings"][0]["decision"]["candidates"]
    assert (first["scope"], first["of"], first["position"]) == ("global", "/bin/main", 1)
    assert (second["scope"], second["passed_over"]) == ("local-first", "")


@pytest.mark.parametrize(
    ("objects", "symbol", "interposed", "count"),
    [
        ([], None, False, 5),
        ([], None, True, 1),
        ([], "malloc", False, 1),
        (["b.so"], None, False, 2),
        (["/lib/*.so"], None, False, 4),
        (["/bin/main", "b.so"], None, False, 3),
        (["none"], None, False, 0),
    ],
)
def test_rows_are_chosen_by_object_symbol_and_verdict(objects, symbol, interposed, count):
    assert len(chosen(table(), objects, symbol, interposed=interposed).rows) == count


def test_a_printed_plan_is_read_back():
    plan = Plan("/bin/x", (Open("/a", OpenFlags.NOW, "/b"), Close("/a")), {"LD_PRELOAD": "p"})
    text = render_json(plan_data(plan))
    schema = json.loads((SCHEMAS / "plan.schema.json").read_text())
    Draft202012Validator(schema).validate(json.loads(text))
    assert parse_plan(text.encode()) == plan
