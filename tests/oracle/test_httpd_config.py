"""httpd is the judge: its DUMP_CONFIG and our configuration are the same, line for line."""

import pytest

from hostprobe.collect.files import LiveFiles
from hostprobe.facts.httpd import HttpdBuild, HttpdStart
from hostprobe.model.httpd.evaluate import evaluate
from hostprobe.model.httpd.start import find_starts
from tests.oracle import dump_config, torture

pytestmark = pytest.mark.real


def evaluated(start):
    files = LiveFiles("/")
    try:
        return evaluate(files, start, files.read(start.binary, HttpdBuild))
    finally:
        files.close()


def differences(configuration):
    """Rows of httpd that are not ours and the reverse."""
    theirs = list(dump_config.without_macro_lines(dump_config.dump(configuration.start)))
    ours = list(dump_config.ours_without_macro_lines(configuration))
    return list(dump_config.differing(theirs, ours))


def test_the_real_tree_is_read_as_httpd_reads_it():
    (start,) = (one for one in find_starts(LiveFiles("/")) if one.server_root == "/etc/apache2")
    configuration = evaluated(start)
    assert configuration.problems == ()
    assert differences(configuration) == []


def test_the_torture_tree_is_read_as_httpd_reads_it(tmp_path):
    start = HttpdStart(
        dump_config.BINARY,
        str(torture.write(tmp_path)),
        "/etc/apache2",
        defines=("FROM_COMMAND_LINE",),
        before=("Define BEFORE before", "  # nothing"),
        after=("ServerAdmin ${BEFORE}-after", "<IfDefine WORD>", "ServerAdmin last", "</IfDefine>"),
        environment={"FROM_ENVIRONMENT": "from the environment"},
    )
    configuration = evaluated(start)
    assert [problem for problem in configuration.problems if problem.fatal] == []
    assert differences(configuration) == []
