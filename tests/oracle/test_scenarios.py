"""Rules of the loader, one graph each; every claim is what the real ld.so does with that graph."""

import pytest

from hostprobe.model.loader.objects import FailureKind
from tests.oracle.scenario import (
    GLOBAL,
    Object,
    Scenario,
    calls,
    check,
    closes,
    defines,
    opens,
    user,
)

pytestmark = pytest.mark.real

ORIGIN = "-Wl,-rpath,$ORIGIN"
RPATH = (ORIGIN, "-Wl,--disable-new-dtags")
SHARED_A = Object("liba.so", defines("a"))
SHARED_B = Object("libb.so", defines("b"))


def rpath(directory, *, old=True):
    return (f"-Wl,-rpath,{directory}", f"-Wl,--{'disable' if old else 'enable'}-new-dtags")


SEARCH = {
    "RPATH of a requester serves what its dependencies need": Scenario(
        (
            Object("b/libb.so", defines("b")),
            Object("a/liba.so", calls("b"), links=("b/libb.so",)),
            user("ext.so", "a/liba.so", calls("b"), rpath("$ORIGIN/a:$ORIGIN/b")),
        ),
        (opens("ext.so"),),
    ),
    "RUNPATH serves only the object that has it": Scenario(
        (
            Object("b/libb.so", defines("b")),
            Object("a/liba.so", calls("b"), links=("b/libb.so",)),
            user("ext.so", "a/liba.so", "", rpath("$ORIGIN/a:$ORIGIN/b", old=False)),
        ),
        (opens("ext.so"),),
        fails=(FailureKind.NOT_FOUND,),
    ),
    "RUNPATH of the requester switches every RPATH off": Scenario(
        (
            Object("b/libb.so", defines("b")),
            user("a/liba.so", "b/libb.so", calls("b"), rpath("/nowhere", old=False)),
            user("ext.so", "a/liba.so", "", rpath("$ORIGIN/a:$ORIGIN/b")),
        ),
        (opens("ext.so"),),
        fails=(FailureKind.NOT_FOUND,),
    ),
    "RPATH of the executable serves what an opened object needs": Scenario(
        (Object("b/libb.so", defines("b")), user("ext.so", "b/libb.so", calls("b"), ())),
        (opens("ext.so"),),
        main=Object("main", flags=rpath("$ORIGIN/b")),
    ),
    "LD_LIBRARY_PATH stands behind RPATH": Scenario(
        (
            Object("p/libb.so", defines("b")),
            Object("b/libb.so", defines("b")),
            user("ext.so", "b/libb.so", calls("b"), rpath("$ORIGIN/b")),
        ),
        (opens("ext.so"),),
        environment={"LD_LIBRARY_PATH": "/nowhere:{d}/p"},
    ),
    "LD_LIBRARY_PATH stands before RUNPATH": Scenario(
        (
            Object("p/libb.so", defines("b")),
            Object("b/libb.so", defines("b")),
            user("ext.so", "b/libb.so", calls("b"), rpath("$ORIGIN/b", old=False)),
        ),
        (opens("ext.so"),),
        environment={"LD_LIBRARY_PATH": "/nowhere;{d}/p/"},
    ),
    "origin is where a link stands and not where it points": Scenario(
        (
            Object("b/libb.so", defines("b")),
            user("deep/real/ext.so", "b/libb.so", calls("b"), rpath("$ORIGIN/../b")),
        ),
        (opens("links/ext.so"),),
        shell="mkdir links; ln -s ../deep/real/ext.so links/ext.so",
    ),
    "the executable's origin is the real one": Scenario(
        (SHARED_B,),
        (opens("libb.so"),),
        main=Object("real/main", calls("b"), links=("libb.so",), flags=rpath("${ORIGIN}/..")),
        shell="ln -s real/main main",
    ),
    "a dlopen without slash searches the caller's RUNPATH": Scenario(
        (Object("b/libb.so", defines("b")),),
        (opens("libb.so"),),
        main=Object("main", flags=rpath("/nowhere:$ORIGIN/b", old=False)),
    ),
    "a capability directory stands before its parent": Scenario(
        (
            Object("b/libb.so", defines("b")),
            Object("b/glibc-hwcaps/x86-64-v2/libb.so", defines("b")),
            user("ext.so", "b/libb.so", calls("b"), rpath("$ORIGIN/b")),
        ),
        (opens("ext.so"),),
    ),
    "a legacy capability directory is still searched by 2.36": Scenario(
        (
            Object("b/libb.so", defines("b")),
            Object("b/tls/x86_64/libb.so", defines("b")),
            user("ext.so", "b/libb.so", calls("b"), rpath("$ORIGIN/b")),
        ),
        (opens("ext.so"),),
    ),
    "$LIB is the multiarch directory": Scenario(
        (
            Object("lib/x86_64-linux-gnu/libb.so", defines("b")),
            user("ext.so", "lib/x86_64-linux-gnu/libb.so", calls("b"), rpath("$ORIGIN/$LIB")),
        ),
        (opens("ext.so"),),
    ),
    "a bare name comes from ld.so.cache": Scenario((), (opens("libz.so.1"),)),
    "nodefaultlib leaves a system library unfound": Scenario(
        (user("ext.so", "", "", ("-Wl,-z,nodefaultlib", "-nostdlib", "-l:libz.so.1")),),
        (opens("ext.so"),),
        fails=(FailureKind.NOT_FOUND,),
    ),
    "another class is passed over": Scenario(
        (
            Object("b/libb.so", defines("b")),
            user("ext.so", "b/libb.so", calls("b"), rpath("$ORIGIN/c:$ORIGIN/b")),
        ),
        (opens("ext.so"),),
        shell="mkdir c; echo 'int b;' | gcc -m32 -nostdlib -shared -xc - -o c/libb.so",
    ),
    "another class alone is an error": Scenario(
        (Object("b/libb.so"), user("ext.so", "b/libb.so", "", rpath("$ORIGIN/c"))),
        (opens("ext.so"),),
        shell="mkdir c; echo 'int b;' | gcc -m32 -nostdlib -shared -xc - -o c/libb.so",
        fails=(FailureKind.WRONG_CLASS,),
    ),
    "a linker script ends the search": Scenario(
        (
            Object("b/libb.so", defines("b")),
            user("ext.so", "b/libb.so", calls("b"), rpath("$ORIGIN/c:$ORIGIN/b")),
        ),
        (opens("ext.so"),),
        shell="mkdir c; printf '%70s' 'GROUP ( libb.so )' > c/libb.so",
        fails=(FailureKind.INVALID_HEADER,),
    ),
    "a short file ends the search": Scenario(
        (SHARED_A,),
        (opens("short.so"),),
        shell="printf x > short.so",
        fails=(FailureKind.TOO_SHORT,),
    ),
    "a directory ends the search": Scenario(
        (),
        (opens("b"),),
        shell="mkdir b",
        fails=(FailureKind.IS_DIRECTORY,),
    ),
    "an absent path is reported as it was asked": Scenario(
        (), (opens("./no/such.so"), opens("libno-such.so.7")), fails=(FailureKind.NOT_FOUND,) * 2
    ),
    "a position independent executable cannot be opened": Scenario(
        (Object("pie", flags=("-pie", "-nostartfiles")),),
        (opens("pie"),),
        shell="echo 'int main(void){return 0;}' | gcc -pie -xc - -o pie",
        fails=(FailureKind.IS_EXECUTABLE,),
    ),
    "an executable at a fixed address cannot be opened": Scenario(
        (),
        (opens("exec"),),
        shell="echo 'int main(void){return 0;}' | gcc -no-pie -xc - -o exec",
        fails=(FailureKind.IS_EXECUTABLE,),
    ),
    "an object marked nodlopen cannot be opened": Scenario(
        (Object("ext.so", flags=("-Wl,-z,nodlopen",)),),
        (opens("ext.so"),),
        fails=(FailureKind.NOT_OPENABLE,),
    ),
    "a mode without LAZY and NOW is refused": Scenario(
        (SHARED_A,), (opens("liba.so", "GLOBAL"),), fails=(FailureKind.INVALID_MODE,)
    ),
}

