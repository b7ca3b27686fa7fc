"""Closing: what leaves the process and what stays."""

import pytest

from tests.model.loader.builder import closes, elf, opens, paths, process

GLOBAL = "NOW GLOBAL"
ONE, EXT = elf("f"), elf(refers="f/plt")


def test_closing_unmaps_what_nobody_uses():
    content = {"/e.so": elf(needs="x.so", rpath="/"), "/x.so": ONE}
    one = process(content, opens("/e.so"), opens("/e.so"), closes("/e.so"))
    assert paths(one.objects) == ["/main", "/e.so", "/x.so"]
    assert paths(one.close("/e.so")) == ["/e.so", "/x.so"]
    assert one.close("/e.so") == ()


KEPT = {
    "a provider of a binding": (ONE, EXT),
    "a NODELETE object": (elf("f", dt_flags_1=8), EXT),
    "the owner of a unique symbol": (elf("f! u!", "u"), EXT),
}


@pytest.mark.parametrize("claim", KEPT)
def test_closing_keeps(claim):
    provider, user = KEPT[claim]
    content = {"/1.so": provider, "/e.so": user}
    one = process(content, opens("/1.so", GLOBAL), opens("/e.so"), closes("/1.so"))
    assert "/1.so" in paths(one.objects)
