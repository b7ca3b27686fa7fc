"""The plugin in real Nagios 4, NRPE and NSCA: every state arrives as it was meant."""

import os
import re
import subprocess
import time

import pytest

from tests.real.httpd import find_free_port
from tests.real.monitoring import (
    PACKAGING,
    STATES,
    USER,
    Nagios,
    area,
    check_nrpe,
    nrpe,
    packaged,
    running,
    wait_for_port,
    write_reports,
)

pytestmark = pytest.mark.real


@pytest.fixture(scope="module")
def folder():
    with area() as found:
        yield found


@pytest.fixture(scope="module")
def reports(folder):
    return write_reports(folder)


@pytest.fixture(scope="module")
def nrpe_port(folder, reports):
    with nrpe(folder, reports) as port:
        yield port


@pytest.mark.parametrize(("name", "state"), STATES.items())
def test_nrpe_brings_state_and_all_lines(nrpe_port, name, state):
    done = check_nrpe(nrpe_port, name)
    assert done.returncode == state, done.stdout
    assert done.stdout.startswith(f"HOSTPROBE {('OK', 'WARNING', 'CRITICAL', 'UNKNOWN')[state]} - ")
    if name == "hostile":
        assert "\nCRITICAL 1. a\\nb\\x1b[31m" in done.stdout
        assert "\x1b" not in done.stdout


def service(name, extra):
    return f"""
define service {{
    use hostprobe-service
    host_name web1
    service_description {name}
    contacts nobody
    check_interval 5
    {extra}
}}
"""


@pytest.fixture(scope="module")
def nagios(folder, reports, nrpe_port):
    """Nagios with a service per state, one of them by NRPE, and one that only receives."""
    found = Nagios(folder)
    text = packaged("nagios.cfg", folder / "check_hostprobe")
    commands = re.findall(r"define command \{\n    command_name    check_hostprobe\n.*?\n\}", text,
                          re.DOTALL)  # fmt: skip
    assert len(commands) == 1
    objects = ""
    for name, path in reports.items():
        command = commands[0].replace("check_hostprobe\n", f"check_{name}\n", 1)
        objects += command.replace(" -w ", f" --report {path} -w ")
        objects += service(name, f"check_command check_{name}!medium!high!3h")
    by_nrpe = re.search(r"define command \{\n    command_name    check_nrpe_.*?\n\}", text,
                        re.DOTALL)[0]  # fmt: skip
    for name in ("fine", "hostile"):
        command = by_nrpe.replace("check_nrpe_hostprobe", f"nrpe_{name}")
        command = command.replace("-c check_hostprobe", f"-p {nrpe_port} -c {name}")
        objects += command + service(f"nrpe_{name}", f"check_command nrpe_{name}")
    for name, threshold in (("passive", 3600), ("silent", 2)):
        objects += service(name, f"freshness_threshold {threshold}").replace(
            "use hostprobe-service", "use hostprobe-passive-service"
        )
    found.write(objects + "\n")
    done = found.verify()
    assert done.returncode == 0, done.stdout
    with found.running():
        yield found


def test_nagios_takes_the_packaged_configuration_without_a_warning(nagios):
    told = nagios.verify().stdout
    assert re.search(r"Total Warnings: +0\n", told), told
    assert re.search(r"Total Errors: +0\n", told), told


def test_nagios_sees_every_state(nagios):
    found = nagios.judged(list(STATES))
    assert {name: int(found[name]["current_state"]) for name in STATES} == STATES


def test_nagios_sees_the_same_through_nrpe(nagios):
    found = nagios.judged(["nrpe_fine", "nrpe_hostile", "hostile"])
    assert found["nrpe_fine"]["current_state"] == "0"
    assert found["nrpe_hostile"]["current_state"] == "2"
    first = found["nrpe_hostile"]["plugin_output"]
    assert first == found["hostile"]["plugin_output"]


