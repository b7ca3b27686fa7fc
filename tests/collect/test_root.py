import os
import socket
from pathlib import Path

import pytest

from hostprobe.collect.root import MAX_LINKS, OPEN_DIRECTORIES, Root
from hostprobe.facts.access import SymbolicLink
from hostprobe.facts.files import Missing, Stat


@pytest.fixture
def tree(tmp_path):
    (tmp_path / "root/usr/lib").mkdir(parents=True)
    (tmp_path / "root/usr/lib/libz.so.1.2").write_bytes(b"z")
    (tmp_path / "root/lib").symlink_to("usr/lib")
    (tmp_path / "root/usr/lib/libz.so").symlink_to("/lib/libz.so.1.2")
    (tmp_path / "secret").write_bytes(b"outside")
    return tmp_path / "root"


def root(tree):
    return Root(str(tree))


@pytest.mark.parametrize(
    ("path", "real"),
    [
        ("/lib/libz.so.1.2", "/usr/lib/libz.so.1.2"),
        ("/lib/libz.so", "/usr/lib/libz.so.1.2"),
        ("//usr/./lib//libz.so", "/usr/lib/libz.so.1.2"),
        ("/usr/lib/../lib/libz.so", "/usr/lib/libz.so.1.2"),
        ("/lib/../lib/libz.so.1.2", "/usr/lib/libz.so.1.2"),  # .. leaves the target: /usr
        ("/../../usr", "/usr"),
        ("/", "/"),
    ],
)
def test_links_are_followed_inside_the_root(tree, path, real):
    assert root(tree).resolve(path) == real


@pytest.mark.parametrize("target", ["/secret", "../secret", "../../secret", "/../secret"])
def test_no_link_leads_out_of_the_root(tree, target):
    (tree / "out").symlink_to(target)
    assert root(tree).stat("/out") == Missing("/out: no such file or directory", not_found=True)


def test_a_directory_link_to_outside_stays_inside(tree):
    (tree / "up").symlink_to("../..")
    assert root(tree).names("/up") == ("lib", "up", "usr")


def test_a_loop_is_missing_and_says_so(tree):
    (tree / "a").symlink_to("b")
    (tree / "b").symlink_to("a")
    assert root(tree).stat("/a") == Missing("/a: too many levels of symbolic links")


@pytest.mark.parametrize(("links", "is_found"), [(MAX_LINKS, True), (MAX_LINKS + 1, False)])
def test_as_many_links_as_the_kernel_follows(tree, links, is_found):
    (tree / "0").write_bytes(b"")
    for number in range(links):
        (tree / str(number + 1)).symlink_to(str(number))
    assert isinstance(root(tree).stat(f"/{links}"), Stat) == is_found


@pytest.mark.parametrize(
    ("path", "cause"),
    [
        ("/nothing", "no such file or directory"),
        ("/usr/lib/libz.so/x", "not a directory"),
        ("/usr/lib/libz.so/", "not a directory"),
        ("/nul\0byte", "cannot be a path"),
        ("/" + "x" * 300, "file name too long"),
    ],
)
def test_what_cannot_be_had_says_why(tree, path, cause):
    found = root(tree).stat(path)
    assert isinstance(found, Missing)
    assert found.reason == f"{path}: {cause}"
    assert found.not_found == (cause != "file name too long")


def test_names_that_are_not_utf8_come_back_as_they_are(tree):
    (tree / "d\udcff").mkdir()
    found = root(tree)
    assert "d\udcff" in found.names("/")
    assert isinstance(found.stat("/d\udcff"), Stat)


def test_names_are_sorted_bytewise(tree):
    for name in ("b", "B", "ä", "a"):
        (tree / "usr" / name).touch()
    assert root(tree).names("/usr") == ("B", "a", "b", "lib", "ä")


def opens(found, path):
    real = found.resolve(path)
    with found.open(real) as (descriptor, _):
        return os.read(descriptor, 10)


def test_a_regular_file_is_opened(tree):
    assert opens(root(tree), "/lib/libz.so") == b"z"


def make_fifo(path):
    os.mkfifo(path)


def make_socket(path):
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(path))


def make_directory(path):
    path.mkdir()


@pytest.mark.parametrize("make", [make_fifo, make_socket, make_directory])
def test_nothing_but_a_regular_file_is_opened(tree, make):
    make(tree / "odd")
    with pytest.raises(OSError, match="not a regular file"):
        opens(root(tree), "/odd")


def test_a_component_swapped_for_a_link_is_not_followed(tree):
    found = root(tree)
    real = found.resolve("/usr/lib/libz.so.1.2")
    (tree / "usr/lib/libz.so.1.2").unlink()
    (tree / "usr/lib/libz.so.1.2").symlink_to(tree.parent / "secret")
    with pytest.raises(OSError, match="symbolic links"), found.open(real):
        pass


def test_a_directory_swapped_for_a_link_is_not_followed(tree):
    found = root(tree)
    real = found.resolve("/usr/lib/libz.so.1.2")
    for name in range(OPEN_DIRECTORIES + 1):  # push /usr/lib out of the kept descriptors
        (tree / f"other{name}").mkdir()
        found.names(f"/other{name}")
    (tree / "usr").rename(tree.parent / "moved")
    (tree / "usr").symlink_to(tree.parent / "moved")
    with pytest.raises(NotADirectoryError), found.open(real):
        pass


def open_descriptors():
    return len(list(Path("/proc/self/fd").iterdir()))


def test_few_descriptors_are_held(tree):
    before = open_descriptors()
    found = root(tree)
    for number in range(3 * OPEN_DIRECTORIES):
        (tree / f"d{number}").mkdir()
        assert found.names(f"/d{number}") == ()
    assert open_descriptors() <= before + OPEN_DIRECTORIES + 1
    found.close()
    assert open_descriptors() == before


def test_a_root_that_is_no_directory_is_an_error(tree):
    with pytest.raises(NotADirectoryError):
        Root(str(tree / "usr/lib/libz.so.1.2"))


def test_a_link_itself_is_told(tree):
    (tree / "usr/lib/out").symlink_to("/nowhere")
    found = root(tree)
    assert found.link("/lib/libz.so") == SymbolicLink("/lib/libz.so.1.2", os.getuid())
    assert found.link("/lib/out") == SymbolicLink("/nowhere", os.getuid())
    assert found.link("/usr/lib").not_found
    assert found.link("/none/x").not_found
    assert found.link("/").not_found
