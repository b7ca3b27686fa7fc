"""What the kernel tells of AppArmor."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hostprobe.parse.apparmor_state import parse_loaded_profiles, parse_module_switch
from hostprobe.parse.error import ParseError


@pytest.mark.parametrize(("data", "is_on"), [(b"Y\n", True), (b"N\n", False), (b"1", True)])
def test_a_switch_is_on_or_off(data, is_on):
    assert parse_module_switch(data).is_on is is_on


def test_profiles_have_modes_and_names_with_blanks():
    found = parse_loaded_profiles(b"/usr/sbin/apache2 (enforce)\nmy web (x) (complain)\nnoise\n")
    assert found.modes == {"/usr/sbin/apache2": "enforce", "my web (x)": "complain"}


@given(st.binary())
def test_nothing_but_parse_errors_escapes(data):
    parse_loaded_profiles(data)
    with suppress(ParseError):
        parse_module_switch(data)
