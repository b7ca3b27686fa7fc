"""Random graphs of small libraries, opened and closed at random, judged by glibc.

`python -m tests.fuzz.synthetic --seeds 0-999`; FUZZ_KEEP=folder leaves one seed's files there.
"""

import atexit
import os
import shutil
import tempfile
from functools import cache
from pathlib import Path
from random import Random

from hostprobe.facts.plan import Close, Open, OpenFlags, Plan
from tests.fuzz.assembler import UnlinkableError, build
from tests.fuzz.graph import chance, random_graph
from tests.fuzz.judge import compile_driver, judge
from tests.fuzz.seeds import exit_with

NAME = "tests.fuzz.synthetic"
FLAGS = {OpenFlags.GLOBAL: 0.45, OpenFlags.DEEPBIND: 0.15, OpenFlags.NODELETE: 0.06}
NOLOAD = 0.08


def judge_seed(seed):
    keep = os.environ.get("FUZZ_KEEP")
    if keep:
        return judge_in(seed, Path(keep))
    with tempfile.TemporaryDirectory(prefix="graph") as directory:
        return judge_in(seed, Path(directory))


def judge_in(seed, directory):
    random = Random(seed)
    graph = linked_graph(random, directory)
    environment = {
        name: value.replace("{d}", str(directory)) for name, value in graph.environment.items()
    }
    operations = tuple(random_operations(random, graph, directory))
    return judge(Plan(str(directory / "main"), operations, environment), directory)


def linked_graph(random, directory):
    """The first graph that the linker has no objection to: about one of thirty it refuses."""
    while True:
        graph = random_graph(random)
        try:
            build(graph, directory, driver(pie=graph.pie))
        except UnlinkableError:
            for path in directory.iterdir():
                shutil.rmtree(path) if path.is_dir() else path.unlink()
        else:
            return graph


@cache
def driver(*, pie):
    """Words for gcc: the compiled driver and how to link it."""
    directory = Path(tempfile.mkdtemp(prefix="driver"))
    atexit.register(shutil.rmtree, directory)
    target = directory / "driver.o"
    how = ("-fPIE",) if pie else ("-fno-pie",)
    compile_driver(target, "-c", *how)
    return ("-pie" if pie else "-no-pie", str(target))


def random_operations(random, graph, directory):
    paths = [*graph.files, *(path for path, _ in (*graph.links, *graph.copies))]
    opened = []
    for _ in range(random.randint(3, 14)):
        if opened and chance(random, 0.35):
            yield Close(random.choice(opened))
            continue
        path = random_name(random, paths, directory)
        opened.append(path)
        yield Open(path, random_flags(random))


def random_name(random, paths, directory):
    path = random.choice(paths)
    draw = random.random()
    if draw < 0.03:
        return ""
    if draw < 0.05:
        return f"{directory}/no/such.so"
    return path.rpartition("/")[2] if draw < 0.25 else f"{directory}/{path}"


def random_flags(random):
    if chance(random, 0.01):
        return OpenFlags.GLOBAL
    flags = random.choice((OpenFlags.NOW, OpenFlags.LAZY))
    for flag, probability in FLAGS.items():
        flags |= flag if chance(random, probability) else 0
    return flags | OpenFlags.NOLOAD if chance(random, NOLOAD) else flags


if __name__ == "__main__":
    exit_with(judge_seed, NAME)
