"""Which directive decides for one interpreter of mod_wsgi 6."""

import pytest

from hostprobe.facts.httpd import HttpdStart
from hostprobe.model.httpd.evaluate import evaluate
from hostprobe.model.interpreter_options import InterpreterOptions, is_on
from tests.model.memory_files import MemoryFiles

KEY = "wsgiperinterpretergil"


def configured(*lines):
    files = MemoryFiles({"/c": "\n".join(lines)})
    start = HttpdStart("/httpd", "/c", "/", environment={})
    return InterpreterOptions(evaluate(files, start, None))


def block(value, selectors=""):
    return (
        f"<WSGIInterpreterOptions {selectors}>",
        f"WSGIPerInterpreterGIL {value}",
        "</WSGIInterpreterOptions>",
    )


ON, OFF = "WSGIPerInterpreterGIL On", "WSGIPerInterpreterGIL Off"
BOTH = "process-group=p application-group=a"


def values(lines, groups=("p", "a")):
    found = configured(*lines).of_interpreter(KEY, *groups)
    return [one.args[0] for one in found]


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ([], []),
        ([OFF, ON], ["On"]),
        ([*block("On"), OFF], ["On"]),
        ([*block("On", "process-group=q")], []),
        ([*block("On", "PROCESS-GROUP=p"), *block("Off")], ["On"]),
        ([*block("On", BOTH), *block("Off", "process-group=p")], ["On"]),
        ([*block("On", "process-group=p"), *block("Off", "application-group=a")], ["Off"]),
        ([*block("Off", "process-group=p"), *block("On", "process-group=p")], ["On"]),
        ([*block("On", "nothing=p"), OFF], ["Off"]),
    ],
)
def test_the_most_selective_block_decides_then_the_last(lines, expected):
    assert values(lines) == expected


def test_global_is_embedded_mode_and_the_main_interpreter():
    lines = block("On", "process-group=%{GLOBAL} application-group=%{GLOBAL}")
    assert values(lines, ("", "")) == ["On"]
    assert values(lines, ("", "a")) == []


@pytest.mark.parametrize("group", [("p", None), (None, "a"), (None, None)])
def test_a_group_that_requests_decide_leaves_several(group):
    assert values([OFF, *block("On", BOTH)], group) == ["On", "Off"]


def test_a_block_of_an_application_group_does_not_decide_for_a_process():
    found = configured(*block("On", BOTH), *block("Off", "process-group=p"))
    assert [one.args[0] for one in found.of_process(KEY, "p")] == ["Off"]


def test_only_on_switches_on():
    assert is_on(configured("WSGIPerInterpreterGIL oN").of_interpreter(KEY, "", ""))
    assert not is_on(configured(OFF).of_interpreter(KEY, "", ""))
