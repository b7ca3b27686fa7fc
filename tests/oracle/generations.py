"""A forking httpd under LD_DEBUG: its children and daemons, and what a graceful restart changes.

Processes of one httpd share one log, and two that write at once tear its lines. So there is one
child or daemon that works, and all are stopped while their parent restarts.
"""

import contextlib
import os
import signal
import time
from pathlib import Path

from tests.oracle.httpd import log_of
from tests.oracle.ld_debug import ENVIRONMENT, read
from tests.real.httpd import Httpd

ALONE = ["StartServers 1", "ServerLimit 1", "MaxRequestWorkers 1"]
DAEMON = [
    "WSGISocketPrefix run/wsgi",
    "WSGIDaemonProcess app threads=1 home=/ {}",
    "WSGIProcessGroup app",
]
RUNNING = "resuming normal operations"
SECONDS = 30


def forking_httpd(modules, names, lines=(), *, home=None, daemon=False, basic=()):
    """Not yet started; /app imports the modules and answers with its process id."""
    imports = "\n".join(f"import {name}" for name in names)
    source = (
        f"import os\n{imports}\n"
        "def application(environ, start_response):\n"
        "    start_response('200 OK', [('Content-Type', 'text/plain')])\n"
        "    return [str(os.getpid()).encode()]\n"
    )
    option = f"python-home={home}" if home else ""
    where = [line.format(option) for line in DAEMON] if daemon else []
    where += [f"WSGIPythonHome {home}"] if home and not daemon else []
    lines = [*ALONE, *lines, *where, "WSGIApplicationGroup %{GLOBAL}"]
    return Httpd(modules, lines, scripts={"app": source}, basic=basic, single=False)


def watched(httpd):
    """The same, and its loader writes a log."""
    httpd.environment |= {**ENVIRONMENT, "LD_DEBUG_OUTPUT": str(log_of(httpd))}
    return httpd


def worker(httpd, other_than=None):
    """Process id of who answers; waits for another one."""
    deadline = time.monotonic() + SECONDS
    while time.monotonic() < deadline:
        try:
            status, body = httpd.get("/app")
        except OSError:
            status, body = 0, ""
        if status == 200 and int(body) != other_than:
            return int(body)
        assert status in {0, 200, 503}, f"{status} {body} {httpd.error_log[-3000:]}"
        time.sleep(0.05)
    raise AssertionError(f"nobody answers: {httpd.error_log[-3000:]}")


def restart(httpd, old):
    """apachectl graceful, with the old processes out of the way; the new worker's process id."""
    count, children = httpd.error_log.count(RUNNING), children_of(httpd.pid)
    for one in children:
        os.kill(one, signal.SIGSTOP)
    os.kill(httpd.pid, signal.SIGUSR1)
    deadline = time.monotonic() + SECONDS
    while httpd.error_log.count(RUNNING) == count:
        assert time.monotonic() < deadline, httpd.error_log[-3000:]
        time.sleep(0.05)
    for one in children:
        with contextlib.suppress(ProcessLookupError):
            os.kill(one, signal.SIGKILL)
    return worker(httpd, old)


def children_of(pid):
    return [int(one) for one in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def worker_record(httpd, restarts=0):
    """What the worker's loader did, from the start of its parent on, after so many restarts."""
    pid = worker(httpd)
    for _ in range(restarts):
        pid = restart(httpd, pid)
    return read(log_of(httpd), httpd.pid, str(httpd.binary), pid)
