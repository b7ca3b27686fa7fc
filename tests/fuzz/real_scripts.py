"""Random dlopen and dlclose over the real libraries of this machine, judged by glibc.

`python -m tests.fuzz.real_scripts --seeds 0-299`. The modules of httpd find httpd's own functions
in a library that defines their names and nothing else.
"""

import atexit
import shutil
import subprocess
import tempfile
from functools import cache
from pathlib import Path
from random import Random

from hostprobe.collect.files import LiveFiles
from hostprobe.facts.files import Missing
from hostprobe.facts.plan import Close, Open, OpenFlags, Plan
from hostprobe.model.loader.objects import text
from hostprobe.model.loader.process import start
from tests.fuzz.graph import chance
from tests.fuzz.judge import compile_driver, judge
from tests.fuzz.seeds import exit_with
from tests.wheels import wheels_venv

NAME = "tests.fuzz.real_scripts"
SYSTEM = Path("/usr/lib/x86_64-linux-gnu")
HTTPD, MODULES = Path("/usr/sbin/apache2"), Path("/usr/lib/apache2/modules")
DYNLOAD = Path("/usr/lib/python3.11/lib-dynload")
LANGUAGES = ("libpython3.11.so.1.0", "libperl.so.5.36")
"""What extensions expect to find in the global scope; where one is missing they fail in both."""

WEIGHTS = (5, 1, 2, 1, 2)
FLAGS = {OpenFlags.GLOBAL: 0.45, OpenFlags.DEEPBIND: 0.15, OpenFlags.NODELETE: 0.04}

LEFT_OUT = (
    ("sanitizer", "__sanitizer_", "it ends a process that it does not start with"),
    ("sanitizer", "__ubsan_", "it ends a process that it does not start with"),
    ("allocator", "malloc", "a second heap takes what the first one gave"),
    ("profiler", "dlopen", "its own dlopen does more than the one that the driver calls"),
    ("profiler", "__cyg_profile_func_enter", "it writes a log where it is started"),
)
"""(what it is, a name that it defines or how such names begin, why it is not in the pool)."""

C_LIBRARY = {b"libc.so.6", b"ld-linux-x86-64.so.2"}


def left_out(elf):
    """Why no script opens an object; empty: it may be opened."""
    if elf.soname in C_LIBRARY:
        return ""
    for what, name, reason in LEFT_OUT:
        wanted = name.encode()
        if wanted in elf.definitions or (
            name.endswith("_") and any(one.startswith(wanted) for one in elf.definitions)
        ):
            return f"{what}: {reason}"
    return ""


@cache
def workshop():
    """A folder with the driver and httpd's names, gone at the end."""
    directory = Path(tempfile.mkdtemp(prefix="scripts"))
    atexit.register(shutil.rmtree, directory)
    compile_driver(directory / "main")
    if HTTPD.exists():
        define_names(HTTPD, directory)
    return directory


def define_names(program, directory):
    """A library with a function for everything that a program exports, and with its needs."""
    elf = LiveFiles().elf(str(program))
    names = [text(name) for name in elf.definitions]
    needs = [str(SYSTEM / text(name)) for name in elf.needed if name not in C_LIBRARY]
    source = "".join(f".globl {one}\n.type {one},@function\n{one}: ret\n" for one in names)
    (directory / "names.s").write_text(source + '.section .note.GNU-stack,"",@progbits\n')
    subprocess.run(["as", "-o", directory / "names.o", directory / "names.s"], check=True)
    target = directory / "httpd-names.so"
    linked = [directory / "names.o", "--no-as-needed", *needs]
    subprocess.run(["ld", "-shared", "-o", target, *linked], check=True)


@cache
def pool():
    """Groups of paths: the libraries, their plugins, modules, extensions, wheels."""
    groups = [
        [*SYSTEM.glob("*.so"), *SYSTEM.glob("*.so.*")],
        [*SYSTEM.glob("*/**/*.so")],
        [*MODULES.glob("*.so")],
        [*DYNLOAD.glob("*.so")],
        [*wheels_venv().rglob("*.so*")],
    ]
    return [sorted(map(str, group)) for group in groups if group]


def preloadable():
    """System libraries without ld.so: glibc divides by zero where it starts with two of them."""
    return [[path for path in pool()[0] if "/ld-linux" not in path]]


@cache
def files():
    """Facts of the whole run: nothing changes the files."""
    return LiveFiles("/")


@cache
def may_open(path):
    """Whether neither it nor what it brings in breaks a rule of the pool."""
    process = start(files(), Plan(str(workshop() / "main")))
    elf = files().elf(path)
    if isinstance(elf, Missing) or left_out(elf):
        return False
    process.open(Open(path, OpenFlags.LAZY))
    return not any(left_out(one.elf) for one in process.objects)


def judge_seed(seed):
    random = Random(seed)
    operations = tuple(random_operations(random))
    environment = {}
    if chance(random, 0.2):
        environment["LD_PRELOAD"] = random_path(random, preloadable())
    plan = Plan(str(workshop() / "main"), operations, environment)
    with tempfile.TemporaryDirectory(prefix="script") as directory:
        return judge(plan, Path(directory), files(), unpredictable(plan))


def unpredictable(plan):
    """Judge of a run: code of the libraries themselves did something that no file tells."""

    def reason(record, result):
        if result.returncode < 0:
            return f"a library's own code crashed: {record.history[-1:]}"
        if "cannot allocate memory in static TLS block" in result.stdout + result.stderr:
            return "the space for static TLS is used up"
        answers = [one for one in result.stdout.splitlines() if one == "ok" or one[:6] == "error "]
        good = sum(
            isinstance(one, Open) and answer == "ok"
            for one, answer in zip(plan.operations, answers, strict=False)
        )
        callers = sorted({name for name in record.callers.values() if name != plan.main})
        opened = [name for step, name in record.history if step == "open" and name != plan.main]
        if callers or good != len(opened):  # dlopen(NULL) changes nothing
            return f"a constructor calls dlopen: {callers or opened}"
        return ""

    return reason


def random_operations(random):
    for path in (str(workshop() / "httpd-names.so"), *LANGUAGES):
        if chance(random, 0.6):
            yield Open(path, OpenFlags.NOW | OpenFlags.GLOBAL)
    opened = []
    for _ in range(random.randint(4, 16)):
        if opened and chance(random, 0.35):
            yield Close(random.choice(opened))
            continue
        path = random_path(random, pool())
        path = path.rpartition("/")[2] if chance(random, 0.15) else path
        opened.append(path)
        yield Open(path, random_flags(random))


def random_path(random, groups):
    while True:
        (group,) = random.choices(groups, WEIGHTS[: len(groups)])
        path = random.choice(group)
        if may_open(path):
            return path


def random_flags(random):
    flags = random.choice((OpenFlags.NOW, OpenFlags.LAZY))
    for flag, probability in FLAGS.items():
        flags |= flag if chance(random, probability) else 0
    return flags


if __name__ == "__main__":
    exit_with(judge_seed, NAME)