IDENTITY = {
    "a link to a loaded file is the loaded object": Scenario(
        (Object("ext.so", defines("a") + calls("a")),),
        (opens("ext.so"), opens("link.so", GLOBAL), closes("ext.so"), closes("link.so")),
        shell="ln -s ext.so link.so",
    ),
    "a copy of a loaded file is another object": Scenario(
        (Object("ext.so", defines("a") + calls("a"), soname=""),),
        (opens("ext.so", GLOBAL), opens("copy.so")),
        shell="cp ext.so copy.so",
    ),
    "a loaded soname serves every later need of it": Scenario(
        (
            Object("a/libx.so", defines("x")),
            Object("b/libx.so", defines("x y")),
            user("ext.so", "b/libx.so", calls("x"), rpath("$ORIGIN/b")),
        ),
        (opens("a/libx.so"), opens("ext.so")),
    ),
    "a path does not match the soname of another file": Scenario(
        (
            Object("a/libx.so", defines("x")),
            Object("b/libx.so", defines("x y")),
            user("ext.so", "b/libx.so", calls("x y"), rpath("$ORIGIN/b")),
        ),
        (opens("b/libx.so"), opens("a/libx.so", GLOBAL), opens("ext.so")),
    ),
    "closing the first owner of a soname lets the second answer": Scenario(
        (
            Object("a/libx.so", defines("x")),
            Object("b/libx.so", defines("x y")),
            user("ext.so", "b/libx.so", calls("x"), rpath("/nowhere")),
        ),
        (opens("a/libx.so"), opens("b/libx.so"), closes("a/libx.so"), opens("ext.so")),
    ),
    "NOLOAD finds only what is there": Scenario(
        (Object("ext.so", defines("a")),),
        (
            opens("ext.so", "NOW NOLOAD"),
            opens("ext.so"),
            opens("ext.so", "NOW NOLOAD GLOBAL"),
            closes("ext.so"),
        ),
        fails=(FailureKind.NOT_LOADED,),
    ),
    "cyclic needs load once": Scenario(
        (
            Object("libb.so", defines("b")),
            user("liba.so", "libb.so", defines("a") + calls("b")),
            user("libb.so", "liba.so", defines("b") + calls("a")),
            user("ext.so", "liba.so libb.so", calls("a b")),
        ),
        (opens("ext.so"), closes("ext.so"), opens("ext.so"), opens("libb.so")),
    ),
}


@pytest.mark.parametrize("claim", SEARCH)
def test_search(claim, tmp_path):
    check(SEARCH[claim], tmp_path)


@pytest.mark.parametrize("claim", IDENTITY)
def test_identity(claim, tmp_path):
    check(IDENTITY[claim], tmp_path)
