import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from hostprobe.agent.inotify import Watch, literal


@pytest.fixture
def watch():
    found = Watch()
    yield found
    found.close()


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder/known").write_text("1")
    return tmp_path / "folder"


def overwrite(folder):
    (folder / "known").write_text("2")


def replace(folder):
    (folder.parent / "new").write_text("2")
    (folder.parent / "new").rename(folder / "known")


CHANGES = {
    "overwritten": overwrite,
    "replaced": replace,
    "removed": lambda folder: (folder / "known").unlink(),
    "moved away": lambda folder: (folder / "known").rename(folder.parent / "elsewhere"),
    "linked": lambda folder: (folder / "a").symlink_to("known"),
    "closed": lambda folder: (folder / "known").chmod(0),
    "created directory": lambda folder: (folder / "a").mkdir(),
}


@pytest.mark.parametrize("name", CHANGES)
def test_each_kind_of_change_is_seen(watch, folder, name):
    assert watch.follow([(str(folder), ())]) == {}
    assert watch.read() == []
    CHANGES[name](folder)
    assert watch.read()[0] in (f"{folder}/known", f"{folder}/a")


def test_reading_is_no_change(watch, folder):
    watch.follow([(str(folder), ())])
    (folder / "known").read_text()
    list(folder.iterdir())
    assert watch.read() == []


def test_a_log_that_is_written_to_is_no_change(watch, folder):
    with (folder / "known").open("a") as log:
        watch.follow([(str(folder), ())])
        log.write("line\n")
        log.flush()
        assert watch.read() == []


def test_only_names_that_matter_count(watch, folder):
    watch.follow([(str(folder), ("*.so",))])
    (folder / "data.db").write_text("")
    assert watch.read() == []
    (folder / "a.so").write_text("")
    assert set(watch.read()) == {f"{folder}/a.so"}


def test_a_directory_with_two_names_is_watched_for_both(watch, folder):
    (folder.parent / "link").symlink_to(folder)
    watch.follow([(str(folder), ("*.so",)), (f"{folder.parent}/link", ("*.py",))])
    assert len(watch) == 1
    (folder / "a.py").write_text("")
    (folder / "a.so").write_text("")
    (folder / "a.db").write_text("")
    assert {path.rpartition("/")[2] for path in watch.read()} == {"a.py", "a.so"}


def test_what_is_no_longer_followed_is_silent(watch, folder):
    (folder / "inner").mkdir()
    watch.follow([(str(folder), ())])
    watch.follow([(f"{folder}/inner", ())])
    watch.read()
    overwrite(folder)
    assert watch.read() == []
    assert len(watch) == 1


def test_a_directory_that_vanishes_is_told_once_and_forgotten(watch, folder):
    watch.follow([(str(folder), ("nothing",))])
    shutil.rmtree(folder)
    assert watch.read() == [str(folder)]
    assert len(watch) == 0
    assert watch.read() == []


def test_a_directory_that_is_not_there_yet_is_waited_for(watch, folder):
    wanted = folder / "a*/b"
    assert watch.follow([(str(wanted), ("*.so",))]) == {}
    (folder / "other").mkdir()
    assert watch.read() == []
    wanted.parent.mkdir()
    assert watch.read() == [str(wanted.parent)]
    watch.follow([(str(wanted), ("*.so",))])
    wanted.mkdir()
    assert watch.read() == [str(wanted)]


def test_a_directory_that_was_replaced_is_found_again(watch, folder):
    watch.follow([(str(folder), ())])
    folder.rename(folder.parent / "old")
    folder.mkdir()
    assert watch.read() == [str(folder)]
    watch.follow([(str(folder), ())])
    watch.read()
    (folder.parent / "old/known").write_text("2")
    assert watch.read() == []
    (folder / "known").write_text("2")
    assert watch.read()


def test_events_that_the_kernel_lost_are_a_change(watch, folder):
    watch.follow([(str(folder), ("*.so",))])
    most = int(Path("/proc/sys/fs/inotify/max_queued_events").read_text())
    for number in range(most):  # names differ, or the kernel would join equal events
        (folder / f"{number % 100}").touch()
    found = [path for _ in range(most // 100) for path in watch.read()]
    assert found == ["more than the kernel's queue of events holds"]


LIMITED = """
import sys
from pathlib import Path
from hostprobe.agent.inotify import Watch, why_unwatched
try:
    watches = [Watch() for _ in range(int(sys.argv[1]))]
    print(list(watches[0].follow([(path, ()) for path in sys.argv[2:]]).items()))
except OSError as error:
    print(why_unwatched(error))
"""
NEW_USER = ("unshare", "--user", "--map-root-user")


def limited(limit, *arguments):
    """What is said under a limit, in a user namespace with limits of its own."""
    command = f'echo {limit[1]} > /proc/sys/user/{limit[0]} && exec "$@"'
    done = subprocess.run(
        [*NEW_USER, "sh", "-ec", command, "sh", sys.executable, "-c", LIMITED, *arguments],
        capture_output=True,
        text=True,
        check=False,
    )
    if "unshare" in done.stderr or "/proc/sys/user" in done.stderr:
        pytest.skip(done.stderr.strip())
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_a_limit_of_watches_is_named(folder):
    (folder / "a").mkdir()
    found = limited(("max_inotify_watches", 1), "1", str(folder), f"{folder}/a")
    assert found == f"[('{folder}/a', 'the limit fs.inotify.max_user_watches is reached')]"


def test_a_limit_of_instances_is_named():
    found = limited(("max_inotify_instances", 1), "2")
    assert found == "the limit fs.inotify.max_user_instances is reached"


def test_a_name_is_no_pattern():
    assert literal("a[1]*") == "a[[]1][*]"
