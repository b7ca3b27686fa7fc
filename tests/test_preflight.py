"""What the next restart does to findings, and what its exit status is."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

import hostprobe
from hostprobe.check import Certainty, Check, Finding, Severity
from hostprobe.engine import Outcome, Report, Result
from hostprobe.facts.files import Missing
from hostprobe.facts.host import HostIdentity
from hostprobe.facts.httpd import Problem
from hostprobe.model.instance import PythonTopology
from hostprobe.model.linkage import Linkage, Linkages, RunningLinkages
from hostprobe.model.running.changed_files import Reading
from hostprobe.preflight import Effect, is_linker, preflight, resting
from hostprobe.report.escape import escape_json
from hostprobe.report.lines import to_text
from hostprobe.report.preflight import preflight_data, render_preflight
from tests.model.linked_host import CONFIG, HTTPD, thing
from tests.model.running.builder import live, mapped, process

HOST = HostIdentity("web1", "Linux 9", None, "x86_64", "/", is_live=True, privileged=True)
SCHEMA = Path(hostprobe.__file__).parent / "schemas/preflight.schema.json"
NUT, MODULE = "/lib64/libnut.so.1", "/mods/mod_nut.so"
OLD = mapped(NUT, 0x3000, inode=9, deleted=True)
FILES = (mapped(HTTPD), mapped(MODULE, 0x5000), OLD)
SOUND = thing(["nut"], soname="libnut.so.1")
USER = thing(["nut_module"], refers=["nut"], needed=["libnut.so.1"])


def rust(given):
    """One finding per httpd in which the library lacks its function: a stand-in for a check."""
    for one in given.all:
        defined = {name for each in one.parent.objects for name in each.elf.definitions}
        if b"nut" not in defined:
            yield finding(affected=(one.instance.name,))


def finding(severity=Severity.high, affected=(CONFIG,), **changes):
    usual = {"subject": "object:/lib64/libnut.so.1", "title": "it rusts"}
    return Finding(**usual | {"severity": severity, "certainty": Certainty.certain,
                              "affected": affected} | changes)  # fmt: skip


def check(kind=Linkages):
    return Check("rust", Severity.high, (), {"given": kind}, "Rust.", rust)


def host(*, on_disk=SOUND, before=SOUND, is_running=True, problems=()):
    linkage = live({MODULE: USER, NUT: on_disk}, [process(7, FILES)], [MODULE],
                   old=[(7, OLD, before)])  # fmt: skip
    one = replace(linkage.instance, problems=problems)
    return Linkage(linkage.files, one if is_running else replace(one, running=None))


def judged(linkage, *findings, kind=Linkages):
    """The preflight of a host where the check of `kind` has these findings on disk."""
    result = Result("rust", Outcome.found, check(kind), findings=findings)
    report = Report("0.1.0", HOST, "2026-01-01T00:00:00Z", 0.1, (linkage.instance,), (result,))
    return preflight(report, [linkage], is_graceful=False)


def effects(found):
    return [one.effect for one in found.changes]


@pytest.mark.parametrize(
    ("before", "on_disk", "findings", "effect"),
    [
        (SOUND, thing(soname="libnut.so.1"), [finding()], Effect.APPEARS),
        (thing(soname="libnut.so.1"), thing(soname="libnut.so.1"), [finding()], Effect.REMAINS),
        (thing(soname="libnut.so.1"), SOUND, [], Effect.DISAPPEARS),
    ],
)
def test_a_linker_finding_is_compared_with_the_httpd_that_runs(before, on_disk, findings, effect):
    found = judged(host(before=before, on_disk=on_disk), *findings)
    assert effects(found) == [effect]


def test_a_finding_that_gets_worse_or_hits_more_appears():
    bad = thing(soname="libnut.so.1")
    for worse in (finding(Severity.critical), finding(affected=(CONFIG, "another"))):
        assert effects(judged(host(before=bad, on_disk=bad), worse)) == [Effect.APPEARS]


def test_a_replaced_library_is_gone_with_the_restart():
    found = judged(host(), finding(), kind=RunningLinkages)
    assert effects(found) == [Effect.DISAPPEARS]
    assert found.exit_status(Severity.high) == 0


def test_of_a_process_that_cannot_be_read_nothing_appears_and_the_judgement_is_incomplete():
    found = judged(host(before=Missing("/proc/7/map_files: not permitted")), finding())
    assert effects(found) == [Effect.REMAINS]
    assert found.restarts[0].unknown == ("/proc/7/map_files: not permitted",)
    assert found.exit_status(Severity.high) == 3


def test_where_nothing_runs_everything_appears():
    found = judged(host(is_running=False), finding(), kind=PythonTopology)
    assert effects(found) == [Effect.APPEARS]
    assert found.exit_status(Severity.high) == 1


@pytest.mark.parametrize(
    ("changes", "changed", "effect"),
    [
        ({"evidence": {"where": "/etc/a.conf:3"}}, ("/etc/a.conf",), Effect.APPEARS),
        ({"evidence": {"where": "/etc/b/a.conf:3"}}, ("/etc/b/",), Effect.APPEARS),
        ({"affected": ("example.org/shop (/srv/shop.wsgi)",)}, (CONFIG,), Effect.APPEARS),
        ({"evidence": {"where": "/etc/b.conf:3"}}, ("/etc/a.conf",), Effect.REMAINS),
        ({"evidence": {"where": "/etc/a.conf:3"}}, (), Effect.REMAINS),
    ],
)
def test_another_finding_appears_where_it_names_what_was_changed(changes, changed, effect):
    (restart,) = judged(host()).restarts
    found, _ = resting(finding(**changes), [replace(restart, reading=Reading(0, changed))])
    assert found is effect


@pytest.mark.parametrize(
    ("linkage", "reason"),
    [
        (host(problems=(Problem("Invalid command 'X'", None, fatal=True),)), "Invalid command 'X'"),
        (host(on_disk=thing(soname="libnut.so.1")), "undefined symbol: nut"),
    ],
    ids=["refused line", "a load that fails"],
)
def test_an_httpd_that_would_not_start_breaks_whatever_fail_on_says(linkage, reason):
    found = judged(linkage)
    (said,) = found.refusals(found.restarts[0])
    assert reason in said
    assert found.exit_status(Severity.critical) == 1


def test_a_problem_and_the_finding_that_tells_it_are_one_refusal():
    problem = Problem("Invalid command 'X'", None, fatal=True)
    told = finding(Severity.medium, stops=True, evidence={"problems": [str(problem)]})
    found = judged(host(problems=(problem,)), told, kind=PythonTopology)
    assert found.refusals(found.restarts[0]) == ("Invalid command 'X'",)


def test_a_finding_with_which_httpd_does_not_start_is_a_refusal_once():
    found = judged(
        host(), finding(Severity.medium, stops=True, detail="Line 3."), kind=PythonTopology
    )
    assert effects(found) == [Effect.REMAINS]
    assert found.refusals(found.restarts[0]) == ("it rusts. Line 3.",)


@pytest.mark.parametrize(
    ("severity", "fail_on", "status"),
    [("high", "high", 1), ("medium", "high", 0), ("high", "critical", 0), ("medium", "medium", 1)],
)
def test_fail_on_decides_what_breaks(severity, fail_on, status):
    found = judged(host(is_running=False), finding(Severity[severity]))
    assert found.exit_status(Severity[fail_on]) == status


@pytest.mark.parametrize(
    ("kinds", "is_one"),
    [
        ({Linkages}, True),
        ({Linkages, HostIdentity}, True),
        ({HostIdentity}, False),
        ({Linkages, PythonTopology}, False),
        ({RunningLinkages}, False),
    ],
)
def test_a_linker_check_needs_linkages_alone(kinds, is_one):
    assert is_linker(replace(check(), needs=dict(enumerate(kinds)))) == is_one


def lines(found, **options):
    return "\n".join(to_text(render_preflight(found, Severity.high, **options), 200))


def test_the_text_says_what_moves_what_appears_and_the_verdict():
    said = lines(judged(host(on_disk=thing(soname="libnut.so.1")), finding()))
    assert "It would not start" in said
    assert f"library changed on disk: {NUT} (replaced)" in said
    assert "Will appear with the restart:\nHIGH it rusts [rust, certain]" in said
    assert said.endswith("The restart would break something.")


def test_quiet_says_only_what_breaks():
    assert lines(judged(host()), quiet=True) == ""
    found = judged(host(is_running=False), finding(), finding(Severity.low))
    assert lines(found, quiet=True) == "HIGH it rusts [rust, certain]"


def test_nothing_running_is_said():
    assert "not running: its start is judged alone" in lines(judged(host(is_running=False)))


@pytest.mark.parametrize("is_running", [True, False])
def test_the_json_is_as_its_schema_says(is_running):
    found = judged(host(is_running=is_running, on_disk=thing(soname="libnut.so.1")), finding())
    data = json.loads(json.dumps(escape_json(preflight_data(found, Severity.high))))
    Draft202012Validator(json.loads(SCHEMA.read_text())).validate(data)
    (one,) = data["instances"]
    assert (one["running"] is not None) == (one["changes"] is not None) == is_running
