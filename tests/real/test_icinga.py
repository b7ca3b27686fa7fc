"""The plugin in real Icinga 2: the packaged CheckCommand and apply rule, and what they lead to."""

import os
import re
import shutil
import signal
import subprocess
import time

import pytest

from tests.real.monitoring import (
    PACKAGING,
    PATIENCE,
    STATES,
    USER,
    area,
    packaged,
    services_of,
    write_reports,
)

pytestmark = pytest.mark.real
CONFIG = """
include <itl>
library "compat"
object CheckerComponent "checker" {{ }}
object StatusDataWriter "status" {{
  status_path = "{folder}/status.dat"
  objects_path = "{folder}/objects.cache"
  update_interval = 1s
}}
include "{folder}/hostprobe.conf"
{hosts}
object Host "without" {{ check_command = "dummy" }}
"""
HOST = """
object Host "{name}" {{
  check_command = "dummy"
  vars.hostprobe = {options}
}}
"""
DIRECTORIES = ("DataDir", "CacheDir", "InitRunDir", "LogDir", "SpoolDir")


@pytest.fixture(scope="module")
def folder():
    with area() as found:
        for name in DIRECTORIES:
            (found / name).mkdir()
            shutil.chown(found / name, USER, USER)
        yield found


@pytest.fixture(scope="module")
def config(folder):
    """A host per report, one with other thresholds, one with the default report, one without."""
    reports = write_reports(folder)
    options = {name: f'hostprobe_report = "{path}"' for name, path in reports.items()}
    options["lenient"] = (
        f'{options["hostile"]}, hostprobe_warning = "critical", hostprobe_critical = "none"'
    )
    rows = {name: f"{{ {each} }}" for name, each in options.items()} | {"by_default": "true"}
    hosts = "".join(HOST.format(name=name, options=each) for name, each in rows.items())
    # Ten minutes are long for a test.
    command = packaged("icinga2.conf", folder / "check_hostprobe").replace("= 10m", "= 2s")
    (folder / "hostprobe.conf").write_text(command)
    path = folder / "icinga2.conf"
    path.write_text(CONFIG.format(folder=folder, hosts=hosts))
    return path


def icinga(folder, config, *options):
    """The command line of an Icinga whose files are all in one folder."""
    places = [f"-DConfiguration.{name}={folder / name}" for name in DIRECTORIES]
    return ["icinga2", "daemon", *options, "-c", config, *places]


def validate(folder, config):
    """icinga2 daemon -C; its status and what it says."""
    command = icinga(folder, config, "-C")
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    return done.returncode, done.stdout + done.stderr


@pytest.fixture(scope="module")
def services(folder, config):
    """Once all are checked, each service by the name of its host."""
    with subprocess.Popen(
        icinga(folder, config), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        start_new_session=True,
    ) as process:  # fmt: skip
        try:
            yield checked(folder / "status.dat")
        finally:  # its parts are a process group
            os.killpg(process.pid, signal.SIGKILL)


def checked(path):
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        found = services_of(path)
        if found and all(each["has_been_checked"] == "1" for each in found):
            return {each["host_name"]: each for each in found}
        time.sleep(0.2)
    raise AssertionError(path.read_text() if path.exists() else "no status.dat")


def test_the_packaged_file_is_valid_and_its_service_goes_to_the_hosts_that_ask(folder, config):
    status, told = validate(folder, config)
    assert status == 0, told
    assert f"Instantiated {len(STATES) + 2} Services" in told
    assert "warning/" not in told


def test_a_mistake_would_be_refused(folder):
    path = folder / "mistaken.conf"
    path.write_text('object CheckCommand "x" { command = [ undefined_name ] }\n')
    status, told = validate(folder, path)
    assert status != 0
    assert "undefined_name" in told


def test_icinga_sees_every_state(services):
    assert {name: int(services[name]["current_state"]) for name in STATES} == STATES


def test_options_of_a_host_reach_the_plugin(services):
    assert services["lenient"]["current_state"] == "1"
    assert " critical=1;0;;0 " in f" {services['lenient']['performance_data']} "


def test_a_host_without_options_gets_the_defaults(services):
    assert services["by_default"]["current_state"] in {"0", "1", "2", "3"}
    assert services["by_default"]["plugin_output"].startswith("HOSTPROBE ")
    assert "without" not in services


def test_all_lines_arrive_and_hostile_names_stay_in_them(services):
    hostile = services["hostile"]
    assert hostile["plugin_output"].startswith("HOSTPROBE CRITICAL - 1 critical, 1 info: 1. a")
    assert "CRITICAL 1. a" in hostile["long_plugin_output"]
    assert hostile["performance_data"].startswith("critical=1;0;0;0 high=0;0;0;0 ")


def test_the_packaged_files_name_no_option_that_is_not_there(folder):
    told = subprocess.run(
        [folder / "check_hostprobe", "--help"], capture_output=True, text=True, check=True
    ).stdout
    text = "".join(
        path.read_text() for path in (PACKAGING / "icinga2.conf", PACKAGING / "nrpe.cfg")
    )
    options = set(re.findall(r'(?<=[" ])--[a-z-]+(?=")', text))
    assert options == {f"--{name}" for name in
                       ("warning", "critical", "max-age", "incomplete", "report", "live",
                        "timeout")}  # fmt: skip
    assert all(option in told for option in options)
