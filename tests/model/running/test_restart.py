"""What a restart changes: with the files that are mapped, and with those on disk."""

import pytest

from hostprobe.facts.files import Missing
from hostprobe.model.running.as_mapped import as_mapped
from hostprobe.model.running.restart import forecast
from tests.model.linked_host import EXTENSION, HTTPD, thing
from tests.model.running.builder import live, mapped, process

MODULE, NUT, SCREW = "/mods/mod_shop.so", "/lib64/libnut.so.1", "/lib64/libscrew.so.1"
OLD = mapped(NUT, 0x3000, inode=9, deleted=True)
USUAL = (mapped(HTTPD), mapped(MODULE, 0x5000), OLD, mapped(SCREW, 0x2000))
OBJECTS = {
    MODULE: thing(refers=["bolt"], needed=["libnut.so.1", "libscrew.so.1"]),
    SCREW: thing(["bolt"], soname="libscrew.so.1"),
}
BEFORE = thing(["bolt", "nut"], soname="libnut.so.1")


def upgraded(after, more=(), files=USUAL, old=BEFORE, **changes):
    contents = OBJECTS | dict(more) | ({NUT: after} if after else {})
    linkage = live(contents, [process(7, files)], [MODULE], old=[(7, OLD, old)], **changes)
    return linkage, forecast(linkage, linkage.running)


def test_a_symbol_that_the_new_file_lacks_moves_to_the_next_provider():
    _, found = upgraded(thing(["nut"], soname="libnut.so.1"))
    for outcome in (found.full, found.graceful):
        (move,) = outcome.moves
        assert (move.object, move.symbol, move.before, move.after) == (MODULE, b"bolt", NUT, SCREW)
        assert outcome.failures == ()


def test_equal_files_change_nothing():
    _, found = upgraded(BEFORE)
    assert found.is_harmless


def test_a_removed_library_fails_the_start():
    _, found = upgraded(None)
    (failure,) = found.full.failures
    assert "libnut.so.1: cannot open shared object file" in failure.message


def test_a_symbol_that_nobody_has_any_more_fails_the_start():
    lonely = thing(refers=["nut"], needed=["libnut.so.1"])
    _, found = upgraded(thing(soname="libnut.so.1"), {MODULE: lonely})
    (failure,) = found.full.failures
    assert failure.missing == "nut"


def test_what_httpd_itself_needs_stays_old_in_a_graceful_restart():
    httpd = thing(refers=["bolt"], needed=["libnut.so.1"])
    _, found = upgraded(thing(["nut"], soname="libnut.so.1"), {HTTPD: httpd})
    assert found.graceful.kept == (NUT,)
    assert found.graceful.is_harmless
    assert not found.full.is_harmless


def test_an_extension_that_is_mapped_is_judged_too():
    fast = thing(["PyInit__fast"], refers=["nut"], needed=["libnut.so.1"])
    files = (*USUAL, mapped(EXTENSION, 0x100))
    _, found = upgraded(thing(["bolt"], soname="libnut.so.1"), {EXTENSION: fast}, files)
    (failure,) = found.full.failures
    assert (failure.path, failure.missing) == (EXTENSION, "nut")


def test_without_the_old_file_nothing_is_claimed():
    denied = Missing("/proc/7/map_files/3000-4000: operation not permitted")
    _, found = upgraded(BEFORE, old=denied)
    assert (found.full, found.graceful, found.unknown) == (None, None, (denied.reason,))
    assert not found.is_harmless


@pytest.mark.parametrize("has_module", [True, False])
def test_a_process_is_simulated_with_what_it_has_mapped(has_module):
    files = USUAL if has_module else USUAL[:1]
    linkage, _ = upgraded(thing(["nut"], soname="libnut.so.1"), files=files)
    found = as_mapped(linkage, linkage.running, 7)
    paths = [loaded.real for loaded in found.parent.objects]
    assert paths == ([HTTPD, MODULE, NUT, SCREW] if has_module else [HTTPD])
    assert found.surplus == ()
    if has_module:
        (binding,) = found.parent.bindings()
        assert binding.provider.real == NUT


def test_what_no_plan_explains_is_opened_last_and_is_a_guess():
    plugin = "/lib64/libnss_x.so.2"
    fast = thing(["PyInit__fast"])
    files = (*USUAL, mapped(plugin, 0x200), mapped(EXTENSION, 0x100))
    linkage, _ = upgraded(BEFORE, {plugin: thing(), EXTENSION: fast}, files)
    found = as_mapped(linkage, linkage.running, 7)
    *_, last = found.parent.objects
    assert (last.real, bool(last.cause.guess)) == (plugin, True)
    assert not found.parent.is_global(last)
    assert [one.path for one in found.extensions] == [EXTENSION]
