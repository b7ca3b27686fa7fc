"""The same events as ausearch, the same fields as LibAppArmor, the same verdicts as audit2why."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from hostprobe.collect import audit2why, sepol
from hostprobe.collect.audit2why import Binding
from hostprobe.collect.denials import collect_denials
from hostprobe.collect.policies import Policies
from hostprobe.collect.root import Root
from hostprobe.collect.sepol import Policy
from hostprobe.facts.denial import DenialLog
from hostprobe.facts.files import Missing
from hostprobe.facts.selinux import Answer, Question, Verdict, Verdicts, asked
from hostprobe.parse.audit.denials import parse_denials
from hostprobe.parse.audit.events import EventReader
from tests.oracle import audit_tools
from tests.oracle.apparmor_log import records
from tests.oracle.audit_log import write_log
from tests.parse.audit.samples import APPARMOR, SELINUX
from tests.real.build import PYTHON
from tests.real.debs import unpacked
from tests.real.selinux_policy import policy_file

pytestmark = pytest.mark.real
SIZE = 100 << 20
RECORDS = 5_000
HTTPD = "system_u:system_r:httpd_t:s0"
WHY = """
import json, sys
sys.path.insert(0, sys.argv[1])
from selinux import audit2why
audit2why.init(sys.argv[2])
for line in sys.stdin:
    source, target, kind, permissions = json.loads(line)
    answer, detail = audit2why.analyze(source, target, kind, permissions)
    print(json.dumps([answer, sorted(name for name, _ in detail or ()) if answer == 3 else []]))
"""
ANSWERS = {0: Answer.ALLOWED, 2: Answer.RULE, 3: Answer.RULE, 4: Answer.CONSTRAINT, 5: Answer.ROLE}


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("log") / "audit.log"
    write_log(path, SIZE)
    return path


def events(path: Path) -> dict[bytes, list[bytes]]:
    """All events with a denial, whoever's."""
    reader = EventReader(lambda _: True)
    found = []
    with path.open("rb") as log:
        while data := log.read(700_001):
            found += reader.feed(data)
    found += reader.finish()
    assert len(found) == len({one.identity for one in found})
    return {one.identity: sorted(line.partition(b"\x1d")[0] for line in one.lines) for one in found}


def test_a_large_log_has_the_events_that_ausearch_finds(log: Path) -> None:
    ours, theirs = events(log), audit_tools.events(log)
    assert len(theirs) > 10_000
    assert ours == theirs


def test_recorded_samples_have_the_events_that_ausearch_finds(tmp_path: Path) -> None:
    path = tmp_path / "audit.log"
    path.write_bytes(b"".join(line + b"\n" for lines in SELINUX.values() for line in lines))
    assert events(path) == audit_tools.events(path)


def test_every_denial_of_httpd_is_counted(log: Path) -> None:
    found = collect_denials(Root("/"), str(log.resolve()))
    assert isinstance(found, DenialLog)
    records = [line for lines in audit_tools.events(log).values() for line in lines]
    ours = [line for line in records if b"avc:  denied" in line and b":httpd_t:s0 tc" in line]
    assert sum(one.count for one in found.selinux) == len(ours) > 1000
    enforced = Counter(one.is_enforced for one in found.selinux for _ in range(one.count))
    assert enforced[False] == sum(b"permissive=1" in line for line in ours)
    paths = {one.path for one in found.selinux if one.kind == "file"}
    assert any(path and path.endswith("/a b.txt") for path in paths)
    assert all(path and path.startswith("/home/shop/app") for path in paths)


def test_records_of_apparmor_have_the_fields_that_its_library_finds() -> None:
    lines = [*APPARMOR.values(), *(line.encode() for line in records(RECORDS))]
    theirs = audit_tools.apparmor_records(lines)
    for line, (profile, operation, name, mask, comm, event) in zip(lines, theirs, strict=True):
        (ours,) = parse_denials(line).apparmor
        assert (ours.profile, ours.operation, ours.program) == (profile, operation, comm)
        assert ours.mask == (mask or "")
        assert ours.is_enforced == (event == 4)
        if name is not None:
            assert ours.name == name


