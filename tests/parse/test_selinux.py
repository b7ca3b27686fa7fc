"""SELinux's mode, labels and booleans as kernel and configuration say them."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hostprobe.facts.selinux import FileLabel, ProcessLabel, Question, asked, questions_in
from hostprobe.parse.error import ParseError
from hostprobe.parse.selinux import (
    parse_file_label,
    parse_process_label,
    parse_selinux_boolean,
    parse_selinux_mode,
)


@pytest.mark.parametrize(
    ("data", "enforcing"),
    [
        (b"1", True),
        (b"1\n", True),
        (b"0", False),
        (b"", False),
        (b"# comment\nSELINUX=enforcing\nSELINUXTYPE=targeted\n", True),
        (b"SELINUX=Enforcing", True),
        (b"  SELINUX= enforcing # or not\n", True),
        (b"#SELINUX=enforcing\nSELINUX=permissive\n", False),
        (b"SELINUX=enforcing\nSELINUX=disabled\n", False),
        (b"SELINUXTYPE=enforcing\n", False),
    ],
)
def test_the_mode_is_what_they_say(data, enforcing):
    assert parse_selinux_mode(data).enforcing is enforcing


@given(st.binary())
def test_any_bytes_have_a_mode(data):
    parse_selinux_mode(data)


def test_the_configuration_names_the_policy():
    found = parse_selinux_mode(b"SELINUX=disabled\n#SELINUXTYPE=mls\nSELINUXTYPE=targeted\n")
    assert (found.policy, found.disabled) == ("targeted", True)


def test_labels_are_contexts():
    assert parse_file_label(b"u:r:t:s0:c1.c3\0") == FileLabel("u:r:t:s0:c1.c3")
    for data in (b"", b"\0", b"unlabeled", b"u:r:t:s0 x", b"u:r:a?b:s0", b"u:r:a&b"):
        with pytest.raises(ParseError):
            parse_file_label(data)


@pytest.mark.parametrize(
    ("data", "name", "mode"),
    [
        (b"system_u:system_r:httpd_t:s0\0", "system_u:system_r:httpd_t:s0", ""),
        (b"/usr/sbin/apache2 (enforce)\n", "/usr/sbin/apache2", "enforce"),
        (b"apache2//shop (complain)\n", "apache2//shop", "complain"),
        (b"unconfined\n", "unconfined", "unconfined"),
    ],
)
def test_a_process_has_a_context_or_a_profile(data, name, mode):
    assert parse_process_label(data) == ProcessLabel(name, mode)


def test_booleans_have_a_current_state_and_a_pending_one():
    assert parse_selinux_boolean(b"1 0").is_on
    assert not parse_selinux_boolean(b"0 1\n").is_on
    with pytest.raises(ParseError):
        parse_selinux_boolean(b"on")


def test_questions_can_be_read_back():
    questions = (Question("a:b:c", "d:e:f:s0-s0:c0.c9", "file", ("read", "open"), ("x", "y")),)
    assert questions_in(asked("/p", questions, thorough=True)) == ("/p", True, questions)


@given(st.binary(), st.sampled_from([parse_file_label, parse_process_label, parse_selinux_boolean]))
def test_nothing_but_parse_errors_escapes(data, parse):
    with suppress(ParseError):
        parse(data)
