"""SELinux's mode as kernel and configuration say it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hostprobe.facts.selinux import SelinuxMode
from hostprobe.parse.selinux import parse_selinux_mode


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
    assert parse_selinux_mode(data) == SelinuxMode(enforcing)


@given(st.binary())
def test_any_bytes_have_a_mode(data):
    parse_selinux_mode(data)
