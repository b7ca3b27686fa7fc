"""Rows of bindings agree with the verdict of the checks."""

from hostprobe.facts.plan import Plan
from hostprobe.model.bindings import each_alone, in_sequence, process_table
from hostprobe.model.instance import Extension
from hostprobe.model.loader.process import start
from tests.model.linked_host import EXTENSION, PYTHON, linkages, thing

MODULE, SECOND = "/mods/mod_a.so", "/venv/lib/python3.11/site-packages/shop/_second.so"
OBJECTS = {
    MODULE: thing(needed=["libedit.so.2"]),
    "/lib64/libedit.so.2": thing(["add_history"], soname="libedit.so.2"),
    EXTENSION: thing(refers=["add_history", "rl_only"], needed=["libreadline.so.8"]),
    SECOND: thing(refers=["rl_only"], needed=["libreadline.so.8"]),
    "/lib64/libreadline.so.8": thing(
        ["add_history", "rl_only"], ["rl_only"], soname="libreadline.so.8"
    ),
}
EXTENSIONS = (Extension("_fast", EXTENSION), Extension("_second", SECOND))


def processes():
    (linkage,) = linkages(OBJECTS, [MODULE]).all
    return linkage.parent, start(linkage.files, Plan(PYTHON))


def shown(table):
    return [
        (
            row.binding.object.real.rpartition("/")[2],
            row.binding.symbol.decode(),
            row.binding.provider.soname,
            row.is_interposed,
        )
        for row in table.rows
    ]


FAST = [
    ("_fast.so", "add_history", "libedit.so.2", True),
    ("_fast.so", "rl_only", "libreadline.so.8", False),
    ("libreadline.so.8", "rl_only", "libreadline.so.8", False),
]
SECOND_ROW = ("_second.so", "rl_only", "libreadline.so.8", False)


def test_an_extension_is_compared_with_the_standalone_interpreter():
    table = each_alone(EXTENSIONS[:1], *processes())
    assert shown(table) == FAST
    assert all(row.is_compared for row in table.rows)
    assert table.rows[0].standalone.soname == "libreadline.so.8"


def test_what_two_extensions_bring_in_stands_there_once():
    table = each_alone(EXTENSIONS, *processes())
    assert shown(table) == [*FAST, SECOND_ROW]
    names = [placed.loaded.real for placed in table.objects]
    assert names == [EXTENSION, "/lib64/libreadline.so.8", SECOND]


def test_in_sequence_a_later_extension_adds_only_itself():
    table = in_sequence(EXTENSIONS, *processes())
    assert shown(table) == [*FAST, SECOND_ROW]
    assert [placed.is_global for placed in table.objects] == [False] * 3


def test_the_object_with_the_interpreter_asks_for_an_extension():
    table = in_sequence(EXTENSIONS[:1], *processes(), caller=MODULE)
    assert [placed.loaded.requester.path for placed in table.objects] == [MODULE, EXTENSION]


def test_without_an_interpreter_nothing_is_compared():
    table = each_alone(EXTENSIONS, processes()[0], None)
    assert not any(row.is_compared or row.is_interposed for row in table.rows)


def test_an_extension_that_does_not_load_is_a_failure_and_the_others_go_on():
    lost = Extension("lost", "/venv/lost.so")
    table = in_sequence((lost, *EXTENSIONS), *processes())
    assert [failure.path for failure in table.failures] == ["/venv/lost.so"]
    assert shown(table) == [*FAST, SECOND_ROW]


def test_the_process_itself_is_compared_with_nothing():
    parent, _ = processes()
    table = process_table(parent)
    assert [placed.loaded for placed in table.objects] == list(parent.objects)
    assert all(placed.is_global for placed in table.objects)
    assert not any(row.is_compared for row in table.rows)
