"""A module built against a newer OpenSSL than the host has."""

import pytest
from hostprobe_checks.openssl_older_than_built import openssl_older_than_built

from hostprobe.check import Severity
from tests.model.linked_host import EXTENSION, linkages, thing

SSL, CRYPTO = "/mods/mod_ssl.so", "/lib64/libcrypto.so.3"


def run(built, loaded, refers=("EVP_sha256",), own=()):
    objects = {
        SSL: thing(own, refers=refers, needed=["libcrypto.so.3"]),
        CRYPTO: thing(["EVP_DigestUpdate", "EVP_sha256"], soname="libcrypto.so.3"),
        EXTENSION: thing(),
    }
    banners = {SSL: built, CRYPTO: loaded}
    return list(openssl_older_than_built.body(linkages(objects, [SSL], banners=banners)))


@pytest.mark.parametrize(
    ("built", "loaded", "severity"),
    [
        ("3.0.22", "3.0.19", Severity.low),
        ("3.2.1", "3.0.19", Severity.medium),
        ("1.1.1w", "1.1.1n", Severity.low),
    ],
)
def test_it_fires_for_an_older_library(built, loaded, severity):
    (finding,) = run(built, loaded)
    assert finding.severity is severity
    assert [one["built"] for one in finding.evidence["objects"]] == [built]
    assert finding.evidence["loaded"] == loaded


@pytest.mark.parametrize(("built", "loaded"), [("3.0.19", "3.0.19"), ("3.0.9", "3.0.19")])
def test_it_is_silent_for_the_same_or_a_newer_library(built, loaded):
    assert run(built, loaded) == []


def test_it_is_silent_for_an_object_that_binds_nothing_there():
    assert run("3.2.1", "3.0.19", refers=()) == []


def test_it_is_silent_for_openssl_linked_in():
    assert run("3.2.1", "3.0.19", own=["EVP_DigestUpdate", "EVP_sha256"]) == []
