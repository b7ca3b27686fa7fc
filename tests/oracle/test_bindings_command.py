"""`hostprobe bindings` as a command: what it prints equals glibc's own record, row by row.

What httpd, PHP and Python open comes from hostprobe. What Perl and the name service open at run
time is in no file that hostprobe follows, and is added to the printed plan from the record.
"""

import json
import subprocess
import sys
from collections import deque
from dataclasses import dataclass
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

import hostprobe
from hostprobe.facts.plan import Open, OpenFlags, Plan
from hostprobe.report.bindings import plan_data
from tests.oracle.compare import recorded_bindings
from tests.oracle.httpd import BINARY, importing_httpd, open_all, record_of
from tests.oracle.ld_debug import Record, file_name, run
from tests.oracle.test_httpd import ALL, IMPORTS, MORE, PERL
from tests.oracle.test_python import LISTING, WHEELS
from tests.wheels import wheels_venv

pytestmark = pytest.mark.real

SCHEMAS = Path(hostprobe.__file__).parent / "schemas"
LOADER = "ld-linux"


@dataclass
class Case:
    """One process as glibc recorded it, and as the command prints it."""

    record: Record
    printed: dict
    """`bindings --plan FILE --format json`."""

    plan: dict | None = None
    """`bindings --config CONF --app SCRIPT --print-plan`; None: the plan is the record's."""

    direct: dict | None = None
    """`bindings --config CONF --extension FILE ... --format json`; None with Perl, whose modules
    Python's libraries may have in common."""