def test_hostile_names_reach_neither_the_figures_nor_a_line_of_their_own(nagios):
    found = nagios.judged(["hostile", "fine"])
    hostile = found["hostile"]
    figures = hostile["performance_data"].split()
    assert [figure.partition("=")[0] for figure in figures] == [
        figure.partition("=")[0] for figure in found["fine"]["performance_data"].split()
    ]
    assert figures[0] == "critical=1;0;0;0"
    assert hostile["plugin_output"].startswith("HOSTPROBE CRITICAL - 1 critical, 1 info: 1. a")
    assert "CRITICAL 1. a" in hostile["long_plugin_output"]
    assert not set(hostile["plugin_output"] + hostile["long_plugin_output"]) & {"\x1b", "\u202e"}


def sent(reports, name, **names):
    """What packaging/nagios/passive prints for one report."""
    path = f"{reports[name].parent}:{os.environ['PATH']}"
    done = subprocess.run(
        [PACKAGING / "passive", "--report", reports[name]],
        env={"PATH": path, "HOSTPROBE_HOST": "web1", "HOSTPROBE_SERVICE": "passive"} | names,
        capture_output=True, text=True, timeout=30, check=True,
    )  # fmt: skip
    return done.stdout


def test_a_passive_result_arrives_through_nsca(nagios, reports, tmp_path):
    port = find_free_port()
    server, client = tmp_path / "nsca.cfg", tmp_path / "send_nsca.cfg"
    server.write_text(
        f"server_port={port}\nserver_address=127.0.0.1\ncommand_file={nagios.command_file}\n"
        f"pid_file={tmp_path}/nsca.pid\nalternate_dump_file={tmp_path}/nsca.dump\n"
        f"nsca_user={USER}\nnsca_group={USER}\nmax_packet_age=30\ndecryption_method=1\n"
    )
    client.write_text("encryption_method=1\n")
    nagios.judged(["fine"])
    with running(["/usr/sbin/nsca", "-c", server, "-f"]):
        wait_for_port(port)
        command = ["/usr/sbin/send_nsca", "-H", "127.0.0.1", "-p", str(port), "-c", str(client)]
        for name in ("hostile", "medium"):
            line = sent(reports, name)
            assert line.count("\n") == 1
            done = subprocess.run(command, input=line, capture_output=True, text=True, check=False)
            assert done.returncode == 0, done.stdout
            found = wait_for_state(nagios, "passive", STATES[name])
    assert found["plugin_output"].startswith("HOSTPROBE WARNING - 1 medium: A medium thing")
    assert found["performance_data"].startswith("critical=0;0;0;0 high=0;")
    assert found["check_type"] == "1"


def wait_for_state(nagios, name, state):
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        found = nagios.services().get(name, {})
        if found.get("has_been_checked") == "1" and found["current_state"] == str(state):
            return found
        time.sleep(0.2)
    raise AssertionError((nagios.folder / "nagios.log").read_text()[-3000:])


def test_a_host_that_sends_nothing_becomes_unknown(nagios):
    found = wait_for_state(nagios, "silent", 3)
    assert "no result of hostprobe was received" in found["plugin_output"]


def test_a_missing_plugin_is_sent_as_unknown(reports):
    line = sent(reports, "fine", PATH="/usr/bin:/bin")
    assert line == "web1\tpassive\t3\tcheck_hostprobe could not be started\n"


CHECKMK = re.compile(r"([0-3P]) ([^ ]+) ((?:[a-z]+=[\d.]+(?:;[^ ;|]*){0,4}\|?)+|-) (.*)\n")


@pytest.mark.parametrize(("name", "state"), STATES.items())
def test_the_local_check_prints_one_line_as_checkmk_reads_it(reports, name, state):
    done = subprocess.run(
        [PACKAGING / "checkmk/hostprobe", "--report", reports[name]],
        env={"PATH": f"{reports[name].parent}:{os.environ['PATH']}"},
        capture_output=True, text=True, timeout=30, check=True,
    )  # fmt: skip
    match = CHECKMK.fullmatch(done.stdout)
    assert match, done.stdout
    assert int(match[1]) == state
    assert match[2] == "hostprobe"
    assert (match[3] == "-") == (name in {"old", "missing"})
    assert match[4].startswith("HOSTPROBE ")
