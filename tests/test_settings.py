import os

import pytest

import hostprobe.settings as module
from hostprobe.facts.settings import Settings
from hostprobe.settings import SettingsError, read_settings

WAIVER = "[[waiver]]\ncheck='{}'\nsubject='*'\nreason='r'\n"


@pytest.fixture
def host(tmp_path, monkeypatch):
    """Directories of a host that has no settings yet."""
    monkeypatch.setattr(module, "VENDOR", str(tmp_path / "usr/conf.d"))
    monkeypatch.setattr(module, "MAIN", str(tmp_path / "etc/hostprobe.toml"))
    monkeypatch.setattr(module, "DROP_INS", str(tmp_path / "etc/conf.d"))
    (tmp_path / "etc/conf.d").mkdir(parents=True)
    (tmp_path / "usr/conf.d").mkdir(parents=True)
    return tmp_path


def refusal(only=None):
    with pytest.raises(SettingsError) as caught:
        read_settings(only)
    return str(caught.value)


def test_a_host_without_files_has_the_defaults(host):
    assert read_settings() == Settings()
    (host / "etc/conf.d").rmdir()
    (host / "usr/conf.d").rmdir()
    assert read_settings() == Settings()


def test_vendors_come_first_then_the_main_file_then_drop_ins_by_name(host):
    (host / "usr/conf.d/z.toml").write_text("[state]\nkeep=1\n" + WAIVER.format("vendor"))
    (host / "etc/hostprobe.toml").write_text("[state]\nkeep=2\n" + WAIVER.format("main"))
    for number, name in enumerate(["10-a.toml", "20-b.toml"], 3):
        text = f"[state]\nkeep={number}\n" + WAIVER.format(name)
        (host / "etc/conf.d" / name).write_text(text)
    found = read_settings()
    assert found.state.keep == 4
    assert [each.check for each in found.waiver] == ["vendor", "main", "10-a.toml", "20-b.toml"]


def test_other_names_in_a_drop_in_directory_are_not_read(host):
    for name in (".#10.toml", "10.toml~", "10.toml.dpkg-new", "README"):
        (host / "etc/conf.d" / name).write_text("nonsense")
    assert read_settings() == Settings()


def test_a_named_file_is_the_only_one(host, tmp_path):
    (host / "etc/hostprobe.toml").write_text("nonsense")
    alone = tmp_path / "alone.toml"
    alone.write_text("[state]\nkeep=3\n")
    assert read_settings(str(alone)).state.keep == 3


def test_a_mistake_names_file_and_key(host):
    path = host / "etc/conf.d/50.toml"
    path.write_text("[state]\nkep=3\n")
    assert refusal().startswith(f"{path}: state.kep is not a setting")


def fifo(path):
    os.mkfifo(path)


def large(path):
    path.write_bytes(b"#" * (module.MAX_FILE + 1))


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (lambda path: path.mkdir(), "is a directory|not a regular file"),
        (fifo, "not a regular file"),
        (lambda path: path.symlink_to("/dev/zero"), "not a regular file"),
        (large, "larger than 1048576 bytes"),
        (lambda path: path.symlink_to("/no/such"), "no such file or directory"),
        (lambda path: path.write_bytes(b"\xff"), "utf-8"),
    ],
)
def test_what_is_no_file_of_settings_is_refused(host, make, says):
    path = host / "etc/hostprobe.toml"
    make(path)
    assert any(refusal() == f"{path}: {each}" or each in refusal() for each in says.split("|"))
    assert refusal(str(path)).startswith(f"{path}: ")


def test_a_named_file_must_be_there():
    assert refusal("/no/such") == "/no/such: no such file or directory"
    assert refusal("a\0b").startswith("a\0b: ")


def test_the_largest_file_is_read(host):
    (host / "etc/hostprobe.toml").write_bytes(b"#" * module.MAX_FILE)
    assert read_settings() == Settings()


def test_a_directory_that_is_none_is_told(host):
    (host / "etc/conf.d").rmdir()
    (host / "etc/conf.d").write_text("")
    assert refusal() == f"{host}/etc/conf.d: not a directory"
