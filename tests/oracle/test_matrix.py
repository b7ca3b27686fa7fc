"""The ways in which a global library meets an extension's own: each as the real loader does it."""

import pytest

from hostprobe.model.loader.objects import FailureKind
from tests.oracle.scenario import Object, Scenario, calls, check, defines, opens, takes, unique

pytestmark = pytest.mark.real

V1 = "V_3.0 { global: foo; bar; local: *; };"
V2 = V1 + " V_3.5 { global: baz; } V_3.0;"
B = ("-Wl,-rpath,$ORIGIN/b",)
SYSTEM = Object("a/libx.so.3", defines("foo bar"), versions=V1)
UNVERSIONED = Object("a/libun.so", defines("foo bar"))
BUNDLED = Object("b/libx-abc.so.3", defines("foo bar baz"), versions=V2)
SAME_SONAME = Object("b/libx.so.3", defines("foo bar baz"), versions=V2)
PLAIN = Object("b/libplain.so", defines("foo bar baz"))
EXTENSION = calls("foo bar baz")
SELF = defines("foo") + calls("foo") + takes("foo")
TWIN = Object("a/libtwin.so", defines("foo"))
GLOBAL = "NOW GLOBAL"


def linked(bundled):
    return Object("ext.so", EXTENSION, links=(bundled.file,), flags=B)


def own(*flags, source=SELF):
    return Object("ext.so", source, flags=flags)


def case(*objects, flags="NOW", fails=()):
    """Open the first object globally, then the extension."""
    first = objects[0].file
    operations = [opens(first, GLOBAL)] if first.startswith("a/") else []
    return Scenario(objects, (*operations, opens("ext.so", flags)), fails=fails)


UNIQUE_TWIN = Object("one.so", unique("counter"))

MATRIX = {
    "a bundled library alone serves its extension": (
        case(BUNDLED, linked(BUNDLED)),
        {"foo": "b/libx-abc.so.3", "baz": "b/libx-abc.so.3"},
    ),
    "equal version nodes split a bundled library": (
        case(SYSTEM, BUNDLED, linked(BUNDLED)),
        {"foo": "a/libx.so.3", "bar": "a/libx.so.3", "baz": "b/libx-abc.so.3"},
    ),
    "an older library of the same soname lacks the node": (
        case(SYSTEM, SAME_SONAME, linked(SAME_SONAME), fails=(FailureKind.MISSING_VERSION,)),
        {},
    ),
    "a versioned reference takes a global unversioned definition": (
        case(UNVERSIONED, BUNDLED, linked(BUNDLED)),
        {"foo": "a/libun.so", "baz": "b/libx-abc.so.3"},
    ),
    "an unversioned reference takes a global versioned definition": (
        case(SYSTEM, PLAIN, linked(PLAIN)),
        {"foo": "a/libx.so.3", "baz": "b/libplain.so"},
    ),
    "a global twin overtakes an extension's own function": (
        case(TWIN, own()),
        {"foo": "a/libtwin.so"},
    ),
    "-Bsymbolic-functions leaves no reference to overtake": (
        case(TWIN, own("-Wl,-Bsymbolic-functions", source=defines("foo") + calls("foo"))),
        {},
    ),
    "DT_SYMBOLIC keeps an extension's own function": (
        case(TWIN, own("-Wl,-Bsymbolic")),
        {},
    ),
    "a protected function is the extension's own": (
        case(TWIN, own(source='__attribute__((visibility("protected")))' + SELF)),
        {"foo": "ext.so"},
    ),
    "DEEPBIND keeps an extension's own function": (
        case(TWIN, own(), flags="NOW DEEPBIND"),
        {"foo": "ext.so"},
    ),
    "DEEPBIND keeps a bundled library whole": (
        case(SYSTEM, BUNDLED, linked(BUNDLED), flags="NOW DEEPBIND"),
        {"foo": "b/libx-abc.so.3", "baz": "b/libx-abc.so.3"},
    ),
    "unique symbols of two local objects are one": (
        Scenario(
            (UNIQUE_TWIN, Object("ext.so", unique("counter"))), (opens("one.so"), opens("ext.so"))
        ),
        {"counter": "one.so"},
    ),
}


@pytest.mark.parametrize("claim", MATRIX)
def test_matrix(claim, tmp_path):
    scenario, providers = MATRIX[claim]
    process = check(scenario, tmp_path)
    extension = str(tmp_path / "ext.so")
    bound = {
        one.symbol.decode(): one.provider.path
        for one in process.bindings()
        if one.object.path == extension and one.provider is not None
    }
    for symbol, provider in providers.items():
        assert bound[symbol] == str(tmp_path / provider)
    assert bool(providers) == ("foo" in bound or "counter" in bound)
