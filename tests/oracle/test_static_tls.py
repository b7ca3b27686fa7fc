"""How much static TLS is left: the model against ld.so, byte by byte at the border."""

import os
import subprocess

import pytest

from hostprobe.collect.files import LiveFiles
from hostprobe.facts.plan import Open, OpenFlags, Plan
from hostprobe.model.loader.process import simulate
from hostprobe.model.loader.static_tls import shortage, space_at_start
from tests.real.build import PYTHON, shared_object

pytestmark = pytest.mark.real
OPENING = """
import _ctypes, sys
for path in sys.argv[1:]:
    try:
        _ctypes.dlopen(path, 2)
    except OSError as error:
        print(path, error)
        break
"""
REFUSED = "cannot allocate memory in static TLS block"


def block(size, alignment=1, model="initial-exec"):
    """A library with a block of thread-local variables."""
    source = f"""
        static __thread char block[{size}]
            __attribute__((aligned({alignment}), tls_model("{model}")));
        char *place(void) {{ return block; }}
    """
    return str(shared_object(f"libtls{size}-{alignment}-{model}.so", source))


def predicted(paths, tunables=""):
    """The first path that fails, or None."""
    plan = Plan(PYTHON, environment={"GLIBC_TUNABLES": tunables})
    process = simulate(LiveFiles(), plan)
    space = space_at_start(process.objects, plan.environment)
    opened = []
    for path in paths:
        process.open(Open(path, OpenFlags.NOW))
        opened += process.new_objects
    short = shortage(space, opened)
    return short and short.object.path


def seen(paths, tunables=""):
    """The same by a real interpreter."""
    environment = {"PATH": os.environ["PATH"], "LANG": "C", "GLIBC_TUNABLES": tunables}
    command = [PYTHON, "-c", OPENING, *paths]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    assert not done.stdout or REFUSED in done.stdout
    return done.stdout.partition(" ")[0] or None


def border(tunables=""):
    """The largest block that fits after the start, as the model says."""
    plan = Plan(PYTHON, environment={"GLIBC_TUNABLES": tunables})
    return space_at_start(simulate(LiveFiles(), plan).objects, plan.environment).free


TUNABLES = ("", "glibc.rtld.optional_static_tls=4096", "glibc.rtld.nns=1", "glibc.rtld.nns=99")


@pytest.mark.parametrize("tunables", TUNABLES)
@pytest.mark.parametrize("more", [0, 1])
def test_the_border_is_where_ld_so_has_it(tunables, more):
    paths = [block(border(tunables) + more)]
    assert predicted(paths, tunables) == seen(paths, tunables) == (paths[0] if more else None)


@pytest.mark.parametrize(
    "blocks",
    [
        [(700,), (700,), (200,), (100,)],
        [(1,), (1, 64), (1,), (1, 64), (1500,), (40,)],
        [(64, 64), (1600, 64), (1, 64)],
        [(3, 32), (1500, 16), (100, 8), (13, 1), (64, 64)],
        [(16, 128)],
        [(100_000, 1, "global-dynamic"), (1500,)],
    ],
)
def test_the_first_that_gets_no_space_is_the_one_that_ld_so_refuses(blocks):
    paths = [block(*one) for one in blocks]
    assert predicted(paths) == seen(paths)


def test_a_variable_of_another_library_is_wanted_there():
    owner = shared_object("libowner.so", "__thread char owned[5000];")
    user = shared_object(
        "libuser.so",
        'extern __thread char owned[] __attribute__((tls_model("initial-exec")));\n'
        "char *place(void) { return owned; }",
        str(owner),
        f"-Wl,-rpath,{owner.parent}",
    )
    assert predicted([str(owner)]) is seen([str(owner)]) is None
    assert predicted([str(user)]) == str(owner)
    assert seen([str(user)]) == str(user)
