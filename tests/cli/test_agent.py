import json
import re
import signal
import subprocess
import sys

import pytest

from tests.agent.running import RunningAgent

LAST = "STATUS=Last scan "


@pytest.fixture(scope="module")
def running(tmp_path_factory):
    with RunningAgent(tmp_path_factory.mktemp("agent"), debounce=0.2) as found:
        yield found


@pytest.fixture
def agent(running):
    """An agent after a scan."""
    if running.process.poll() is not None:
        running.start()
    if not running.messages:
        running.until("READY=1")
        running.until(LAST)
    running.output.write_text("")
    return running


def test_it_scans_at_once_and_keeps_the_report(agent):
    pattern = (
        r"STATUS=Last scan \S+Z, \d+\.\d s: no findings\. Watching 1 directories\. "
        r"Next scan \S+Z\."
    )
    assert re.fullmatch(pattern, agent.messages[-1])
    report = json.loads((agent.state / "report.json").read_text())
    assert report["host"]["name"] == "small"
    assert agent.counters()["scans_total"] == 1
    assert agent.counters()["last_success"] is not None
    assert (agent.state / "agent.json").stat().st_mode & 0o777 == 0o640


def test_a_change_leads_to_a_scan_that_says_so(agent):
    before = agent.counters()["scans_total"]
    agent.change()
    assert agent.until("STATUS=Scanning") == f"STATUS=Scanning: {agent.root}/etc/passwd changed"
    agent.until(LAST)
    assert agent.counters()["scans_total"] == before + 1


def test_the_watchdog_is_fed(agent):
    agent.until("WATCHDOG=1")
    agent.until("WATCHDOG=1")


def test_settings_are_read_again(agent):
    agent.configure(debounce=0.2, interval=5000)
    agent.send(signal.SIGHUP)
    assert "MONOTONIC_USEC=" in agent.until("RELOADING=1")
    agent.until("READY=1")
    assert agent.said == "hostprobe: settings read\n"


WRONG = {
    "[agent]\ninterval = 0": "agent.interval must be from 1 to 10000000 seconds",
    "[agent]\ntimeout = nan": "agent.timeout must be from 1 to 10000000 seconds",
    "[agent]\nmemory = 1": "agent.memory must be from 64 to 10000000 megabytes",
    "[agent]\ndebounce = true": "agent.debounce must be a number",
}


def test_wrong_settings_change_nothing(agent):
    for line in WRONG:
        agent.settings.write_text(line)
        agent.send(signal.SIGHUP)
        agent.until("RELOADING=1")
        agent.until("READY=1")
    head = f"hostprobe: settings not read, the former ones hold: {agent.settings}: "
    assert agent.said.splitlines() == [head + says for says in WRONG.values()]
    agent.send(signal.SIGUSR1)
    assert agent.until("STATUS=Scanning") == "STATUS=Scanning: asked for by SIGUSR1"
    agent.until(LAST)
    agent.configure(debounce=0.2)


def test_a_second_agent_is_refused(agent):
    done = subprocess.run(agent.command, capture_output=True, text=True, check=False, timeout=60)
    says = f"hostprobe agent: another agent is at work for {agent.state}\n"
    assert (done.returncode, done.stderr) == (2, says)


def test_a_scan_that_fails_is_told_and_counted(agent):
    (agent.state / "history").rename(agent.state / "elsewhere")
    (agent.state / "history").write_text("")
    agent.send(signal.SIGUSR1)
    assert agent.state.name in agent.until("STATUS=Last scan failed (scan)")
    assert agent.said.startswith(f"hostprobe: scan failed (scan): {agent.state}")
    counters = agent.counters()
    assert counters["scan_errors_total"]["scan"] == 1
    assert counters["last_failure"]["stage"] == "scan"
    (agent.state / "history").unlink()


def test_an_end_that_comes_in_a_scan_ends_the_scan(agent):
    agent.send(signal.SIGUSR1)
    agent.until("STATUS=Scanning")
    assert agent.stop() == 0
    agent.until("STOPPING=1")
    assert agent.said == ""


def test_an_agent_that_was_killed_is_no_agent_at_work(agent):
    before = agent.counters()["scans_total"]
    agent.process.kill()
    agent.process.wait()
    agent.start()
    agent.until(LAST)
    assert agent.counters()["scans_total"] == before + 1


LIMITS = {
    "watches": ("1 of 2 directories, {} the first, are", "max_user_watches"),
    "instances": ("no directory is", "max_user_instances"),
}


@pytest.mark.parametrize("kind", LIMITS)
def test_a_limit_is_told_and_scans_go_on(tmp_path, kind):
    limit = f"/proc/sys/user/max_inotify_{kind}"
    shell = f'echo {kind == "watches":d} > {limit} && exec "$@"'
    unshared = ("unshare", "--user", "--map-root-user", "sh", "-ec", shell, "sh")
    if subprocess.run([*unshared, "true"], check=False).returncode:
        pytest.skip("no user namespace with limits of its own")
    agent = RunningAgent(tmp_path, *unshared)
    (agent.root / "var/lib/dpkg").mkdir(parents=True)
    with agent:
        agent.until(LAST)
        agent.send(signal.SIGUSR1)
        agent.until(LAST)
        which, name = LIMITS[kind]
        assert agent.said == (
            f"hostprobe: {which.format(agent.root / 'var/lib/dpkg')} not watched: "
            f"the limit fs.inotify.{name} is reached. Scans every 3600 s see changes there\n"
        )
        counters = agent.counters()
        assert (counters["watched"], counters["unwatched"]) in ((1, 1), (0, 2))


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--root", "/tmp"], "--state needs a DIR here"),
        (["--state", "/no/such"], "/no/such: no such file or directory"),
        (["--state", "/dev/null"], "/dev/null: not a directory"),
        (["--settings", "/no/file"], "/no/file: no such file or directory"),
    ],
)
def test_what_is_asked_wrongly_is_one_line(arguments, says):
    command = [sys.executable, "-m", "hostprobe", "agent", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 2
    assert done.stderr.startswith(f"hostprobe agent: {says}")
    assert done.stderr.count("\n") == 1


HEAVY = ("hostprobe.model", "hostprobe.engine", "hostprobe.catalogue", "hostprobe.inspection")
HEAVY += ("hostprobe.collect", "hostprobe.check", "hostprobe_checks", "elftools", "psutil", "rich")


def test_the_agent_itself_knows_no_check_and_no_model():
    code = "import hostprobe.cli.agent, sys; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert not [name for name in done.stdout.split() if name.startswith(HEAVY)]
