import os

import pytest

from hostprobe.collect import host as module
from hostprobe.collect.files import LiveFiles
from hostprobe.collect.host import collect_identity, effective_capabilities, is_privileged


@pytest.fixture
def root(tmp_path):
    (tmp_path / "etc").mkdir()
    (tmp_path / "usr/lib").mkdir(parents=True)
    (tmp_path / "usr/lib/os-release").write_text("ID=x\nPRETTY_NAME=\"Example 'Linux' 9\"\n")
    (tmp_path / "etc/os-release").symlink_to("/usr/lib/os-release")
    (tmp_path / "etc/hostname").write_text("web1\n")
    return tmp_path


def test_a_mounted_root_is_named_by_its_own_files(root):
    host = collect_identity(LiveFiles(str(root)))
    assert (host.name, host.os, host.kernel) == ("web1", "Example 'Linux' 9", None)
    assert (host.root, host.is_live, host.arch) == (str(root), False, "unknown")


def test_an_empty_root_is_unknown_not_this_host(tmp_path):
    host = collect_identity(LiveFiles(str(tmp_path)))
    assert (host.name, host.os, host.arch) == ("unknown", "unknown", "unknown")


def test_a_fifo_as_os_release_does_not_block(root):
    (root / "etc/os-release").unlink()
    os.mkfifo(root / "etc/os-release")
    assert collect_identity(LiveFiles(str(root))).os == "Example 'Linux' 9"


def test_the_running_host_has_a_kernel():
    host = collect_identity(LiveFiles("/"))
    assert host.is_live
    assert host.kernel == os.uname().release


@pytest.mark.parametrize(
    ("uid", "held", "expected"),
    [(0, (), True), (1, (), False), (1, (2, 19), True), (1, (2,), False), (1, (19,), False)],
)
def test_root_or_two_capabilities_are_privileged(monkeypatch, uid, held, expected):
    monkeypatch.setattr(module.os, "geteuid", lambda: uid)
    monkeypatch.setattr(module, "effective_capabilities", lambda: iter(held))
    assert is_privileged() is expected


def test_capabilities_are_bit_numbers():
    assert all(0 <= bit < 64 for bit in effective_capabilities())
