"""Why a reference is bound as it is: where the search found it and whom it passed over."""

from dataclasses import replace

import pytest

from hostprobe.model.loader.decision import decide
from tests.model.loader.builder import closes, elf, opens, process

GLOBAL, DEEP = "NOW GLOBAL", "NOW DEEPBIND"
ONE, EXT = elf("f"), elf("f", "f/plt")
OLD = elf("f@V1 g@@V1", soname="b.so")

CASES = {
    "the first of the global scope": (
        {"/1.so": ONE, "/2.so": ONE, "/e.so": EXT},
        [opens("/1.so", GLOBAL), opens("/2.so", GLOBAL), opens("/e.so")],
        [("/1.so", "global", "/main", 2, "")],
    ),
    "the own list": (
        {"/1.so": ONE, "/e.so": EXT},
        [opens("/1.so"), opens("/e.so")],
        [("/e.so", "local", "/e.so", 1, "")],
    ),
    "what became global later does not count": (
        {"/1.so": ONE, "/e.so": EXT},
        [opens("/e.so"), opens("/1.so", GLOBAL)],
        [("/e.so", "local", "/e.so", 1, "")],
    ),
    "what was global and is gone does not count": (
        {"/1.so": ONE, "/e.so": EXT},
        [opens("/1.so", GLOBAL), closes("/1.so"), opens("/e.so")],
        [("/e.so", "local", "/e.so", 1, "")],
    ),
    "DEEPBIND": (
        {"/1.so": ONE, "/e.so": EXT},
        [opens("/1.so", GLOBAL), opens("/e.so", DEEP)],
        [("/e.so", "local-first", "/e.so", 1, "")],
    ),
    "DT_SYMBOLIC": (
        {"/1.so": ONE, "/e.so": replace(EXT, dt_symbolic=True)},
        [opens("/1.so", GLOBAL), opens("/e.so")],
        [("/e.so", "own", "/e.so", 1, "")],
    ),
    "another version is passed over": (
        {
            "/1.so": elf("f@@V2", soname="a.so"),
            "/e.so": elf(refers="f@V1:b.so/plt", needs="b.so", rpath="/b"),
            "/b/b.so": OLD,
        },
        [opens("/1.so", GLOBAL), opens("/e.so")],
        [
            ("/1.so", "global", "/main", 2, "it has version V2"),
            ("/b/b.so", "local", "/e.so", 2, ""),
        ],
    ),
    "hidden is passed over": (
        {"/1.so": elf("f-"), "/e.so": EXT},
        [opens("/1.so", GLOBAL), opens("/e.so")],
        [("/1.so", "global", "/main", 2, "hidden there"), ("/e.so", "local", "/e.so", 1, "")],
    ),
    "nobody": ({"/e.so": elf(refers="f?")}, [opens("/e.so")], []),
}


def binding_of(one, path, name):
    loaded = next(each for each in one.objects if each.path == path)
    return next(each for each in one.bindings_of(loaded) if each.symbol == name)


@pytest.mark.parametrize("claim", CASES)
def test_the_search_is_told_step_by_step(claim):
    content, operations, expected = CASES[claim]
    one = process(content, *operations)
    found = decide(one, binding_of(one, "/e.so", b"f"))
    assert found.note == ""
    assert [
        (each.object.path, each.scope.value, each.owner.path, each.position, each.passed_over)
        for each in found.candidates
    ] == expected


def test_a_protected_symbol_overrules_the_search():
    content = {"/1.so": ONE, "/e.so": elf("f=", "f/plt f")}
    one = process(content, opens("/1.so", GLOBAL), opens("/e.so"))
    found = decide(one, binding_of(one, "/e.so", b"f"))
    assert found.candidates[-1].object.path == "/1.so"
    assert found.note.startswith("protected")


def test_a_unique_symbol_overrules_the_search():
    content = {"/1.so": elf("u!", "u"), "/e.so": elf("u!", "u")}
    one = process(content, opens("/1.so"), opens("/e.so"))
    found = decide(one, binding_of(one, "/e.so", b"u"))
    assert found.candidates[-1].object.path == "/e.so"
    assert found.note.startswith("unique")
