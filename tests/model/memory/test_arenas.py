"""Malloc arenas as glibc makes them."""

import pytest

from hostprobe.model.memory.arenas import HEAP, arenas


@pytest.mark.parametrize(
    ("threads", "processors", "count"),
    [(1, 2, 0), (2, 2, 1), (16, 2, 15), (43, 2, 15), (43, 1, 8), (43, 64, 42), (600, 64, 511)],
)
def test_each_thread_makes_one_until_there_are_enough(threads, processors, count):
    found = arenas(threads, processors, {})
    assert (found.count, found.reserved) == (count, count * HEAP)


@pytest.mark.parametrize(
    ("environment", "count"),
    [
        ({"MALLOC_ARENA_MAX": "2"}, 1),
        ({"MALLOC_ARENA_MAX": "1"}, 0),
        ({"MALLOC_ARENA_MAX": "100"}, 17),
        ({"MALLOC_ARENA_MAX": "0"}, 15),
        ({"MALLOC_ARENA_MAX": "many"}, 15),
        ({"GLIBC_TUNABLES": "glibc.malloc.check=1:glibc.malloc.arena_max=3"}, 2),
        ({"GLIBC_TUNABLES": "glibc.malloc.arena_max=3", "MALLOC_ARENA_MAX": "2"}, 2),
        ({"GLIBC_TUNABLES": "x"}, 15),
    ],
)
def test_the_environment_limits_them(environment, count):
    assert arenas(18, 2, environment).count == count