def bindings(schema, *arguments):
    """JSON that the command prints, valid by its published schema."""
    command = [sys.executable, "-m", "hostprobe", "bindings", *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    data = json.loads(done.stdout)
    Draft202012Validator(schema_of(schema)).validate(data)
    return data


def schema_of(name):
    return json.loads((SCHEMAS / f"{name}.schema.json").read_text())


def follow(plan, directory):
    """`bindings --plan` of these operations."""
    path = directory / "plan.json"
    path.write_text(json.dumps(plan))
    return bindings("bindings", "--plan", path, "--format", "json")


@pytest.fixture(scope="module")
def plain_python(tmp_path_factory):
    directory = tmp_path_factory.mktemp("python")
    interpreter = wheels_venv() / "bin/python"
    record, _ = run([interpreter, "-c", LISTING, *WHEELS.split()], directory)
    names = opened(record, str(interpreter))
    calls = (Open(name, OpenFlags.NOW, record.callers[name]) for name in names)
    plan = Plan(str(interpreter), tuple(calls))
    return Case(record, follow(plan_data(plan), directory))


@pytest.fixture(scope="module")
def httpd_with_wsgi(tmp_path_factory):
    return httpd_case(("socache_shmcb", "ssl", "wsgi"), IMPORTS, tmp_path_factory.mktemp("wsgi"))


@pytest.fixture(scope="module")
def httpd_with_everything(tmp_path_factory):
    return httpd_case(ALL, MORE, tmp_path_factory.mktemp("all"))


def httpd_case(modules, imports, directory):
    lines = [f"WSGIPythonHome {wheels_venv()}"]
    perl = PERL if "perl" in modules else ()
    lines += [f"PerlModule {name}" for name in perl]
    with importing_httpd(modules, imports, lines=lines) as httpd:
        config = ("--config", httpd.config)
        plan = bindings("plan", *config, "--app", httpd.script_dir / "app.wsgi", "--print-plan")
        parent = bindings("plan", *config, "--print-plan")
        extensions = plan["operations"][len(parent["operations"]) :]
        options = [word for each in extensions for word in ("--extension", each["open"])]
        json_format = ("--format", "json")
        direct = None if perl else bindings("bindings", *config, *options, *json_format)
        record = record_of(httpd)
    completed = plan | {"operations": list(completed_operations(plan["operations"], record))}
    return Case(record, follow(completed, directory), plan, direct)


def opened(record, main=BINARY):
    """Every dlopen in order; one of the program itself (ctypes) binds nothing."""
    return [name for step, name in record.history if step == "open" and name != main]


def opens(operations):
    return [each["open"] for each in operations if "open" in each]


def completed_operations(operations, record):
    """The same, with what the record has besides; that is closed before the modules are."""
    ours, waiting, foreign = set(opens(operations)), deque(opened(record)), []
    for each in operations:
        while waiting and waiting[0] not in ours:
            foreign.append(waiting.popleft())
            yield recorded_open(foreign[-1], record)
        if "open" in each:
            then = waiting.popleft() if waiting else "nothing"
            assert then == each["open"], f"httpd opens {then} before the planned {each['open']}"
        else:
            yield from ({"close": name} for name in foreign)
            foreign.clear()
        yield each
    assert not waiting


def recorded_open(name, record):
    (operation,) = open_all([name], record)
    return plan_data(Plan(BINARY, (operation,)))["operations"][0]


@pytest.fixture(params=["plain_python", "httpd_with_wsgi", "httpd_with_everything"])
def case(request):
    return request.getfixturevalue(request.param)


@pytest.fixture(params=["httpd_with_wsgi", "httpd_with_everything"])
def httpd(request):
    return request.getfixturevalue(request.param)


def rows_of(data):
    """(object, symbol, version, provider) of what is bound."""
    return {
        (row["object"], row["symbol"], row["version"], row["provider"])
        for row in data["bindings"]
        if row["provider"] is not None
    }


def test_every_binding_is_that_of_glibc(case):
    ours, theirs = rows_of(case.printed), recorded_bindings(case.record)
    assert case.record.torn == 0
    assert sorted(theirs - ours, key=str) == []
    assert sorted(ours - theirs, key=str) == []


def test_thousands_of_bindings_are_compared(plain_python, httpd_with_wsgi, httpd_with_everything):
    cases = (plain_python, httpd_with_wsgi, httpd_with_everything)
    bound, objects = (15_000, 20_000, 40_000), (35, 55, 140)
    for one, least_bound, least_objects in zip(cases, bound, objects, strict=True):
        assert len(rows_of(one.printed)) > least_bound
        assert len(one.printed["objects"]) > least_objects


def test_a_reference_has_one_row(case):
    keys = [
        (row["object"], row["symbol"], row["version"], row["class"])
        for row in case.printed["bindings"]
    ]
    assert len(keys) == len(set(keys))


def test_objects_stand_in_the_order_of_their_mapping(case):
    theirs = [name for name, _ in case.record.mapped]
    ours = [file_name(each["path"]) for each in case.printed["objects"]]
    assert case.printed["objects"][0]["reason"] == "main"
    assert [name for name in ours[1:] if not name.startswith(LOADER)] == theirs


def test_objects_are_requested_by_whom_glibc_says(case):
    """APR's dlopen counts as the program's: no file says who calls it."""
    objects = [
        each
        for each in case.printed["objects"][1:]
        if not file_name(each["path"]).startswith(LOADER)
    ]
    for each, (_, requester) in zip(objects, case.record.mapped, strict=True):
        by_apr = each["requester"] == BINARY and "libapr-1" in requester
        assert by_apr or each["requester"] == requester


def test_the_global_scope_is_that_of_glibc(case):
    ours = {each["path"] for each in case.printed["objects"] if each["scope"] == "global"}
    assert ours == recorded_globals(case.record)


def recorded_globals(record):
    """What the start brought, and what was added and not unmapped."""
    found, has_started = set(), False
    for step, name in record.history:
        has_started = has_started or step == "ask"
        if step == "add-global" or (step == "relocate" and not has_started):
            found.add(name)
        elif step == "unmap":
            found.discard(name)
    return found


def test_the_printed_plan_is_what_httpd_php_and_python_open(httpd):
    """In order, from files alone; besides it only Perl's modules and the name service."""
    ours = opens(httpd.plan["operations"])
    assert [name for name in opened(httpd.record) if name in ours] == ours
    others = set(opened(httpd.record)) - set(ours)
    assert all("/auto/" in name or name.startswith("libnss_") for name in others)


def test_php_and_python_call_dlopen_themselves(httpd):
    callers = {each["open"]: each["caller"] for each in httpd.plan["operations"] if "open" in each}
    own = {name: caller for name, caller in callers.items() if caller is not None}
    assert own
    assert {name: httpd.record.callers[name] for name in own} == own


def test_given_extensions_make_the_same_process(httpd_with_wsgi):
    """The same command without a plan: all but what the name service brings in."""
    case = httpd_with_wsgi
    theirs = recorded_bindings(case.record)
    missing = theirs - rows_of(case.direct)
    assert rows_of(case.direct) - theirs == set()
    paths = {each["path"] for each in case.direct["objects"]}
    assert {row[0] for row in missing} == set(case.record.bindings) - paths
    assert {row[0] for row in missing} == brought_by("libnss_", case.printed)


def brought_by(prefix, data):
    """Objects that a dlopen of such a library maps."""
    found = set()
    for each in data["objects"]:
        if file_name(each["path"]).startswith(prefix) or each["requester"] in found:
            found.add(each["path"])
    return found
