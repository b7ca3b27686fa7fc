"""When httpd last read its configuration, and what was changed since."""

from dataclasses import replace

import pytest

from hostprobe.facts.files import Stat
from hostprobe.facts.httpd import Configuration, Directive, HttpdBuild, HttpdStart, Where
from hostprobe.model.instance import Instance
from hostprobe.model.running.changed_files import SECOND, last_reading, pid_file
from hostprobe.model.running.processes import running
from tests.model.memory_files import MemoryFiles
from tests.model.running.builder import process

MAIN, SITE, PID = "/etc/apache2/apache2.conf", "/etc/apache2/sites/a.conf", "/run/apache2.pid"
STARTED = 1000
BUILD = HttpdBuild("2.4.71", "/usr/local/apache2", None, ())


class DatedFiles(MemoryFiles):
    """Every path with the second of its last change."""

    def stat(self, path):
        found = super().stat(path)
        seconds = self.contents.get(path, 0)
        return replace(found, mtime_ns=seconds * SECOND) if isinstance(found, Stat) else found


def instance(*directives, build=BUILD):
    lines = tuple(Directive(name, raw, Where(MAIN, 1, 1)) for name, raw in directives)
    start = HttpdStart("/usr/sbin/apache2", MAIN, "/etc/apache2")
    configuration = Configuration(start, lines, (), (MAIN, SITE), ())
    return Instance(MAIN, build, configuration, (), ())


def reading(**dates):
    names = {"main": MAIN, "site": SITE, "pid": PID, "folder": "/etc/apache2/sites"}
    files = DatedFiles({names[name]: date for name, date in dates.items()})
    processes = running([process(7, started=float(STARTED))], ())
    return last_reading(files, instance(("PidFile", PID)), processes)


@pytest.mark.parametrize(
    ("dates", "at", "changed"),
    [
        ({"main": 900, "site": 999, "pid": 1000}, 1000, ()),
        ({"main": 900, "site": 1001, "pid": 1000}, 1000, (SITE,)),
        ({"main": 1001, "site": 1001, "pid": 1000}, 1000, (MAIN, SITE)),
        ({"main": 1001, "site": 900, "pid": 1200}, 1200, ()),
        ({"main": 900, "site": 1300, "pid": 1200}, 1200, (SITE,)),
        ({"main": 900, "site": 999}, 1000, ()),
        ({"main": 900, "site": 999, "pid": 5}, 1000, ()),
    ],
    ids=["nothing", "a site", "both", "reloaded since", "after a reload", "no pid file", "old one"],
)
def test_a_file_is_changed_if_it_is_newer_than_the_last_reading(dates, at, changed):
    found = reading(**dates)
    assert (found.at, found.changed) == (at, changed)


def test_an_exchanged_entry_shows_in_its_directory():
    found = reading(main=900, site=900, pid=1000, folder=1001)
    assert found.changed == ("/etc/apache2/sites/",)
    assert found.rests_on(f"see {SITE}:3") == ("/etc/apache2/sites/",)
    assert found.rests_on(f"see {MAIN}:3") == ()


@pytest.mark.parametrize(
    ("directives", "path"),
    [
        ((), "/usr/local/apache2/logs/httpd.pid"),
        ((("PidFile", "run/httpd.pid"),), "/etc/apache2/run/httpd.pid"),
        ((("PidFile", PID),), PID),
        ((("PidFile", PID), ("PidFile", "/run/b.pid")), "/run/b.pid"),
    ],
)
def test_the_pid_file_is_that_of_the_last_directive(directives, path):
    assert pid_file(instance(*directives)) == path
