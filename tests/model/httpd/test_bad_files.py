"""Real files that are no configuration: one clear problem each, everything else is read."""

import os
import resource

import pytest

from hostprobe.collect.files import LiveFiles
from hostprobe.facts.httpd import HttpdStart
from hostprobe.model.httpd.evaluate import evaluate


def read(root, **options):
    files = LiveFiles(str(root))
    try:
        start = HttpdStart("/httpd", "/main.conf", "/", **options)
        return evaluate(files, start, None)
    finally:
        files.close()


def problems(configuration):
    return [one for one in configuration.problems if "module names are guessed" not in one.message]


@pytest.fixture
def root(tmp_path):
    (tmp_path / "c").mkdir()
    (tmp_path / "main.conf").write_text("Include c\nA after\n")
    (tmp_path / "c" / "z.conf").write_text("A z\n")
    return tmp_path


def checked(root, text, *, fatal):
    """One problem that names the file; z.conf and the rest of the main file are still read."""
    configuration = read(root)
    (problem,) = problems(configuration)
    assert text in problem.message
    assert "/c/" in problem.message
    assert (str(problem.where), problem.fatal) == ("/main.conf:1", fatal)
    assert [one.args for one in configuration.directives] == [("z",), ("after",)]


def test_a_fifo_among_the_files_is_not_opened(root):
    os.mkfifo(root / "c" / "fifo")
    checked(root, "not a regular file", fatal=True)


def test_a_device_is_not_opened(root):
    (root / "c" / "null").symlink_to("/dev/zero")
    checked(root, "no such file", fatal=True)


def test_a_link_to_itself_ends(root):
    (root / "c" / "a").symlink_to("a")
    checked(root, "too many levels of symbolic links", fatal=False)


def test_a_line_of_100_megabytes_is_refused_in_little_memory(root):
    with (root / "c" / "long").open("wb") as file:
        file.write(b"A ")
        file.truncate(100 << 20)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    checked(root, "larger than", fatal=False)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 64 << 10


def test_binary_rubbish_is_read_as_lines(root):
    (root / "c" / "rubbish").write_bytes(bytes(range(256)) * 100)
    configuration = read(root)
    assert configuration.directives[-1].args == ("after",)


def test_names_with_newlines_and_escapes_stay_as_they_are(root):
    name = "a\nb\x1b[31m\udcff"
    (root / "c" / name).write_bytes(b"Include nowhere\n")
    (problem,) = problems(read(root))
    assert problem.where.file == f"/c/{name}"


def test_a_directory_inside_itself_is_a_fatal_problem(root):
    (root / "c" / "again").symlink_to("../c")
    configuration = read(root)
    (problem,) = problems(configuration)
    assert "exceeds the maximum include directory nesting level" in problem.message
    assert configuration.directives[-1].args == ("after",)
