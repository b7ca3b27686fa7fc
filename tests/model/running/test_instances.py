"""Which processes are one httpd, and which planned start it is."""

import pytest

from hostprobe.facts.httpd import HttpdBuild, HttpdStart
from hostprobe.model.running.instances import joined, live_httpds
from hostprobe.model.running.processes import Role, running, started
from tests.model.linked_host import CONFIG, HTTPD
from tests.model.memory_files import MemoryFiles
from tests.model.running.builder import COMMAND, process, processes

ROOT = "/etc/apache2"
BUILD = HttpdBuild("2.4.71", ROOT, "apache2.conf", ())
FILES = MemoryFiles({HTTPD: BUILD, CONFIG: "", "/srv/other.conf": "", "/bin/sh": b"#!"})
PLANNED = HttpdStart(HTTPD, CONFIG, ROOT, environment={"A": "b"}, origin="apache2ctl")


def alive(*found):
    return live_httpds(FILES, processes(*found))


def started_with(*words, **changes):
    (one,) = alive(process(7, command=(HTTPD, *words), **changes)).all
    return one.start


def test_children_and_daemons_belong_to_their_parent():
    family = (process(7), process(8, parent=7), process(9, parent=8), process(20))
    first, second = alive(*family).all
    assert [one.pid for one in first.processes] == [7, 8, 9]
    assert [one.pid for one in second.processes] == [20]
    assert alive(*family).of_pid(9) is not None
    assert alive(*family).of_pid(10) is None


def test_the_binary_says_what_the_command_line_leaves_open():
    start = started_with("-k", "start")
    assert (start.config_file, start.server_root, start.origin) == (CONFIG, ROOT, "pid 7")


def test_the_command_line_wins():
    words = ("-d", "/srv", "-f", "other.conf", "-DA", "-D", "B", "-c", "Listen 1", "-CUser x")
    start = started_with(*words, environment={"X": "y"})
    assert (start.config_file, start.server_root) == ("/srv/other.conf", "/srv")
    assert (start.defines, start.before, start.after) == (("A", "B"), ("User x",), ("Listen 1",))
    assert start.environment == {"X": "y"}


@pytest.mark.parametrize(
    "words", [("-t",), ("-f", "x", "-S"), ("-k", "graceful"), ("-k", "stop"), ("-v",)]
)
def test_an_errand_is_no_server(words):
    assert alive(process(7, command=(HTTPD, *words))).all == ()


def test_another_program_of_that_name_is_no_server():
    found = live_httpds(
        MemoryFiles({"/opt/httpd": b"not Apache"}), processes(process(7, program="/opt/httpd"))
    )
    assert found.all == ()
    assert [one.pid for one in found.others] == [7]


def test_a_container_is_a_note_and_no_instance():
    found = alive(process(7, is_contained=True))
    assert found.all == ()
    assert "process 7" in found.notes[0].lower()


def test_an_orphan_belongs_to_the_httpd_that_was_started_like_it():
    orphan = process(5, session=3)
    (one,) = alive(orphan, process(7)).all
    assert [each.pid for each in one.processes] == [7, 5]
    assert [each.role for each in running(one.processes, ()).processes] == [
        Role.PARENT,
        Role.ORPHAN,
    ]


def test_orphans_alone_are_one_httpd():
    assert [one.pid for one in alive(process(5, session=3), process(6, session=3)).all[0].processes]
    assert len(alive(process(5, session=3), process(6, session=3)).all) == 1


@pytest.mark.parametrize(
    "words",
    [
        (),
        ("-k", "start"),
        ("-DFOREGROUND",),
        ("-X",),
        ("-f", CONFIG),
        ("-f", "apache2.conf", "-D", "NO_DETACH"),
        ("-d", "/etc/apache2/"),
    ],
)
def test_a_start_like_the_planned_one_is_the_same_instance(words):
    found = alive(process(7, command=(HTTPD, *words))).all
    assert list(joined(FILES, (PLANNED,), found)) == [(PLANNED, found[0])]


@pytest.mark.parametrize(
    "words", [("-f", "/srv/other.conf"), ("-d", "/srv"), ("-D", "SSL"), ("-c", "Listen 81")]
)
def test_another_configuration_is_one_more_instance(words):
    (one,) = alive(process(7, command=(HTTPD, *words))).all
    assert list(joined(FILES, (PLANNED,), (one,))) == [(PLANNED, None), (one.start, one)]


def test_a_second_httpd_with_the_planned_configuration_is_not_the_same():
    first, second = alive(process(7), process(9)).all
    assert list(joined(FILES, (PLANNED,), (first, second))) == [
        (PLANNED, first),
        (second.start, second),
    ]


@pytest.mark.parametrize(
    ("sockets", "role", "group"),
    [
        ((), Role.CHILD, None),
        (("/run/wsgi.7.0.1.sock",), Role.DAEMON, "shop"),
        (("/run/wsgi.7.3.2.sock",), Role.DAEMON, "blog"),
        (("/run/wsgi.7.0.9.sock",), Role.DAEMON, None),
        (("/run/cgisock.7",), Role.CHILD, None),
    ],
)
def test_a_daemon_holds_the_listener_of_its_group(sockets, role, group):
    child = process(8, parent=7, sockets=sockets)
    listeners = ("/run/wsgi.7.0.1.sock", "/run/wsgi.7.0.2.sock")
    parent, other = running((process(7, sockets=listeners), child), ("shop", "blog")).processes
    assert parent.role is Role.PARENT
    assert (other.role, other.group) == (role, group)


def test_a_start_is_told_to_the_second():
    assert started(process(7, command=COMMAND, started=1.6e9)) == "2020-09-13T12:26:40Z"
