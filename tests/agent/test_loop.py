"""The agent without a process around it; tests/cli/test_agent.py has a running one."""

import errno
import os

from hostprobe.agent.counters import Counters
from hostprobe.agent.journal import Kind
from hostprobe.agent.loop import Agent, Deeds
from hostprobe.agent.notify import Supervisor
from hostprobe.facts.settings import Settings


class Told:
    """A journal that remembers."""

    def __init__(self):
        self.entries = []

    def tell(self, kind, _priority, message, _fields=None):
        self.entries.append((kind, message))


def test_a_full_disk_is_told_as_such_and_not_as_a_limit_of_watches():
    def store(_counters):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    journal, supervisor = Told(), Supervisor({})
    deeds = Deeds(read_settings=Settings, scan=lambda _: {}, store=store)
    agent = Agent(Settings(), deeds, Counters(), supervisor, journal, 0.0)
    try:
        agent.save("Last scan.")
    finally:
        agent.watch.close()
        supervisor.close()
    message = "agent.json cannot be written: no space left on device"
    assert journal.entries == [(Kind.SCAN_FAILED, message)]
