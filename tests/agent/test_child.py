import faulthandler
import os
import select
import signal
import time
from pathlib import Path

import psutil
import pytest

from hostprobe.agent.child import Limits, ScanError, ScanProcess

PLENTY = Limits(60.0, 4 << 30)


def answered(work, limits=PLENTY):
    """What the agent gets from a child that ends by itself, or the way it failed."""
    return outcome(ScanProcess(work, limits, time.monotonic()))


def outcome(process):
    for _ in range(6000):
        if (found := process.result()) is not None:
            return found
        time.sleep(0.01)
    raise AssertionError("it does not end")


def failure(work, limits=PLENTY):
    with pytest.raises(ScanError) as caught:
        answered(work, limits)
    return caught.value


def test_the_answer_comes_back():
    assert answered(lambda: {"places": [["/etc", ["*"]]]}) == {"places": [["/etc", ["*"]]]}


def test_an_error_is_told_with_its_last_line_and_all_of_its_stderr():
    error = failure(lambda: {}["a\x1b"])
    assert (error.stage, str(error)) == ("scan", r"KeyError: 'a\x1b'")
    assert error.output.startswith("Traceback (most recent call last):\n")


def test_a_failure_that_the_scan_tells_is_told_as_it_is():
    error = failure(lambda: {"failed": ("report", "/var: no space left")})
    assert (error.stage, str(error)) == ("report", "/var: no space left")


def test_a_crash_is_told():
    def crash():
        faulthandler.disable()  # pytest turned it on
        os.kill(os.getpid(), signal.SIGSEGV)

    error = failure(crash)
    assert (error.stage, str(error)) == ("killed", "ended by Segmentation fault (11)")


def test_a_leak_ends_at_the_limit():
    error = failure(lambda: bytearray(2 << 30), Limits(60.0, 1 << 30))
    assert (error.stage, str(error)) == ("scan", "MemoryError")


def burn():
    while True:
        pass


def test_a_loop_ends_at_the_limit_of_the_processor():
    error = failure(burn, Limits(1.0, 4 << 30))
    assert (error.stage, str(error)) == ("timeout", "not finished within 1 s ([agent] timeout)")


def is_alive(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def are_gone(pids):
    """The kernel takes a moment."""
    deadline = time.monotonic() + 10
    while any(map(is_alive, pids)) and time.monotonic() < deadline:
        time.sleep(0.01)
    return not any(map(is_alive, pids))


@pytest.fixture
def family():
    """Work that forks once more, the scan itself, and the number of the grandchild."""
    reader, writer = os.pipe()

    def work():
        if os.fork():
            os.write(writer, f"{os.getpid()} ".encode())
        else:
            os.write(writer, f"{os.getpid()} ".encode())
        time.sleep(60)

    process = ScanProcess(work, PLENTY, time.monotonic())
    text = b""
    while text.count(b" ") < 2:
        select.select([reader], [], [], 30)
        text += os.read(reader, 99)
    os.close(reader)
    os.close(writer)
    return process, [int(number) for number in text.split()]


def test_a_hang_ends_with_everything_that_the_scan_started(family):
    process, pids = family
    error = process.expire()
    assert (error.stage, str(error)) == ("timeout", "not finished within 60 s ([agent] timeout)")
    with pytest.raises(ScanError, match="Killed"):
        outcome(process)
    assert process.is_late
    assert are_gone(pids)


def test_the_end_of_the_agent_is_the_end_of_the_scan(family):
    process, pids = family
    process.close()
    assert are_gone(pids)


def test_descriptors_are_given_back():
    def count():
        return len(list(Path("/proc/self/fd").iterdir()))

    before = count()
    for work in (dict, burn):
        process = ScanProcess(work, PLENTY, time.monotonic())
        if work is dict:
            outcome(process)
        else:
            process.close()
    assert count() == before


def test_a_scan_gives_way_to_everything_else():
    def work():
        own = psutil.Process()
        return {"nice": own.nice(), "idle": own.ionice().ioclass == psutil.IOPRIO_CLASS_IDLE}

    assert answered(work) == {"nice": 19, "idle": True}


def test_a_scan_ends_with_an_agent_that_was_killed():
    reader, writer = os.pipe()

    def work():
        os.write(writer, str(os.getpid()).encode())
        time.sleep(60)

    agent = os.fork()
    if agent == 0:
        try:
            ScanProcess(work, PLENTY, time.monotonic())
            time.sleep(60)
        finally:
            os._exit(0)
    pid = int(os.read(reader, 99))
    os.kill(agent, signal.SIGKILL)
    os.waitpid(agent, 0)
    assert are_gone([pid])
    os.close(reader)
    os.close(writer)
