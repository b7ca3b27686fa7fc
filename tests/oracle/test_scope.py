"""Scope and lookup, one graph each; every claim is the real ld.so's."""

import pytest

from hostprobe.model.loader.objects import FailureKind
from tests.oracle.scenario import (
    DEEP,
    GLOBAL,
    NOT_PIE,
    RUNPATH,
    Object,
    Scenario,
    all_ways,
    calls,
    check,
    closes,
    defines,
    opens,
    takes,
    unique,
    user,
)

pytestmark = pytest.mark.real

SYMBOLIC = ("-Wl,-Bsymbolic",)
ONE, TWO = Object("one.so", defines("f")), Object("two.so", defines("f"))
PROTECTED = '__attribute__((visibility("protected")))'


USER = Object("ext.so", all_ways("f"))
SELF = Object("ext.so", defines("f") + all_ways("f"))
CHAIN = (
    Object("libc1.so", defines("deep f")),
    user("libb1.so", "libc1.so", defines("middle") + calls("deep")),
    user("root.so", "libb1.so", defines("top") + calls("middle")),
)

SCOPE = {
    "GLOBAL adds the whole search list": Scenario(
        (*CHAIN, Object("ext.so", all_ways("deep middle top"))),
        (opens("root.so", GLOBAL), opens("ext.so")),
    ),
    "the first added wins and keeps its place": Scenario(
        (ONE, TWO, USER),
        (
            opens("two.so", GLOBAL),
            opens("one.so", GLOBAL),
            opens("two.so", GLOBAL),
            opens("ext.so"),
        ),
    ),
    "a local object hides its symbols": Scenario(
        (ONE, USER), (opens("one.so"), opens("ext.so")), fails=(FailureKind.UNDEFINED_SYMBOL,)
    ),
    "opening again with GLOBAL promotes": Scenario(
        (ONE, TWO, USER),
        (opens("one.so"), opens("two.so", GLOBAL), opens("one.so", GLOBAL), opens("ext.so")),
    ),
    "promotion of a dependency adds its own list": Scenario(
        (*CHAIN, Object("ext.so", all_ways("deep"))),
        (opens("root.so"), opens("libb1.so", GLOBAL), opens("ext.so")),
    ),
    "breadth comes before depth": Scenario(
        (
            Object("deep.so", defines("f")),
            user("first.so", "deep.so", ""),
            Object("second.so", defines("f")),
            user("ext.so", "first.so second.so", all_ways("f")),
        ),
        (opens("ext.so"),),
    ),
    "an object overtaken by a global twin": Scenario(
        (ONE, SELF), (opens("one.so", GLOBAL), opens("ext.so"))
    ),
    "a twin that comes later changes nothing": Scenario(
        (ONE, SELF), (opens("ext.so"), opens("one.so", GLOBAL))
    ),
    "DEEPBIND holds for dependencies too": Scenario(
        (
            ONE,
            Object("libx.so", defines("f") + all_ways("f")),
            user("ext.so", "libx.so", all_ways("f")),
        ),
        (opens("one.so", GLOBAL), opens("ext.so", DEEP)),
    ),
    "DEEPBIND does not change what is loaded already": Scenario(
        (
            ONE,
            Object("libx.so", defines("f") + all_ways("f")),
            user("ext.so", "libx.so", all_ways("f")),
        ),
        (opens("one.so", GLOBAL), opens("libx.so"), opens("ext.so", DEEP)),
    ),
    "DT_SYMBOLIC of a dependency": Scenario(
        (
            ONE,
            Object("libx.so", defines("f") + takes("f g"), flags=SYMBOLIC),
            user("ext.so", "libx.so", all_ways("f") + defines("g")),
        ),
        (opens("one.so", GLOBAL), opens("ext.so")),
    ),
    "DEEPBIND makes DT_SYMBOLIC void": Scenario(
        (
            Object("libx.so", defines("f g")),
            user("ext.so", "libx.so", defines("f") + all_ways("f g"), (*RUNPATH, "-Wl,-z,now")),
        ),
        (opens("ext.so", DEEP),),
    ),
    "a preloaded object stands behind the program alone": Scenario(
        (ONE, Object("libx.so", defines("f g")), user("ext.so", "libx.so", all_ways("f g"))),
        (opens("ext.so"),),
        main=user("main", "libx.so", all_ways("f g")),
        environment={"LD_PRELOAD": "{d}/one.so"},
    ),
    "what cannot be preloaded is passed over": Scenario(
        (ONE, USER),
        (opens("one.so", GLOBAL), opens("ext.so")),
        environment={"LD_PRELOAD": "{d}/none.so {d}/two.so"},
    ),
    "an auxiliary library stands before its filter": Scenario(
        (
            Object("libaux.so", defines("f g")),
            Object("libfilter.so", defines("f"), flags=("-Wl,-f,libaux.so", *RUNPATH)),
            user("ext.so", "libfilter.so", all_ways("f")),
        ),
        (opens("ext.so"),),
    ),
    "a missing auxiliary library is no error": Scenario(
        (
            Object("libfilter.so", defines("f"), flags=("-Wl,-f,libaux.so", *RUNPATH)),
            user("ext.so", "libfilter.so", all_ways("f")),
        ),
        (opens("ext.so"),),
    ),
    "a filter that is loaded already moves before": Scenario(
        (
            Object("libaux.so", defines("f g")),
            Object("libfilter.so", defines("f"), flags=("-Wl,-F,libaux.so", *RUNPATH)),
            user("ext.so", "libfilter.so libaux.so", all_ways("f g")),
        ),
        (opens("ext.so"), closes("ext.so"), opens("libfilter.so"), opens("ext.so")),
    ),
    "interpose marks change nothing here": Scenario(
        (
            Object("libi.so", defines("f"), flags=("-Wl,-z,interpose",)),
            Object("libx.so", defines("f")),
        ),
        main=user("main", "libx.so libi.so", all_ways("f")),
    ),
}

