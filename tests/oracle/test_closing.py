"""Closing and what stays, one graph each; every claim is the real ld.so's."""

import pytest

from hostprobe.model.loader.objects import FailureKind
from tests.oracle.scenario import (
    GLOBAL,
    Object,
    Scenario,
    all_ways,
    calls,
    check,
    closes,
    defines,
    opens,
    takes,
    user,
)

pytestmark = pytest.mark.real

NO_DELETE = ("-Wl,-z,nodelete",)
ONE, TWO = Object("one.so", defines("f")), Object("two.so", defines("f"))


USER = Object("ext.so", all_ways("f"))
CHAIN = (
    Object("libc1.so", defines("deep f")),
    user("libb1.so", "libc1.so", defines("middle") + calls("deep")),
    user("root.so", "libb1.so", defines("top") + calls("middle")),
)

CLOSING = {
    "closing unmaps and opening again binds anew": Scenario(
        (ONE, TWO, USER),
        (
            opens("one.so", GLOBAL),
            opens("ext.so"),
            closes("ext.so"),
            closes("one.so"),
            opens("two.so", GLOBAL),
            opens("ext.so"),
        ),
    ),
    "one close undoes one open": Scenario(
        (ONE, USER),
        (
            opens("one.so", GLOBAL),
            opens("one.so"),
            closes("one.so"),
            opens("ext.so"),
            closes("one.so"),
            closes("ext.so"),
        ),
    ),
    "a binding keeps its provider mapped": Scenario(
        (ONE, USER),
        (opens("one.so", GLOBAL), opens("ext.so"), closes("one.so"), closes("ext.so")),
    ),
    "a provider that is kept stays global": Scenario(
        (ONE, USER, Object("more.so", all_ways("f"))),
        (opens("one.so", GLOBAL), opens("ext.so"), closes("one.so"), opens("more.so")),
    ),
    "DF_1_NODELETE stays": Scenario(
        (Object("one.so", defines("f"), flags=NO_DELETE), TWO, USER),
        (
            opens("two.so", GLOBAL),
            opens("one.so", GLOBAL),
            closes("one.so"),
            closes("two.so"),
            opens("two.so", GLOBAL),
            opens("ext.so"),
        ),
    ),
    "NODELETE of a second open stays": Scenario(
        (ONE, TWO, USER),
        (
            opens("one.so", GLOBAL),
            opens("one.so", "NOW NODELETE"),
            closes("one.so"),
            closes("one.so"),
            opens("ext.so"),
        ),
    ),
    "what a NODELETE object uses stays too": Scenario(
        (ONE, Object("ext.so", all_ways("f"), flags=NO_DELETE)),
        (opens("one.so", GLOBAL), opens("ext.so"), closes("one.so"), closes("ext.so")),
    ),
    "a shared dependency outlives its first root": Scenario(
        (
            Object("libs.so", defines("f") + all_ways("f")),
            user("r1.so", "libs.so", all_ways("f")),
            user("r2.so", "libs.so", all_ways("f")),
        ),
        (opens("r1.so"), opens("r2.so"), closes("r1.so"), opens("libs.so", GLOBAL)),
    ),
    "a survivor whose root went lists itself and its direct needs": Scenario(
        (
            *CHAIN,
            user("root2.so", "libb1.so", calls("middle")),
            Object("ext.so", all_ways("middle")),
            Object("bad.so", all_ways("top")),
        ),
        (
            opens("root.so"),
            opens("root2.so"),
            closes("root.so"),
            opens("libb1.so", GLOBAL),
            opens("ext.so"),
            opens("bad.so"),
        ),
        fails=(FailureKind.UNDEFINED_SYMBOL,),
    ),
    "a failed open leaves nothing behind": Scenario(
        (
            *CHAIN,
            user("bad.so", "root.so", takes("no_such")),
            Object("ext.so", all_ways("top")),
        ),
        (opens("bad.so", GLOBAL), opens("ext.so"), opens("root.so", GLOBAL), opens("ext.so")),
        fails=(FailureKind.UNDEFINED_SYMBOL, FailureKind.UNDEFINED_SYMBOL),
    ),
    "a missing dependency undoes the whole open": Scenario(
        (
            Object("gone.so", defines("g")),
            user("libm1.so", "gone.so", ""),
            user("bad.so", "libm1.so", ""),
            ONE,
        ),
        (opens("bad.so"), opens("one.so"), opens("libm1.so")),
        shell="rm gone.so",
        fails=(FailureKind.NOT_FOUND, FailureKind.NOT_FOUND),
    ),
    "a failed open does not close what was open": Scenario(
        (*CHAIN, user("bad.so", "root.so", takes("no_such"))),
        (opens("libb1.so"), opens("bad.so"), closes("libb1.so")),
        fails=(FailureKind.UNDEFINED_SYMBOL,),
    ),
    "loading, closing and loading again puts survivors first": Scenario(
        (
            ONE,
            Object("stay.so", defines("f"), flags=NO_DELETE),
            user("mod.so", "stay.so", ""),
            USER,
        ),
        (
            opens("one.so", GLOBAL),
            opens("mod.so", GLOBAL),
            closes("mod.so"),
            closes("one.so"),
            opens("one.so", GLOBAL),
            opens("mod.so", GLOBAL),
            opens("ext.so"),
        ),
    ),
    "the program itself is opened by the empty name": Scenario(
        (ONE,), (opens(""), opens("one.so"), closes(""), closes("one.so"))
    ),
    "a dependency of the program is never unmapped": Scenario(
        (ONE, USER),
        (opens("one.so"), closes("one.so"), opens("ext.so")),
        main=user("main", "one.so", calls("f")),
    ),
}


@pytest.mark.parametrize("claim", CLOSING)
def test_closing(claim, tmp_path):
    check(CLOSING[claim], tmp_path)
