"""Symbol versions, one graph each; every claim is the real ld.so's."""

import pytest

from hostprobe.model.loader.objects import FailureKind
from tests.oracle.scenario import (
    GLOBAL,
    Object,
    Scenario,
    all_ways,
    check,
    defines,
    opens,
    user,
)

pytestmark = pytest.mark.real

ONE, TWO = Object("one.so", defines("f")), Object("two.so", defines("f"))


def versioned(file, script, source, **more):
    return Object(file, source, versions=script, **more)


OLD_AND_NEW = (
    "int f_old(void) { return 1; } int f_new(void) { return 2; }\n"
    '__asm__(".symver f_old,f@V1"); __asm__(".symver f_new,f@@V2");'
)
THREE = OLD_AND_NEW + (
    "int f_third(void) { return 3; } int g_old(void) { return 1; }\n"
    '__asm__(".symver f_third,f@V3"); __asm__(".symver g_old,g@V3");'
)
V1_V2 = "V1 { }; V2 { } V1;"
V1_V2_V3 = "V1 { }; V2 { } V1; V3 { } V2;"
VERSIONED_F = versioned("libx.so", "V1 { global: f; local: *; };", defines("f"))
LIB = "b/libx.so"
NEEDS_F = user("ext.so", LIB, all_ways("f"))

VERSIONS = {
    "a default and an old version side by side": Scenario(
        (
            versioned("libx.so", V1_V2, OLD_AND_NEW),
            user("ext.so", "libx.so", all_ways("f")),
            user("old.so", "libx.so", all_ways("f_one") + '__asm__(".symver f_one,f@V1");'),
            Object("plain.so", all_ways("f")),
        ),
        (opens("libx.so", GLOBAL), opens("ext.so"), opens("old.so"), opens("plain.so")),
    ),
    "an unversioned reference takes no third node that is hidden": Scenario(
        (versioned("libx.so", V1_V2_V3, THREE), Object("ext.so", all_ways("f g"))),
        (opens("libx.so", GLOBAL), opens("ext.so")),
        fails=(FailureKind.UNDEFINED_SYMBOL,),
    ),
    "a node of another library with the same name satisfies": Scenario(
        (
            versioned("other.so", "V1 { global: f; local: *; };", defines("f")),
            VERSIONED_F,
            user("ext.so", "libx.so", all_ways("f")),
        ),
        (opens("other.so", GLOBAL), opens("ext.so")),
    ),
    "another node does not satisfy": Scenario(
        (
            versioned("other.so", "V9 { global: f; local: *; };", defines("f")),
            VERSIONED_F,
            user("ext.so", "libx.so", all_ways("f")),
        ),
        (opens("other.so", GLOBAL), opens("ext.so")),
    ),
    "a base definition satisfies a versioned reference": Scenario(
        (
            versioned(
                "other.so", "V9 { global: g; };", defines("f g"), flags=("-Wl,--export-dynamic",)
            ),
            VERSIONED_F,
            user("ext.so", "libx.so", all_ways("f")),
        ),
        (opens("other.so", GLOBAL), opens("ext.so")),
    ),
    "a library that lost its versions ends the process": Scenario(
        (
            versioned(LIB, "V1 { global: f; local: *; };", defines("f")),
            Object("libx.so", defines("f"), flags=("-nostdlib",)),
            NEEDS_F,
        ),
        (opens("ext.so"),),
        fails=(FailureKind.ABORT,),
        aborts=True,
    ),
    "a library that lost its own versions but refers to others goes on": Scenario(
        (
            versioned(LIB, "V1 { global: f; local: *; };", defines("f")),
            Object("libx.so", defines("f")),
            NEEDS_F,
        ),
        (opens("ext.so"),),
    ),
    "a library that lost a node is refused": Scenario(
        (
            versioned(LIB, "V1 { local: *; }; V2 { global: f; } V1;", defines("f")),
            versioned("libx.so", "V1 { global: f; local: *; };", defines("f")),
            NEEDS_F,
        ),
        (opens("ext.so"), opens("libx.so", GLOBAL)),
        fails=(FailureKind.MISSING_VERSION,),
    ),
    "a needed version without a needed library ends the process": Scenario(
        (VERSIONED_F, user("ext.so", "libx.so", all_ways("f"))),
        (opens("libx.so"), opens("ext.so")),
        unneeded=(("ext.so", "libx.so"),),
        fails=(FailureKind.ABORT,),
        aborts=True,
    ),
}


@pytest.mark.parametrize("claim", VERSIONS)
def test_versions(claim, tmp_path):
    check(VERSIONS[claim], tmp_path)
