"""The Ansible role on hosts behind real sshds: it installs, configures, scans and collects."""

from __future__ import annotations

import json
import os
import re
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.real.build import cached, run
from tests.real.network import Network, host, network
from tests.real.packages import REPOSITORY, debian_root, package
from tests.real.systemd import BootedSystem, may_mount

pytestmark = [
    pytest.mark.real,
    pytest.mark.skipif(os.geteuid() != 0 or not may_mount(), reason="boots hosts of its own"),
]

ANSIBLE = "ansible-core==2.19.14"
PLAYBOOKS = REPOSITORY / "packaging/ansible"
ONE, TWO, DOWN = 11, 12, 13
UNREACHABLE = 4
SSH = "-o UserKnownHostsFile=/dev/null -o StrictHostKeyChecking=no -o ConnectTimeout=10"
RECAP = re.compile(
    r"^(\w+) +: ok=(\d+) +changed=(\d+) +unreachable=(\d+) +failed=(\d+)", re.MULTILINE
)
VARIABLES = {
    "hostprobe_settings": {"scan": {"fail_on": "medium"}, "state": {"keep": 7}},
    "hostprobe_waivers": [
        {
            "check": "symbol-interposed",
            "subject": "object:/srv/old/*",
            "reason": 'known as "old", goes away',
            "expires": "2027-03-31",
        }
    ],
}
WRITTEN = """
[scan]
fail_on = "medium"

[state]
keep = 7

[[waiver]]
check = "symbol-interposed"
subject = "object:/srv/old/*"
reason = "known as \\"old\\", goes away"
expires = 2027-03-31
"""


@dataclass
class Fleet:
    """Two hosts that run, and the address of one that does not."""

    network: Network
    hosts: dict[str, BootedSystem]
    directory: Path

    def play(self, name: str, **variables: object) -> tuple[int, dict[str, tuple[int, ...]]]:
        """Exit status of a playbook, and (ok, changed, unreachable, failed) of each host."""
        command = [sys.executable, "-m", "ansible", "playbook", PLAYBOOKS / name]
        command += ["--inventory", self.directory / "inventory.json"]
        extra = {"hostprobe_reports": str(self.directory / "reports"), **variables}
        done = self.network.control(
            *command,
            "--extra-vars",
            json.dumps(extra),
            ANSIBLE_SSH_ARGS=SSH,
            ANSIBLE_PIPELINING="1",
            ANSIBLE_HOME=str(self.directory / "ansible"),
            PYTHONPATH=str(ansible()),
        )
        recap = {
            found[1]: tuple(map(int, found.groups()[1:])) for found in RECAP.finditer(done.stdout)
        }
        assert not any(failed for *_, failed in recap.values()), done.stdout + done.stderr
        assert recap, done.stdout + done.stderr
        return done.returncode, recap

    def report(self, name: str) -> dict[str, object]:
        """The collected one."""
        found: dict[str, object] = json.loads((self.directory / f"reports/{name}.json").read_text())
        return found


def ansible() -> Path:
    """Its packages, in a directory of their own."""

    def make(directory: Path) -> None:
        pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-compile"]
        run(*pip, "--target", directory, ANSIBLE)

    return cached("ansible", ANSIBLE, make)


@pytest.fixture(scope="module")
def fleet(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Fleet]:
    directory = tmp_path_factory.mktemp("fleet")
    key = directory / "key"
    run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", key)
    root = debian_root()
    with ExitStack() as stack:
        made = stack.enter_context(network((ONE, TWO, DOWN)))
        running = {"one": ONE, "two": TWO}
        hosts = {
            name: stack.enter_context(host(made, number, root, key.with_suffix(".pub")))
            for name, number in running.items()
        }
        write_inventory(directory, made, {**running, "down": DOWN})
        yield Fleet(made, hosts, directory)


def write_inventory(directory: Path, made: Network, numbers: dict[str, int]) -> None:
    shared = {"ansible_user": "root", "ansible_ssh_private_key_file": str(directory / "key")}
    hosts = {
        name: {
            "ansible_host": made.address(number),
            "ansible_python_interpreter": "/usr/bin/python3",
        }
        for name, number in numbers.items()
    }
    inventory = {"all": {"vars": shared, "hosts": hosts}}
    (directory / "inventory.json").write_text(json.dumps(inventory))


def test_a_fleet_gets_hostprobe_and_gives_its_reports(fleet: Fleet) -> None:
    variables = {"hostprobe_package": str(package("*.deb")), **VARIABLES}
    status, first = fleet.play("site.yml", **variables)
    assert status == UNREACHABLE
    assert first["down"] == (0, 0, 1, 0)
    for name, system in fleet.hosts.items():
        assert first[name][1] > 0
        assert system.run("cat", "/etc/hostprobe/conf.d/50-ansible.toml").endswith(WRITTEN)
        assert system.run("systemctl", "is-active", "hostprobe-scan.timer") == "active\n"
        assert fleet.report(name)["complete"] is True

    _, second = fleet.play("site.yml", **variables)
    assert {name: counts[1] for name, counts in second.items()} == {"one": 0, "two": 0, "down": 0}


def test_the_agent_takes_the_place_of_the_timer(fleet: Fleet) -> None:
    fleet.play("site.yml", hostprobe_package=str(package("*.deb")), hostprobe_scanned_by="agent")
    for system in fleet.hosts.values():
        assert system.run("systemctl", "is-active", "hostprobe.service") == "active\n"
        assert system.done("systemctl", "is-active", "hostprobe-scan.timer").returncode != 0


def test_collecting_brings_newer_reports_and_changes_nothing(fleet: Fleet) -> None:
    before = {name: fleet.report(name)["started"] for name in fleet.hosts}
    _, counts = fleet.play("collect.yml")
    assert {name: changed for name, (_, changed, *_) in counts.items()} == dict.fromkeys(counts, 0)
    assert all(fleet.report(name)["started"] > then for name, then in before.items())
