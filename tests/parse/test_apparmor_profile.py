"""Profiles as text: rules about files, includes, variables, hats."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hostprobe.facts.apparmor import FileRule, Included
from hostprobe.parse.apparmor_profile import parse_profile_text
from hostprobe.parse.error import ParseError

TEXT = b"""
# a comment { with, signs
abi <abi/3.0>,
include <tunables/global>
#include "local/x"
@{WEB} = /srv/www "/srv/a b"
@{WEB} += /srv/c
@{EXE}=/usr/sbin/apache2
profile apache2 @{EXE} flags=(attach_disconnected, complain) {
  include if exists <abstractions/base>
  /a/{b,c}/** rw,     # why
  deny /secret/** mrwklx,
  audit owner file "/d e/*.so" mr,
  r /f,
  /usr/bin/gpg Cx -> gpg,
  capability setuid, network inet stream,
  /g/\\{h\\} r,
  ^shop { /srv/shop/** r, }
  profile gpg { file, }
}
"""


def test_rules_are_read():
    (profile,) = parse_profile_text(TEXT).profiles
    assert (profile.name, profile.attachment) == ("apache2", "@{EXE}")
    assert profile.flags == ("attach_disconnected", "complain")
    assert profile.rules == (
        Included("abstractions/base"),
        FileRule("/a/{b,c}/**", "rw"),
        FileRule("/secret/**", "mrwklx", is_deny=True),
        FileRule("/d e/*.so", "mr"),
        FileRule("/f", "r"),
        FileRule("/usr/bin/gpg", "Cx"),
        FileRule("/g/\\{h\\}", "r"),
    )
    assert [one.name for one in profile.inner] == ["shop", "gpg"]
    assert [one.allows_all for one in (profile, *profile.inner)] == [False, False, True]


def test_the_preamble_has_includes_and_variables():
    found = parse_profile_text(TEXT)
    assert found.rules == (Included("tunables/global"), Included("local/x"))
    assert found.variables == (
        ("@{WEB}", ("/srv/www", "/srv/a b"), False),
        ("@{WEB}", ("/srv/c",), True),
        ("@{EXE}", ("/usr/sbin/apache2",), False),
    )


@pytest.mark.parametrize(
    ("text", "name", "attachment"),
    [
        ("/usr/sbin/apache2 { }", "/usr/sbin/apache2", "/usr/sbin/apache2"),
        ('"/usr/sbin/my httpd" { }', "/usr/sbin/my httpd", "/usr/sbin/my httpd"),
        ("profile web { }", "web", None),
        ("profile web /usr/{bin,sbin}/x { }", "web", "/usr/{bin,sbin}/x"),
        ("profile /x flags=(kill)\n{\n}", "/x", "/x"),
    ],
)
def test_a_profile_has_a_name_and_what_it_attaches_to(text, name, attachment):
    (profile,) = parse_profile_text(text.encode()).profiles
    assert (profile.name, profile.attachment) == (name, attachment)


def test_an_abstraction_has_rules_without_a_profile():
    found = parse_profile_text(b"  /etc/hosts r,\n  file,\n")
    assert found.rules == (FileRule("/etc/hosts", "r"),)
    assert found.allows_all


@pytest.mark.parametrize("text", [b"profile x {", b"}", b"a {\n" * 20])
def test_braces_that_do_not_fit_are_refused(text):
    with pytest.raises(ParseError):
        parse_profile_text(text)


PIECES = [
    b"profile x ",
    b"{",
    b"}",
    b" {\n",
    b"\n}\n",
    b"/a/** ",
    b"rw,",
    b"@{A}",
    b"=",
    b'"',
    b"(",
]
PIECES += [
    b"[",
    b",",
    b"\n",
    b" ",
    b"#include <x>\n",
    b"#",
    b"flags=(",
    b"\\",
    b"\xff",
    b"if a {\n",
]


@given(st.binary() | st.lists(st.sampled_from(PIECES)).map(b"".join))
def test_nothing_but_parse_errors_escapes(data):
    with suppress(ParseError):
        parse_profile_text(data)
