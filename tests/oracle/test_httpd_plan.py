"""glibc's own record of what httpd opens and closes is our plan."""

import os
import re
import signal
import time
from pathlib import PurePath

import pytest

from hostprobe.collect.files import LiveFiles
from hostprobe.facts.httpd import HttpdBuild
from hostprobe.facts.plan import Close
from hostprobe.model.httpd.evaluate import evaluate
from hostprobe.model.httpd.plan import httpd_plan
from hostprobe.model.httpd.start import find_starts
from tests.real.httpd import Httpd

pytestmark = pytest.mark.real

STEP = re.compile(r"(?P<what>opening|calling fini:) (?:file=)?(?P<path>\S+) \[0\]")
FIXED = ("ServerRoot /usr/lib/apache2", "LoadFile libbz2.so.1.0", "LoadFile modules/mod_dir.so")


def planned(httpd, restarts):
    files = LiveFiles("/")
    (start,) = find_starts(files, str(httpd.config))
    configuration = evaluate(files, start, files.read(start.binary, HttpdBuild))
    assert [problem for problem in configuration.problems if problem.fatal] == []
    return httpd_plan(configuration, restarts=restarts)


def recorded(log, wanted, pid):
    """Opens as "name", the end of a module as "-name", in order, for the wanted names.

    Children write their end into the same file, with their own pid in front.
    """
    for line in log.read_text().splitlines():
        if match := STEP.search(line):
            name = PurePath(match["path"]).name
            if name in wanted and line.split(":")[0].strip() == str(pid):
                yield ("-" if match["what"].startswith("calling") else "") + name


def wait_for(httpd, wanted, count):
    """Until the parent has made that many steps."""
    log = httpd.root / f"debug.{httpd.pid}"
    deadline = time.monotonic() + 20
    while (
        len(steps := list(recorded(log, wanted, httpd.pid))) < count and time.monotonic() < deadline
    ):
        time.sleep(0.05)
    return steps


@pytest.mark.parametrize("restarts", [0, 1])
def test_httpd_opens_and_closes_as_planned(restarts):
    httpd = Httpd(["headers", "expires"], before=FIXED, single=False)
    httpd.environment |= {"LD_DEBUG": "files", "LD_DEBUG_OUTPUT": str(httpd.root / "debug")}
    plan = planned(httpd, restarts)
    steps = ["-" * isinstance(one, Close) + PurePath(one.path).name for one in plan.operations]
    names = {step.lstrip("-") for step in steps}
    with httpd:
        if restarts:
            os.kill(httpd.pid, signal.SIGUSR1)
        found = wait_for(httpd, names, len(steps))
    assert len(names) == 7
    assert found[: len(steps)] == steps
