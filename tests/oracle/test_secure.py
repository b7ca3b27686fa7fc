"""Secure-execution mode: the real ld.so ignores LD_LIBRARY_PATH exactly where it is predicted."""

import os
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from hostprobe.collect.files import LiveFiles
from hostprobe.facts.httpd import HttpdStart
from hostprobe.facts.plan import Plan
from hostprobe.model.httpd.secure import is_secure, secured
from hostprobe.model.loader.process import start
from tests.real.build import run, shared_object
from tests.real.httpd import public_directory

pytestmark = [
    pytest.mark.real,
    pytest.mark.skipif(os.geteuid() != 0, reason="only root makes set-user-ID programs"),
]

PROGRAM = """
#include <stdio.h>
#include <sys/auxv.h>
int which(void);
int main(void) { printf("%d %lu", which(), getauxval(AT_SECURE)); return 0; }
"""
WHICH = "int which(void) { return %d; }"
CASES = {
    "plain, by root": (0o755, 0, 0, "", "root"),
    "set-user-ID root, by root": (0o4755, 0, 0, "", "root"),
    "set-user-ID, by root": (0o4755, 33, 0, "", "root"),
    "set-group-ID root, by root": (0o2755, 0, 0, "", "root"),
    "set-group-ID, by root": (0o2755, 0, 33, "", "root"),
    "capabilities, by root": (0o755, 0, 0, "cap_net_bind_service=ep", "root"),
    "plain, by a user": (0o755, 0, 0, "", "www-data"),
    "set-user-ID root, by a user": (0o4755, 0, 0, "", "www-data"),
    "capabilities, by a user": (0o755, 0, 0, "cap_net_bind_service=ep", "www-data"),
    "capabilities not raised, by a user": (0o755, 0, 0, "cap_net_bind_service=p", "www-data"),
    "inheritable capabilities, by a user": (0o755, 0, 0, "cap_net_bind_service=i", "www-data"),
}


@pytest.fixture(scope="module")
def directory():
    """A program, the library that it finds by its RUNPATH (1), and another by the variable (2)."""
    root = public_directory()
    for number, folder in ((1, "own"), (2, "other")):
        source = shared_object("libwhich.so", WHICH % number, "-Wl,-soname,libwhich.so")
        (root / folder).mkdir()
        shutil.copy(source, root / folder)
    (root / "main.c").write_text(PROGRAM)
    path = f"-Wl,--enable-new-dtags,-rpath,{root}/own"
    run("gcc", "-o", root / "main", root / "main.c", f"-L{root}/own", "-lwhich", path)
    yield root
    shutil.rmtree(root)


def prepared(directory, mode, uid, gid, capabilities):
    program = directory / "copy"
    program.unlink(missing_ok=True)
    shutil.copy(directory / "main", program)
    os.chown(program, uid, gid)
    if capabilities:
        run("setcap", capabilities, program)
    program.chmod(mode)
    return program


def answer(program: Path, user, environment):
    """(which library, whether AT_SECURE is set)."""
    by = ["setpriv", f"--reuid={user}", f"--regid={user}", "--clear-groups"]
    words = ["env", *(f"{name}={value}" for name, value in environment.items()), str(program)]
    done = subprocess.run([*by, *words], capture_output=True, text=True, check=True)
    which, secure = done.stdout.split()
    return int(which), secure == "1"


def predicted(program, user, environment):
    files = LiveFiles()
    one = HttpdStart(str(program), "/none", "/", environment=environment)
    one = replace(one, user=user)
    process = start(files, Plan(str(program), environment=secured(files, one).environment))
    (library,) = (each.path for each in process.objects if each.soname == "libwhich.so")
    return (2 if "/other/" in library else 1), is_secure(files, one)


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("name", ["LD_LIBRARY_PATH", "LD_PRELOAD"])
def test_the_library_is_the_one_that_ld_so_takes(case, name, directory):
    mode, uid, gid, capabilities, user = CASES[case]
    program = prepared(directory, mode, uid, gid, capabilities)
    value = f"{directory}/other" + ("/libwhich.so" if name == "LD_PRELOAD" else "")
    environment = {name: value}
    assert predicted(program, user, environment) == answer(program, user, environment)


def test_a_trusted_name_is_preloaded_all_the_same(directory):
    program = prepared(directory, 0o4755, 0, 0, "")
    library = Path("/usr/lib/x86_64-linux-gnu/libhostprobe-which.so")
    shutil.copy(directory / "other/libwhich.so", library)
    try:
        for mode in (0o755, 0o4755):
            library.chmod(mode)
            environment = {"LD_PRELOAD": library.name}
            expected = answer(program, "www-data", environment)
            assert expected == ((2 if mode == 0o4755 else 1), True)
            one = HttpdStart(str(program), "/none", "/", environment=environment, user="www-data")
            kept = secured(LiveFiles(), one).environment
            assert kept == (environment if mode == 0o4755 else {})
    finally:
        library.unlink()
