"""What is mapped beside what is planned and what is on disk."""

import pytest

from hostprobe.facts.files import Missing
from hostprobe.model.running.mapped import changed
from tests.model.linked_host import EXTENSION, HTTPD, thing
from tests.model.memory_files import MemoryFiles
from tests.model.running.builder import DEVICE, live, mapped, process

MODULE, LIBRARY = "/mods/mod_shop.so", "/lib64/libshop.so.1"
OBJECTS = {
    MODULE: thing(needed=["libshop.so.1"]),
    LIBRARY: thing(["shop"], soname="libshop.so.1"),
}
USUAL = (mapped(HTTPD), mapped(MODULE, 0x5000), mapped(LIBRARY, 0x3000))


def objects(*files, **changes):
    return live(OBJECTS | changes.pop("more", {}), [process(7, files)], [MODULE], **changes).running


def test_what_is_planned_stands_in_the_order_of_the_plan():
    found = objects(*reversed(USUAL))
    assert [one.path for one in found.all] == [HTTPD, MODULE, LIBRARY]
    assert all(one.planned for one in found.all)
    assert found.replaced == ()


def test_what_no_plan_explains_comes_last_the_oldest_mapping_first():
    more = {EXTENSION: thing(["PyInit__fast"]), "/lib64/libnss_x.so.2": thing()}
    extra = (mapped("/lib64/libnss_x.so.2", 0x100), mapped(EXTENSION, 0x200))
    found = objects(*USUAL, *extra, more=more)
    assert [one.path for one in found.all[3:]] == [EXTENSION, "/lib64/libnss_x.so.2"]
    assert [one.is_extension for one in found.all[3:]] == [True, False]


@pytest.mark.parametrize(
    "file",
    [
        mapped("/usr/share/locale/x.mo", code=False),
        mapped("/run/scoreboard", inode=9, deleted=True, code=False),
        mapped("/tmp/ffiAbC", inode=9, deleted=True),
        mapped("/var/cache/opcache.bin"),
    ],
    ids=lambda file: file.path,
)
def test_what_is_no_object_is_none(file):
    assert [one.path for one in objects(*USUAL, file).all] == [HTTPD, MODULE, LIBRARY]


@pytest.mark.parametrize(
    ("file", "verdict"),
    [
        (mapped(LIBRARY), False),
        (mapped(LIBRARY, inode=9), True),
        (mapped(LIBRARY, inode=9, deleted=True), True),
        (mapped(LIBRARY, inode=9, deleted=True, device=77), True),
        (mapped(LIBRARY, inode=9, device=77), False),
        (mapped(LIBRARY, device=77), False),
        (mapped(LIBRARY, deleted=True), False),
        (mapped("/lib64/gone.so", deleted=True), True),
        (mapped("/lib64/gone.so"), False),
        (mapped("/hidden/x.so", deleted=True), False),
    ],
    ids=[
        "the same",
        "another",
        "deleted",
        "deleted on btrfs",
        "copied up on overlayfs",
        "the same on btrfs",
        "linked again",
        "removed",
        "never there",
        "not known",
    ],
)
def test_a_file_is_changed_when_its_path_leads_elsewhere(file, verdict):
    files = MemoryFiles(OBJECTS)
    stat = files.stat
    denied = Missing("/hidden/x.so: permission denied")
    files.stat = lambda path: denied if path.startswith("/hidden") else stat(path)
    assert changed(files, process(7), file) is verdict


def test_a_file_that_is_really_called_so_is_not_deleted():
    name = f"{LIBRARY} (deleted)"
    files = MemoryFiles({name: thing()})
    file = mapped(LIBRARY, inode=files.stat(name).inode, deleted=True)
    assert changed(files, process(7), file) is False


def test_a_process_with_other_mounts_is_asked_for_its_own_path():
    files = MemoryFiles({f"/proc/7/root{LIBRARY}": thing(), LIBRARY: thing()})
    file = mapped(LIBRARY, inode=files.stat(f"/proc/7/root{LIBRARY}").inode)
    assert changed(files, process(7, root="/proc/7/root"), file) is False
    assert changed(files, process(7), file) is True


def test_a_replaced_object_is_known_by_its_soname_where_the_file_has_another_name():
    old = mapped("/lib64/libshop.so.1.0", 0x3000, inode=9, deleted=True)
    linkage = live(
        OBJECTS, [process(7, (*USUAL[:2], old))], [MODULE], old=[(7, old, OBJECTS[LIBRARY])]
    )
    (one,) = linkage.running.replaced
    assert (one.path, one.real) == ("/lib64/libshop.so.1.0", LIBRARY)


def test_processes_that_share_the_mapping_of_both_are_found():
    extension = mapped(EXTENSION, 0x100)
    files = OBJECTS | {EXTENSION: thing()}
    child = process(8, (*USUAL, extension), parent=7)
    found = live(files, [process(7, USUAL), child], [MODULE]).running
    assert found.share([EXTENSION], [LIBRARY]).facts.pid == 8
    assert found.share([EXTENSION], ["/lib64/other.so"]) is None


def test_the_device_of_the_builder_is_that_of_memory_files():
    assert MemoryFiles(OBJECTS).stat(LIBRARY).device == DEVICE
