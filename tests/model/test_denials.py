"""Which logs are asked, and how what they tell is put together."""

import pytest

from hostprobe.facts.denial import AuditdSettings, DenialLog
from hostprobe.facts.files import Absent, Missing
from hostprobe.model import denials
from hostprobe.model.denials import AUDITD, KERNEL_LOGS, Denials, read_denials, when
from tests.model.mandatory import denial, profile_denial
from tests.model.memory_files import MemoryFiles

AUDIT = "/var/log/audit/audit.log"


def log(*selinux, apparmor=(), problems=()):
    return DenialLog(selinux, apparmor, problems=problems)


def read(at):
    found = read_denials(MemoryFiles(at))
    assert isinstance(found, Denials), found
    return found


def test_rotations_of_one_log_are_added_up():
    first, last = denial(count=2, last=1700000005.0), denial(count=3, last=1700000009.0)
    found = read(at={f"{AUDIT}.2.gz": log(first), f"{AUDIT}.1": log(last), AUDIT: log()})
    (one,) = found.selinux
    assert (one.count, one.first, one.last) == (5, 1700000000.0, 1700000009.0)
    assert set(found.logs) == {AUDIT, f"{AUDIT}.1", f"{AUDIT}.2.gz"}


def test_the_newest_come_first():
    old, new = denial(path="/a", last=1.0), denial(path="/b", last=2.0)
    assert [one.path for one in read(at={AUDIT: log(old, new)}).selinux] == ["/b", "/a"]


def test_only_the_first_log_that_there_is_counts():
    kernel = {"/var/log/kern.log": log(apparmor=(profile_denial(),)), "/var/log/syslog": log()}
    assert read(at=kernel).logs == ("/var/log/kern.log",)
    assert read(at=kernel | {AUDIT: log()}).apparmor == ()


def test_other_files_beside_it_are_left_out():
    names = {AUDIT: log(), f"{AUDIT}.old": log(), f"{AUDIT}-20261127": log(), f"{AUDIT}x": log()}
    assert set(read(at=names).logs) == {AUDIT, f"{AUDIT}-20261127"}


def test_auditd_says_where_its_log_is():
    at = {AUDITD: AuditdSettings("/data/audit"), "/data/audit": log(denial())}
    assert read(at=at).logs == ("/data/audit",)


def test_problems_name_their_log():
    assert read(at={AUDIT: log(problems=("cut",))}).problems == (f"{AUDIT}: cut",)


def test_what_cannot_be_read_is_not_known():
    denied = Missing(f"{AUDIT}: permission denied")
    assert read_denials(MemoryFiles({AUDIT: denied})) == denied


def test_without_any_log_nothing_can_have_been_denied():
    assert isinstance(read_denials(MemoryFiles({})), Absent)
    assert isinstance(read_denials(MemoryFiles({"/var/log/journal/x/system.journal": b""})), Absent)


MACHINE = "0123456789abcdef0123456789abcdef"
KEPT, PASSING = f"/var/log/journal/{MACHINE}", f"/run/log/journal/{MACHINE}"
ARCHIVED = "system@0005f0c2-0000000000000001-0005f0c2.journal"


def test_the_files_of_a_journal_are_one_log():
    names = ("system.journal", ARCHIVED, f"{ARCHIVED}~")
    at = {f"{KEPT}/{name}": log(denial()) for name in names}
    others = {f"{KEPT}/user-1000.journal": log(denial()), f"{KEPT}/fss": b""}
    assert set(read(at=at | others).logs) == set(at)
    assert [one.count for one in read(at=at | others).selinux] == [3]


def test_the_journal_of_another_machine_is_left_out():
    foreign = Missing("x: the journal of another machine", not_found=True)
    at = {f"/var/log/journal/{'f' * 32}/system.journal": foreign}
    assert isinstance(read_denials(MemoryFiles(at)), Absent)
    own = {f"{KEPT}/system.journal": log(denial())}
    assert read(at=at | own).logs == tuple(own)


ASKED = (AUDIT, f"{KEPT}/system.journal", *KERNEL_LOGS, f"{PASSING}/system.journal")


@pytest.mark.parametrize("place", range(len(ASKED)))
def test_the_first_log_that_there_is_answers(place):
    assert read(at={path: log() for path in ASKED[place:]}).logs == (ASKED[place],)


def test_of_too_many_files_the_newest_are_read(monkeypatch):
    monkeypatch.setattr(denials, "MOST_JOURNALS", 2)
    names = [f"system@{number}.journal" for number in range(5)]
    files = MemoryFiles({f"{KEPT}/{name}": log() for name in names})
    monkeypatch.setattr(denials, "changed", lambda _, path: int(path[-9]))
    found = read_denials(files)
    assert set(found.logs) == {f"{KEPT}/{name}" for name in names[3:]}
    assert found.problems == ("/var/log/journal: only the newest 2 of 5 files were read",)


def test_a_journal_that_may_not_be_read_is_not_absent():
    denied = Missing(f"{KEPT}/system.journal: permission denied")
    assert read_denials(MemoryFiles({f"{KEPT}/system.journal": denied})) == denied


def test_times_are_rfc_3339():
    assert when(1700000000.9) == "2023-11-14T22:13:20Z"
    assert when(9999999999.0).startswith("2286")
