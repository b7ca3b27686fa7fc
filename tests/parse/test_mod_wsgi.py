"""The release of mod_wsgi."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hostprobe.facts.mod_wsgi import ModWsgiBuild
from hostprobe.parse.error import ParseError
from hostprobe.parse.mod_wsgi import parse_mod_wsgi


@pytest.mark.parametrize("version", ["1.6", "2.8", "3.5", "4.9.4", "6.0.0.rc1", "6.1.1"])
def test_the_release_stands_before_the_banner(version):
    data = b"3.11.1\0wsgi_init\0" + version.encode() + b"\0mod_wsgi/%s\0Python/%d.%d\0"
    assert parse_mod_wsgi(data) == ModWsgiBuild(version)


@pytest.mark.parametrize("prefix", ["/var/run/apache2/wsgi", "run/wsgi", None])
def test_the_default_of_the_sockets_is_a_text_of_its_own(prefix):
    texts = b"\0application/x-httpd-wsgi\0mod_wsgi\0" + (prefix or "").encode() + b"\0"
    data = b"\x004.9.4\0mod_wsgi/%s\0" + texts
    assert parse_mod_wsgi(data) == ModWsgiBuild("4.9.4", prefix)


@given(st.binary() | st.binary().map(lambda data: b"\0" + data + b"\0mod_wsgi/%s\0"))
def test_other_bytes_are_a_parse_error_or_a_release(data):
    with suppress(ParseError):
        assert isinstance(parse_mod_wsgi(data), ModWsgiBuild)
