"""Denials of SELinux with verdicts and cures of Debian's own policy.

Recorded: this kernel has no SELinux; the records are as auditd writes them, the policy is real.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.real.hosts import mandatory_access as host
from tests.real.hosts.bad_input import SCAN, BadHost, command, copied

pytestmark = pytest.mark.real
CHECK = "selinux-denial"
DATABASE = "setsebool -P httpd_can_network_connect_db on"
EXECMEM = "setsebool -P httpd_execmem on"


@pytest.fixture
def selinux(bad_template: Path, tmp_path: Path) -> BadHost:
    return host.selinux_host(bad_template, tmp_path / "root")


CURES = [
    (("name_connect", "postgresql_port_t", "tcp_socket", "dest=5432"), DATABASE),
    (
        ("name_connect", "smtp_port_t", "tcp_socket", "dest=25"),
        "setsebool -P httpd_can_sendmail on",
    ),
    (("execmem", host.HTTPD, "process", ""), EXECMEM),
    (
        ("name_bind", "unreserved_port_t", "tcp_socket", "src=8099"),
        "semanage port -a -t http_port_t -p tcp 8099",
    ),
    (
        ("read", "default_t", "file", 'path="/shop/data/a.txt"'),
        "semanage fcontext -a -t httpd_sys_content_t '/shop/data(/.*)?'",
    ),
    (
        ("write", "httpd_sys_content_t", "dir", 'path="/srv/shop/upload"'),
        "semanage fcontext -a -t httpd_sys_rw_content_t '/srv/shop/upload(/.*)?'",
    ),
    (
        ("map", "default_t", "file", 'path="/shop/venv/_fast.so"'),
        "semanage fcontext -a -t lib_t '/shop/venv(/.*)?'",
    ),
    (
        ("read", "user_home_t", "file", 'path="/home/shop/site/settings.py"'),
        "setsebool -P httpd_read_user_content on",
    ),
    (
        ("read", "user_home_t", "file", 'path="/var/www/app/main.py"'),
        "restorecon -Rv /var/www/app",
    ),
]


def test_the_policy_says_what_cures(selinux: BadHost) -> None:
    selinux.write("/var/www/app/main.py", "")
    records = (host.avc(*record, number=60 - place) for place, (record, _) in enumerate(CURES, 10))
    host.write_log(selinux, *records)
    found = host.findings(selinux, CHECK)
    assert [finding["remedy"][0] for finding in found] == [cure for _, cure in CURES]
    for finding in found:
        assert (finding["severity"], finding["certainty"]) == ("high", "observed")
        assert "policy.33, asked through libsepol" in finding["evidence"]["answered_by"]
        assert "disable" not in " ".join(finding["remedy"]).lower()
    assert "setsebool -P httpd_builtin_scripting on" in found[5]["remedy"]


def test_what_permissive_mode_let_pass_is_low(selinux: BadHost) -> None:
    host.write_log(selinux, host.avc("execmem", host.HTTPD, "process", "", permissive=1))
    (finding,) = host.findings(selinux, CHECK)
    assert (finding["severity"], finding["evidence"]["enforced"]) == ("low", False)


def test_what_the_policy_allows_today_is_no_alarm(selinux: BadHost) -> None:
    host.write_log(selinux, host.avc("read", "httpd_sys_content_t", "file", 'name="x"'))
    (finding,) = host.findings(selinux, CHECK)
    assert (finding["severity"], finding["remedy"]) == ("info", [])


def test_relabelled_files_are_no_alarm_any_more(selinux: BadHost) -> None:
    host.write_log(selinux, host.avc("read", "default_t", "file", f'path="{host.SHOP}"'))
    (before,) = host.findings(selinux, CHECK)
    assert before["severity"] == "high"
    assert before["affected"] == ["localhost/shop (/srv/shop/shop.wsgi)"]
    host.labelled(selinux, host.SHOP, "httpd_sys_content_t")
    (after,) = host.findings(selinux, CHECK)
    assert after["severity"] == "info"


def test_rotated_logs_count_together(selinux: BadHost) -> None:
    for number, name in enumerate(("", ".1", ".2.gz"), start=10):
        record = host.avc("execmem", host.HTTPD, "process", "", number=number)
        host.write_log(selinux, record, name=f"{host.AUDIT_LOG}{name}")
    (finding,) = host.findings(selinux, CHECK)
    assert finding["evidence"]["count"] == 3
    assert finding["evidence"]["first"] == "2023-11-14T22:13:30Z"
    assert finding["evidence"]["last"] == "2023-11-14T22:13:32Z"


def test_without_a_policy_the_table_answers_and_says_so(selinux: BadHost) -> None:
    selinux.remove("/etc/selinux/default/policy/policy.33")
    record = host.avc("name_connect", "postgresql_port_t", "tcp_socket", "dest=5432")
    host.write_log(selinux, record)
    (finding,) = host.findings(selinux, CHECK)
    assert finding["remedy"][0] == DATABASE
    assert finding["evidence"]["answered_by"].startswith("hostprobe's own table")


@pytest.mark.parametrize("damage", [b"", b"garbage", b"\x8c\xff\x7c\xf9" + b"\xff" * 4000])
def test_a_damaged_policy_costs_only_its_answers(selinux: BadHost, damage: bytes) -> None:
    selinux.write("/etc/selinux/default/policy/policy.33", damage)
    host.write_log(selinux, host.avc("execmem", host.HTTPD, "process", ""))
    (finding,) = host.findings(selinux, CHECK)
    assert finding["remedy"][0] == EXECMEM


def test_a_host_without_denials_is_clean(selinux: BadHost) -> None:
    host.write_log(selinux, "type=DAEMON_START msg=audit(1700000001.000:1): op=start")
    assert host.outcome(selinux, CHECK) == ("clean", None)


def test_a_root_without_selinux_is_not_applicable(host_without: BadHost) -> None:
    found, reason = host.outcome(host_without, CHECK)
    assert found == "not-applicable"
    assert reason is not None
    assert "SELinux" in reason


@pytest.fixture
def host_without(bad_template: Path, tmp_path: Path) -> BadHost:
    return copied(bad_template, tmp_path / "root")


@pytest.mark.skipif(Path("/sys/fs/selinux/enforce").exists(), reason="this kernel has SELinux")
def test_this_kernel_has_no_selinux_and_that_is_said() -> None:
    (entry,) = json.loads(command(*SCAN, "--select", CHECK, "--format", "json").out)["checks"]
    assert entry["outcome"] == "not-applicable"
    assert entry["reason"] == "the kernel of this host has no SELinux"


def test_the_shim_of_pypi_is_never_imported() -> None:
    code = (
        "import sys; from hostprobe.cli import main; main(['scan', '--snapshot', 'sample']);"
        "sys.exit('selinux' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_a_snapshot_of_the_root_gives_the_same_verdict(selinux: BadHost, tmp_path: Path) -> None:
    host.write_log(selinux, host.avc("execmem", host.HTTPD, "process", ""))
    taken = str(tmp_path / "host.snapshot")
    command(*SCAN[:-1], "snapshot", "--root", str(selinux.root), "--output", taken)
    done = command(*SCAN, "--snapshot", taken, "--select", CHECK, "--format", "json")
    (finding,) = json.loads(done.out)["findings"]
    assert finding["remedy"] == [EXECMEM]
