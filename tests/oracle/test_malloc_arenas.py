"""The real malloc makes the arenas that the model counts, and the real stacks have the size."""

import os
import re
import resource
import subprocess
from functools import cache, partial
from pathlib import Path

import pytest

from hostprobe.model.memory.arenas import arenas
from hostprobe.model.memory.stacks import glibc_stack
from hostprobe.model.memory.start_limits import Limit
from hostprobe.parse.kernel import parse_online_processors
from hostprobe.parse.limits import parse_arena_heaps
from tests.real.build import cached, run

pytestmark = pytest.mark.real
PROGRAM = r"""
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
static pthread_barrier_t barrier;
static void *thread(void *unused) {
    void *volatile taken = malloc(100);
    pthread_barrier_wait(&barrier);
    pause();
    return taken;
}
int main(int count, char **words) {
    char line[512];
    int number = atoi(words[1]);
    pthread_t one;
    pthread_barrier_init(&barrier, NULL, number + 1);
    for (int made = 0; made < number; made++) pthread_create(&one, NULL, thread, NULL);
    pthread_barrier_wait(&barrier);
    FILE *maps = fopen("/proc/self/maps", "r");
    while (fgets(line, sizeof line, maps)) fputs(line, stdout);
    return 0;
}
"""
STACK = re.compile(r" ---p 00000000 00:00 0 *\n([0-9a-f]+)-([0-9a-f]+) rw-p ")
PROCESSORS = parse_online_processors(Path("/sys/devices/system/cpu/online").read_bytes()).count


@cache
def program():
    def make(directory):
        (directory / "threads.c").write_text(PROGRAM)
        run("gcc", "-O1", "-o", directory / "threads", directory / "threads.c", "-pthread")

    return cached("threads", PROGRAM, make) / "threads"


def maps(number, environment=None, stack=None):
    """/proc/self/maps of a process with so many threads besides the main one."""
    limit = None if stack is None else partial(limit_stack, stack)
    return subprocess.run(
        [program(), str(number)], env=environment or {}, preexec_fn=limit, capture_output=True,
        check=True, timeout=60,
    ).stdout  # fmt: skip


def limit_stack(size):
    resource.setrlimit(resource.RLIMIT_STACK, (size, resource.getrlimit(resource.RLIMIT_STACK)[1]))


@pytest.mark.parametrize("number", [1, 5, 40])
@pytest.mark.parametrize(
    "environment",
    [
        {},
        {"MALLOC_ARENA_MAX": "1"},
        {"MALLOC_ARENA_MAX": "2"},
        {"MALLOC_ARENA_MAX": "0"},
        {"GLIBC_TUNABLES": "glibc.malloc.arena_max=3"},
        {"GLIBC_TUNABLES": "glibc.malloc.arena_max=3", "MALLOC_ARENA_MAX": "2"},
    ],
    ids=str,
)
def test_malloc_makes_as_many_arenas(number, environment):
    found = parse_arena_heaps(maps(number, environment)).count
    assert found == arenas(number, PROCESSORS, environment).count


@pytest.mark.parametrize("size", [8 << 20, 512 << 10, 100_000, resource.RLIM_INFINITY])
def test_threads_have_stacks_of_the_limit(size):
    if resource.getrlimit(resource.RLIMIT_STACK)[1] not in (resource.RLIM_INFINITY, size):
        pytest.skip("the hard limit of stacks is lower here")
    limit = Limit(None if size == resource.RLIM_INFINITY else size, "")
    text = os.fsdecode(maps(5, stack=size))
    sizes = [int(end, 16) - int(start, 16) for start, end in STACK.findall(text)]
    assert sizes.count(glibc_stack(limit).size) >= 5
