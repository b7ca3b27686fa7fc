"""Malloc arenas as glibc makes them."""

import pytest

from hostprobe.model.memory.arenas import HEAP, arenas


@pytest.mark.parametrize(
    ("others", "processors", "count"),
    [(0, 2, 0), (1, 2, 1), (15, 2, 15), (42, 2, 15), (42, 1, 8), (42, 64, 42), (600, 64, 511)],
)
def test_each_thread_makes_one_until_there_are_enough(others, processors, count):
    found = arenas(others, processors, {})
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
    assert arenas(17, 2, environment).count == count
