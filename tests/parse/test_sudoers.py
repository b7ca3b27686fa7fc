"""Statements of sudoers files; tests/oracle/test_sudoers.py compares them with sudo's own."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hostprobe.facts.sudoers import (
    Alias,
    CommandRule,
    Defaults,
    Member,
    Rule,
    Setting,
    Sudoers,
    SudoersInclude,
)
from hostprobe.parse.sudoers import MAX_STATEMENTS, parse_sudoers


def only(text):
    found = parse_sudoers(text.encode())
    assert found.unread == ()
    (statement,) = found.statements
    return statement


@pytest.mark.parametrize(
    ("text", "scope", "members", "settings"),
    [
        ("Defaults env_reset", "", [], [Setting("env_reset", "")]),
        ("Defaults !!a, !b", "", [], [Setting("a", ""), Setting("b", "!")]),
        ('Defaults env_keep+="A B"', "", [], [Setting("env_keep", "+=", "A B")]),
        ("Defaults:a,%w x", ":", ["a", "%w"], [Setting("x", "")]),
        ("Defaults@h x = y", "@", ["h"], [Setting("x", "=", "y")]),
        ("Defaults>#0 x", ">", ["#0"], [Setting("x", "")]),
        ("Defaults!/bin/a,W x", "!", ["/bin/a", "W"], [Setting("x", "")]),
    ],
)
def test_defaults_have_a_scope(text, scope, members, settings):
    assert only(text) == Defaults(scope, tuple(map(Member, members)), tuple(settings), 1)


def test_an_alias_line_may_define_several():
    assert parse_sudoers(b"Cmd_Alias A = /a b : B = !/c").statements == (
        Alias("Cmnd_Alias", "A", (Member("/a b"),), 1),
        Alias("Cmnd_Alias", "B", (Member("/c", is_negated=True),), 1),
    )


def test_target_users_and_tags_are_taken_over_until_they_change():
    rule = only("a ALL = (b) NOPASSWD: /x, SETENV: /y, (:g) PASSWD: /z")
    assert [one.tags for one in rule.commands] == [
        ("NOPASSWD",),
        ("NOPASSWD", "SETENV"),
        ("SETENV", "PASSWD"),
    ]


def test_several_host_lists_are_several_rules():
    first, second = parse_sudoers(b"a h = /x : ALL = /y").statements
    assert first == Rule(
        (Member("a"),), (Member("h"),), (CommandRule(Member("/x"), None, None, ()),), 1
    )
    assert second.hosts == (Member("ALL"),)


@pytest.mark.parametrize(
    ("text", "path", "is_directory"),
    [
        ("@include /a", "/a", False),
        ("#include b # c", "b", False),
        ('  #includedir "/a b"', "/a b", True),
        ("@includedir /a\\ b", "/a b", True),
    ],
)
def test_includes(text, path, is_directory):
    assert only(text) == SudoersInclude(path, is_directory, 1)


@pytest.mark.parametrize(
    "text", ["", "# a ALL=ALL", "#includes /x", "  # x \\", "#include", "\\\n", "#-x"]
)
def test_comments_and_blanks_say_nothing(text):
    assert parse_sudoers(text.encode()) == Sudoers(())


def test_a_comment_does_not_continue():
    assert only("# a \\\nb ALL = /x").line == 2


def test_a_number_is_no_comment():
    assert only("#1000,%#20 ALL = /x # c").users == (Member("#1000"), Member("%#20"))


def test_a_line_that_is_not_understood_costs_itself_only():
    found = parse_sudoers(b"a ALL\nb ALL = /x\nDefaults\nc ALL = x\n")
    assert [line for line, _ in found.unread] == [1, 3, 4]
    assert len(found.statements) == 1


def test_the_number_of_statements_is_bounded():
    found = parse_sudoers(b"a b=/c\n" * (MAX_STATEMENTS + 5))
    assert len(found.statements) == MAX_STATEMENTS
    assert "more than" in found.unread[0][1]


@given(st.binary(max_size=300))
def test_any_bytes_are_statements_or_unread(data):
    parse_sudoers(data)


@given(st.text(alphabet='aA1#%!@:=,()"\\\n \t/*Defaults', max_size=200))
def test_any_text_of_its_alphabet_is_statements_or_unread(text):
    parse_sudoers(text.encode())
