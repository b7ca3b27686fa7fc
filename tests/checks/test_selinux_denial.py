"""Denials of SELinux by cause, with the policy's verdict."""

import pytest
from hostprobe_checks.selinux_denial import selinux_denial

from hostprobe.check import Certainty, Severity
from hostprobe.facts.selinux import FileLabel, SelinuxMode
from hostprobe.model.denied import SelinuxDenials, causes
from hostprobe.model.instance import Topology
from hostprobe.model.selinux import CONFIGURATION
from tests.model.linked_host import instance
from tests.model.mandatory import HTTPD, PolicyFiles, context, denial
from tests.model.memory_files import MemoryFiles

CONTENT = {("httpd_sys_content_t", name) for name in ("read", "open", "getattr", "search")}
ROOT = {CONFIGURATION: SelinuxMode(enforcing=True, policy="targeted")}


def run(*denials, files=None):
    files = files or PolicyFiles(ROOT, CONTENT)
    judged = causes(files, denials, is_live=False)
    found = selinux_denial.body(SelinuxDenials(judged, ("/var/log/audit/audit.log",)), TOPOLOGY)
    return list(found)


TOPOLOGY = Topology((instance(),))


def test_it_fires_for_what_was_refused():
    (finding,) = run(denial(path="/srv/shop.wsgi"))
    assert (finding.severity, finding.certainty) == (Severity.high, Certainty.observed)
    assert finding.affected == ("example.org/shop (/srv/shop.wsgi)",)
    assert finding.remedy == (
        "semanage fcontext -a -t httpd_sys_content_t '/srv/shop\\.wsgi(/.*)?'",
        "restorecon -Rv /srv/shop.wsgi",
    )


def test_files_of_a_directory_are_one_cause():
    found = run(denial(path="/shop/a.py"), denial(path="/shop/b.py", count=4))
    (finding,) = found
    assert finding.evidence["count"] == 5
    assert finding.evidence["paths"] == ["/shop/a.py", "/shop/b.py"]
    assert finding.remedy[1] == "restorecon -Rv /shop"


def test_of_a_new_entry_the_directory_is_relabelled():
    entry = denial(kind="dir", permissions=("add_name",), path="/shop/data/new.db")
    (finding,) = run(entry, files=PolicyFiles(ROOT, {("httpd_sys_rw_content_t", "add_name")}))
    assert finding.remedy[1] == "restorecon -Rv /shop/data"


def test_reading_and_writing_are_two_causes():
    assert len(run(denial(), denial(permissions=("write",)))) == 2


@pytest.mark.parametrize(("enforced", "severity"), [(True, Severity.high), (False, Severity.low)])
def test_permissive_is_low(enforced, severity):
    (finding,) = run(denial(is_enforced=enforced))
    assert finding.severity is severity


def test_the_narrower_boolean_comes_first():
    port = denial(
        kind="tcp_socket", permissions=("name_connect",), path=None, port=5432,
        target=context("postgresql_port_t"),
    )  # fmt: skip
    wanted = {("postgresql_port_t", "name_connect")}
    booleans = {"httpd_can_network_connect": wanted, "httpd_can_network_connect_db": wanted}
    (finding,) = run(port, files=PolicyFiles(ROOT, booleans=booleans))
    assert finding.subject == "port:5432"
    assert finding.remedy[0] == "setsebool -P httpd_can_network_connect_db on"


def test_without_a_policy_the_table_answers():
    port = denial(
        kind="tcp_socket", permissions=("name_connect",), path=None, port=6379,
        target=context("redis_port_t"),
    )  # fmt: skip
    (finding,) = run(port, files=MemoryFiles(ROOT))
    assert finding.remedy[0] == "setsebool -P httpd_can_network_redis on"
    assert finding.evidence["answered_by"].startswith("hostprobe's own table")


def test_what_nothing_known_allows_gets_a_module_of_its_own():
    (finding,) = run(denial(kind="capability", permissions=("sys_ptrace",), path=None))
    assert "audit2allow" in finding.remedy[0]


def test_it_is_silent_where_the_policy_allows_it_today():
    (finding,) = run(denial(target=context("httpd_sys_content_t")))
    assert (finding.severity, finding.remedy) == (Severity.info, ())


def test_it_is_silent_where_the_file_has_another_label_today():
    label = {"/shop/a.py": FileLabel(context("httpd_sys_content_t"))}
    (finding,) = run(denial(), files=PolicyFiles(ROOT | label, CONTENT))
    assert finding.severity is Severity.info


def test_it_is_silent_without_denials():
    assert run() == []


def test_no_broad_directory_is_relabelled():
    for path in ("/srv", "/home", "/var/lib"):
        (finding,) = run(denial(kind="dir", permissions=("search",), path=path))
        assert not any("fcontext" in line for line in finding.remedy)


def test_no_remedy_switches_selinux_off():
    found = run(denial(), denial(kind="process", permissions=("execmem",), target=HTTPD))
    text = " ".join(line for finding in found for line in finding.remedy)
    assert "setenforce" not in text
    assert "disable" not in text
