import gzip

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hostprobe.exporter.answer import NOTHING, Answer, Body, Request, accepted, plain


def request(target="/", **headers):
    return Request("GET", target, headers, "192.0.2.1")


@pytest.mark.parametrize(
    ("target", "path"),
    [
        ("/metrics", "/metrics"),
        ("/metrics?name[]=x", "/metrics"),
        ("http://host:1/metrics?x=/", "/metrics"),
        ("https://host", "/"),
        ("/../../etc/passwd", "/../../etc/passwd"),
        ("/%2e%2e/metrics", "/%2e%2e/metrics"),
        ("//metrics", "//metrics"),
        ("*", "*"),
    ],
)
def test_a_path_is_what_was_sent_without_host_and_query(target, path):
    assert request(target).path == path


@pytest.mark.parametrize(
    ("header", "names"),
    [
        ("gzip", {"gzip"}),
        ("GZIP;q=0.5, br", {"gzip", "br"}),
        ("gzip;q=0, identity", {"identity"}),
        ("gzip; q=0.000", set()),
        ("gzip;q=x", {"gzip"}),
        ("", set()),
        (" ,;,", set()),
    ],
)
def test_what_a_client_accepts(header, names):
    assert accepted(header) == names


@given(st.text())
def test_no_accept_header_is_too_odd(header):
    assert isinstance(accepted(header), set)


def test_a_body_is_sent_as_the_client_wants_it():
    answer = Answer(200, Body.of("text/html", b"x" * 1000))
    header, data = answer.encoded(request(**{"accept-encoding": "gzip"}))
    assert gzip.decompress(data) == b"x" * 1000
    assert header["Content-Encoding"] == "gzip"
    assert header["Content-Length"] == str(len(data))
    for other in (request(), None):
        header, data = answer.encoded(other)
        assert data == b"x" * 1000
        assert "Content-Encoding" not in header


def test_every_answer_forbids_browsers_what_it_does_not_need():
    header, data = plain(404).encoded(request())
    assert data == b"Not Found\n"
    assert header["Content-Security-Policy"] == NOTHING
    assert header["X-Content-Type-Options"] == "nosniff"
    assert header["X-Frame-Options"] == "DENY"
    assert header["Cache-Control"] == "no-store"
