"""Processes and threads as the MPMs and mod_wsgi compute them."""

import pytest

from tests.model.memory.host import capacity


def children(text, mpm="event"):
    crew = capacity(text, mpm=mpm).crews[0]
    return crew.processes, crew.threads


@pytest.mark.parametrize(
    ("mpm", "text", "expected"),
    [
        ("prefork", "", (256, 1)),
        ("prefork", "MaxRequestWorkers 5", (5, 1)),
        ("prefork", "MaxClients 5", (5, 1)),
        ("prefork", "MaxRequestWorkers 500", (256, 1)),
        ("prefork", "ServerLimit 500\nMaxRequestWorkers 500", (500, 1)),
        ("prefork", "MaxRequestWorkers 0", (1, 1)),
        ("event", "", (16, 27)),
        ("worker", "", (16, 27)),
        ("event", "ThreadsPerChild 64", (6, 66)),
        ("event", "ThreadsPerChild 100", (6, 66)),
        ("event", "ThreadLimit 100\nThreadsPerChild 100", (4, 102)),
        ("event", "ThreadsPerChild 0", (16, 3)),
        ("event", "MaxRequestWorkers 10", (1, 27)),
        ("event", "MaxRequestWorkers 60", (2, 27)),
        ("event", "MaxRequestWorkers 1000", (16, 27)),
        ("event", "ServerLimit 40\nMaxRequestWorkers 1000", (40, 27)),
        ("event", "ServerLimit 2", (2, 27)),
        ("event", "ThreadsPerChild 10\nThreadsPerChild 20", (16, 22)),
        ("event", "AsyncRequestWorkerFactor 8", (16, 27)),
        ("worker", "ThreadLimit 99999\nThreadsPerChild 99999", (1, 20002)),
    ],
)
def test_children_of_httpd(mpm, text, expected):
    assert children(text, mpm) == expected


@pytest.mark.parametrize(
    ("options", "threads"),
    [
        ("", 18),
        ("threads=5", 8),
        ("threads=5 deadlock-timeout=0", 6),
        ("threads=5 deadlock-timeout=0 inactivity-timeout=60", 7),
        ("threads=5 inactivity-timeout=60", 8),
        ("threads=0", 3),
    ],
)
def test_threads_of_a_daemon(options, threads):
    _, crew = capacity(f"WSGIDaemonProcess shop processes=2 {options}").crews
    assert (crew.group, crew.processes, crew.threads) == ("shop", 2, threads)


def test_mod_wsgi_6_has_a_thread_for_signals():
    one = capacity("WSGIDaemonProcess shop threads=5", mod_wsgi_version="6.0.5")
    assert one.crews[1].threads == 9


def test_children_of_another_mpm_are_not_known():
    assert capacity("WSGIDaemonProcess shop", mpm="itk").crews[0].group == "shop"
