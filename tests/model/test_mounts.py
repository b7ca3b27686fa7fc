import pytest

from hostprobe.facts.files import Missing
from hostprobe.facts.mount import Mount
from hostprobe.model.mounts import mounts_of, mounts_seen
from tests.model.linked_host import instance
from tests.model.memory_files import MemoryFiles
from tests.model.running.builder import live, process


def table(*rows):
    """Rows (number, parent, place)."""
    return mounts_of("x", [Mount(*row, "ext4", ()) for row in rows])


def number(mounts, path):
    found = mounts.of(path)
    return found and found.number


ROOT = (1, 0, "/")


@pytest.mark.parametrize(
    ("rows", "path", "expected"),
    [
        ([ROOT], "/", 1),
        ([ROOT], "/srv/app", 1),
        ([ROOT, (2, 1, "/srv")], "/srv", 2),
        ([ROOT, (2, 1, "/srv")], "/srv/app", 2),
        ([ROOT, (2, 1, "/srv")], "/srvx/app", 1),
        ([ROOT, (2, 1, "/srv"), (3, 2, "/srv")], "/srv/app", 3),
        ([ROOT, (2, 1, "/srv/app"), (3, 1, "/srv")], "/srv/app/x", 3),
        ([ROOT, (3, 1, "/srv"), (2, 1, "/srv/app")], "/srv/app/x", 3),
        ([ROOT, (3, 1, "/srv"), (2, 3, "/srv/app")], "/srv/app/x", 2),
        ([(7, 9, "/"), (8, 7, "/")], "/srv", 8),
        ([(2, 9, "/srv")], "/srv/app", 2),
        ([(2, 9, "/srv")], "/usr", None),
        ([], "/srv", None),
        ([ROOT, (1, 1, "/"), (2, 1, "/srv"), (1, 2, "/srv")], "/srv/x", 2),
        ([(1, 2, "/"), (2, 1, "/")], "/srv", None),
    ],
)
def test_the_mount_of_a_path_is_found_as_the_kernel_walks(rows, path, expected):
    assert number(table(*rows), path) == expected


def mountinfo(*places):
    lines = [f"{n} 1 0:1 / {place} rw,noexec - ext4 x rw" for n, place in enumerate(places, 2)]
    return "\n".join(["1 0 0:1 / / rw - ext4 x rw", *lines])


def seen(files, one, *, is_live=True):
    return mounts_seen(files, one, is_live=is_live)


def places(files, one):
    mounts = seen(files, one)
    return {place for _, place in mounts.children}, mounts.source


def test_a_running_httpd_has_its_own_mounts():
    linkage = live({"/proc/9/mountinfo": mountinfo("/srv")}, [process(9)])
    assert places(linkage.files, linkage.instance) == ({"/", "/srv"}, "/proc/9/mountinfo")


def test_a_running_httpd_whose_mounts_cannot_be_read_is_not_judged_by_others():
    contents = {"/proc/9/mountinfo": Missing("denied"), "/proc/1/mountinfo": mountinfo("/srv")}
    linkage = live(contents, [process(9)])
    assert seen(linkage.files, linkage.instance) == Missing("denied")


@pytest.mark.parametrize("source", ["/proc/1/mountinfo", "/proc/self/mountinfo"])
def test_a_planned_httpd_has_the_mounts_of_the_system(source):
    files = MemoryFiles({source: mountinfo("/srv"), "/etc/fstab": "/dev/x /opt ext4"})
    assert places(files, instance()) == ({"/", "/srv"}, source)


def test_a_mounted_root_has_those_of_its_fstab():
    text = "/dev/b /srv/app ext4\n/dev/a / ext4\n/dev/c /srv ext4 noexec\n/dev/d /srv ext4 ro\n"
    mounts = seen(MemoryFiles({"/etc/fstab": text}), instance())
    assert mounts.of("/srv/app/x").place == "/srv/app"
    assert mounts.of("/srv/x").options == ("ro",)
    assert mounts.of("/usr").place == "/"


def test_a_root_without_fstab_has_no_mounts():
    assert not seen(MemoryFiles({}), instance()).any_noexec


def test_an_fstab_that_cannot_be_read_is_not_known():
    files = MemoryFiles({"/etc/fstab": Missing("denied")})
    assert seen(files, instance()) == Missing("denied")