QUESTIONS = [
    Question(HTTPD, f"system_u:object_r:{name}:s0", kind, permissions)
    for name, kind, permissions in [
        ("mysqld_port_t", "tcp_socket", ("name_connect",)),
        ("postgresql_port_t", "tcp_socket", ("name_connect",)),
        ("smtp_port_t", "tcp_socket", ("name_connect",)),
        ("ldap_port_t", "tcp_socket", ("name_connect",)),
        ("unreserved_port_t", "tcp_socket", ("name_connect",)),
        ("unreserved_port_t", "tcp_socket", ("name_bind",)),
        ("user_home_t", "file", ("read", "open")),
        ("user_home_t", "file", ("execute",)),
        ("user_home_dir_t", "dir", ("search",)),
        ("httpd_sys_content_t", "file", ("read", "open")),
        ("httpd_sys_content_t", "file", ("write",)),
        ("lib_t", "file", ("read", "open", "map", "execute")),
        ("default_t", "file", ("read",)),
        ("nfs_t", "file", ("read", "open")),
        ("shadow_t", "file", ("read",)),
    ]
] + [Question(HTTPD, HTTPD, "process", ("execmem",))]


def test_a_policy_answers_as_audit2why_does() -> None:
    rows = [json.dumps([q.source, q.target, q.kind, list(q.permissions)]) for q in QUESTIONS]
    packages = unpacked("python3-selinux") / "usr/lib/python3/dist-packages"
    done = subprocess.run(
        [PYTHON, "-c", WHY, str(packages), str(policy_file())],
        input="\n".join(rows),
        capture_output=True,
        text=True,
        check=True,
    )
    theirs = [json.loads(line) for line in done.stdout.splitlines()]
    ours = Policy(policy_file().read_bytes()).verdicts(QUESTIONS, thorough=True)
    assert [one.answer for one in ours] == [ANSWERS[answer] for answer, _ in theirs]
    for verdict, (_, names) in zip(ours, theirs, strict=True):
        own = [name for name in names if "httpd" in name]
        assert sorted(verdict.booleans) == (own or names)


FOR_THIS_PYTHON = pytest.mark.skipif(
    sys.version_info[:2] != (3, 11), reason="Debian's binding is for Debian's Python"
)


@FOR_THIS_PYTHON
def test_the_binding_answers_as_libsepol_does() -> None:
    """With hints, of which some help; an unknown type is unknown to both."""
    place = unpacked("python3-selinux") / "usr/lib/python3/dist-packages"
    image = policy_file().read_bytes()
    hints = ("httpd_can_sendmail", "httpd_can_network_connect_db")
    questions = [replace(one, hints=hints) for one in QUESTIONS[:4]]
    questions.append(replace(QUESTIONS[0], target="system_u:object_r:nothing_t:s0"))
    ours = Policy(image).verdicts(questions, thorough=False)
    binding = Binding(image, [str(place)])
    assert binding.verdicts(questions, thorough=False) == ours
    own = ("httpd_can_network_connect", "httpd_can_network_connect_db")
    assert binding.verdicts(QUESTIONS[:1], thorough=True) == [Verdict(Answer.RULE, own)]


@FOR_THIS_PYTHON
def test_without_libsepol_the_binding_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    place = unpacked("python3-selinux") / "usr/lib/python3/dist-packages"
    monkeypatch.setattr(sepol, "LIBRARIES", ())
    monkeypatch.setattr(audit2why, "DISTRIBUTION", (str(place),))
    policies = Policies(lambda *_: policy_file().read_bytes(), Missing)
    try:
        found = policies.verdicts(asked("/policy", tuple(QUESTIONS[:1]), thorough=False))
        booleans = policies.booleans("/policy")
    finally:
        policies.close()
    assert found == Verdicts((Verdict(Answer.RULE),))
    assert isinstance(booleans, Missing)
    assert "libsepol 3.4 is needed" in booleans.reason
