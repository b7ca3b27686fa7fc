"""Which objects make a stack executable or are refused: the model against two real ld.so."""

import os
import shutil
import struct
import subprocess

import pytest

from hostprobe.collect.files import LiveFiles
from hostprobe.facts.plan import Open, OpenFlags, Plan
from hostprobe.model.loader.process import simulate
from tests.real.build import cached, run
from tests.real.release_debs import of_release

pytestmark = pytest.mark.real
LIBRARIES, LD_SO = "usr/lib/x86_64-linux-gnu", "ld-linux-x86-64.so.2"
DRIVER = r"""
#include <dlfcn.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
int main(int count, char **names) {
    char line[4096];
    int proc = 9;
    if (!dlopen(names[1], RTLD_NOW)) { puts(dlerror()); return 1; }
    for (FILE *maps = fdopen(openat(proc, "self/maps", 0), "r"); fgets(line, sizeof line, maps);)
        if (strstr(line, "[stack]")) puts(strstr(line, "rwx") ? "executable" : "ordinary");
    return 0;
}
"""
PT_GNU_STACK = 0x6474E551
KINDS = {"asks": "execstack", "plain": "noexecstack", "without": "noexecstack"}


def root_of(suite):
    """A root with the libraries of a release, the driver and an object of each kind in /t."""

    def make(directory):
        source = of_release(suite, "libc6") if suite else None
        libraries = directory / LIBRARIES
        libraries.mkdir(parents=True)
        for name in ("libc.so.6", LD_SO):
            found = f"/{LIBRARIES}/{name}" if source is None else next(source.rglob(name))
            shutil.copy(found, libraries)
        (directory / "lib").symlink_to("usr/lib")
        (directory / "lib64").symlink_to(LIBRARIES)
        place = directory / "t"
        place.mkdir()
        (place / "driver.c").write_text(DRIVER)
        run("gcc", "-o", place / "driver", place / "driver.c")
        (place / "empty.c").write_text("int nothing;\n")
        for kind, flag in KINDS.items():
            built = place / f"{kind}.so"
            run("gcc", "-shared", "-fPIC", f"-Wl,-z,{flag}", "-o", built, place / "empty.c")
        without_header(place / "without.so")

    return cached(f"stack-{suite or 'host'}", f"{DRIVER}{suite}", make)


def without_header(path):
    """Turn PT_GNU_STACK into PT_NULL."""
    data = bytearray(path.read_bytes())
    (start,), (count,) = struct.unpack_from("<Q", data, 32), struct.unpack_from("<H", data, 56)
    for at in range(start, start + 56 * count, 56):
        if struct.unpack_from("<I", data, at)[0] == PT_GNU_STACK:
            struct.pack_into("<I", data, at, 0)
    path.write_bytes(data)


def enter(root):
    """Become a process of the root that can still read /proc, at descriptor 9."""
    os.dup2(os.open("/proc", os.O_RDONLY), 9)
    os.chroot(root)
    os.chdir("/")


@pytest.mark.parametrize("suite", ["", "trixie"])
@pytest.mark.parametrize("kind", KINDS)
def test_the_model_says_what_ld_so_does(suite, kind):
    root = root_of(suite)
    process = simulate(LiveFiles(str(root)), Plan("/t/driver"))
    process.open(Open(f"/t/{kind}.so", OpenFlags.NOW))
    said = "".join(failure.message for failure in process.failures)
    if not said:
        asking = any(map(process.is_for_executable_stack, process.new_objects))
        said = "executable" if asking else "ordinary"
    done = subprocess.run(
        ["/t/driver", f"/t/{kind}.so"],
        preexec_fn=lambda: enter(root),
        close_fds=False,
        capture_output=True,
        text=True,
        check=False,
    )
    assert said == (done.stdout.strip() or done.stderr.strip())
    assert (suite == "trixie" and kind != "plain") == ("cannot enable executable stack" in said)