LOOKUP = {
    "data copied into the program is the program's": Scenario(
        (
            Object("libx.so", "int data = 1; int *p = &data;"),
            Object("ext.so", "extern int data; int *q = &data;"),
        ),
        (opens("ext.so"),),
        main=user(
            "main", "libx.so", "extern int data; int read(void) { return data; }", compiled=NOT_PIE
        ),
    ),
    "protected data that the program copies stays with its library": Scenario(
        (Object("libx.so", "int data = 1; int *p = &data;"),),
        main=user(
            "main", "libx.so", "extern int data; int read(void) { return data; }", compiled=NOT_PIE
        ),
        protected=(("libx.so", "data"),),
    ),
    "a protected function has the address of the program's canonical PLT entry": Scenario(
        (Object("libx.so", defines("f") + all_ways("f")),),
        main=user(
            "main",
            "libx.so",
            "extern int f(void); int same(void *p) { return p == (void *)f; }",
            compiled=NOT_PIE,
        ),
        protected=(("libx.so", "f"),),
    ),
    "a protected reference overtaken by a real twin stays at home": Scenario(
        (ONE, Object("ext.so", defines("f") + all_ways("f") + "int d; int *p = &d;")),
        (opens("one.so", GLOBAL), opens("ext.so")),
        protected=(("ext.so", "f"), ("ext.so", "d")),
    ),
    "a canonical PLT entry takes addresses but no calls": Scenario(
        (
            Object("libx.so", defines("f") + all_ways("f")),
            Object("ext.so", all_ways("f")),
        ),
        (opens("ext.so"),),
        main=user(
            "main",
            "libx.so",
            "extern int f(void); int same(void *p) { return p == (void *)f; }",
            compiled=NOT_PIE,
        ),
    ),
    "a protected symbol and a twin": Scenario(
        (ONE, Object("ext.so", f"{PROTECTED} int f(void) {{ return 2; }}" + all_ways("f"))),
        (opens("one.so", GLOBAL), opens("ext.so")),
    ),
    "others see a protected definition": Scenario(
        (Object("lib.so", f"{PROTECTED} int f(void) {{ return 2; }}"), USER),
        (opens("lib.so", GLOBAL), opens("ext.so")),
    ),
    "a weak definition counts like a strong one": Scenario(
        (Object("weak.so", defines("f", "__attribute__((weak))")), ONE, USER),
        (opens("weak.so", GLOBAL), opens("one.so", GLOBAL), opens("ext.so")),
    ),
    "a weak reference may stay unbound": Scenario(
        (Object("ext.so", all_ways("no_such").replace("extern", "extern __attribute__((weak))")),),
        (opens("ext.so"),),
    ),
    "a hidden definition does not exist": Scenario(
        (
            Object("hid.so", defines("f", '__attribute__((visibility("hidden")))')),
            ONE,
            USER,
        ),
        (opens("hid.so", GLOBAL), opens("one.so", GLOBAL), opens("ext.so")),
    ),
    "thread-local symbols": Scenario(
        (
            Object("tls.so", "__thread int t = 1;"),
            Object("ext.so", "extern __thread int t; int *p(void) { return &t; }"),
        ),
        (opens("tls.so", GLOBAL), opens("ext.so")),
    ),
    "indirect functions": Scenario(
        (
            Object(
                "ifunc.so",
                "static int one(void) { return 1; } static void *pick(void) { return one; }\n"
                'int f(void) __attribute__((ifunc("pick")));',
            ),
            USER,
        ),
        (opens("ifunc.so", GLOBAL), opens("ext.so")),
    ),
    "an object with only DT_HASH": Scenario(
        (
            Object("one.so", defines("f g"), flags=("-Wl,--hash-style=sysv",)),
            Object("ext.so", defines("g") + all_ways("f g"), flags=("-Wl,--hash-style=sysv",)),
        ),
        (opens("one.so", GLOBAL), opens("ext.so")),
    ),
    "a unique symbol keeps its owner mapped": Scenario(
        (Object("one.so", unique("u")), Object("two.so", unique("u"))),
        (opens("one.so"), closes("one.so"), opens("two.so"), closes("two.so")),
    ),
    "a failed open forgets its unique symbols": Scenario(
        (
            Object("libu.so", unique("u")),
            user("bad.so", "libu.so", takes("no_such")),
            Object("two.so", unique("u")),
        ),
        (opens("bad.so"), opens("two.so"), closes("two.so"), opens("libu.so")),
        fails=(FailureKind.UNDEFINED_SYMBOL,),
    ),
    "an undefined symbol with a version names it": Scenario(
        (
            Object("b/libx.so", defines("f"), versions="V1 { global: f; local: *; };"),
            Object("libx.so", defines("g"), versions="V1 { global: g; local: *; };"),
            user("ext.so", "b/libx.so", all_ways("f")),
        ),
        (opens("ext.so"),),
        fails=(FailureKind.UNDEFINED_SYMBOL,),
    ),
    "a program that lacks a symbol does not start": Scenario(
        (Object("libx.so", defines("f")),),
        main=user("main", "libx.so", takes("f")),
        shell="echo | gcc -shared -xc - -Wl,-soname,libx.so -o libx.so",
        fails=(FailureKind.UNDEFINED_SYMBOL,),
        aborts=True,
    ),
    "a program that lacks a library does not start": Scenario(
        (Object("libx.so", defines("f")),),
        main=user("main", "libx.so", takes("f")),
        shell="rm libx.so",
        fails=(FailureKind.NOT_FOUND,),
        aborts=True,
    ),
}


@pytest.mark.parametrize("claim", SCOPE)
def test_scope(claim, tmp_path):
    check(SCOPE[claim], tmp_path)


@pytest.mark.parametrize("claim", LOOKUP)
def test_lookup(claim, tmp_path):
    check(LOOKUP[claim], tmp_path)
