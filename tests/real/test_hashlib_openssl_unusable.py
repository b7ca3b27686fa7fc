"""hashlib loses its OpenSSL without a word, or dies; cured, and only looking alike."""

from __future__ import annotations

import pytest

from tests.real import scan
from tests.real.hosts import hashlib_openssl_unusable as host
from tests.real.hosts import openssl_static as static

pytestmark = pytest.mark.real
CHECK = "hashlib-openssl-unusable"


@pytest.mark.parametrize("daemon", [False, True])
def test_hashlib_falls_back_without_a_word(*, daemon: bool) -> None:
    with host.failing(daemon=daemon) as httpd:
        (finding,) = scan.findings(httpd, CHECK)
        assert (finding["severity"], scan.hits_shop(finding)) == ("high", True)
        assert scan.sonames(finding, "winners") == {"libgnutls-openssl.so.27"}
        assert "libgnutls-openssl.so.27" in scan.openers(finding)
        assert finding["remedy"][0].startswith("LoadFile /lib/x86_64-linux-gnu/libcrypto.so.3 bef")
        assert httpd.get("/shop") == (200, host.FALLBACK)


def test_another_release_inside_a_module_kills_the_process() -> None:
    with static.host(static.HASHLIB, static.older()) as httpd:
        (finding,) = scan.findings(httpd, CHECK)
        assert (finding["severity"], scan.hits_shop(finding)) == ("high", True)
        assert scan.sonames(finding, "winners") == {"mod_sealed.so"}
        with pytest.raises(ConnectionError):
            httpd.get("/shop")


def test_the_same_release_inside_a_module_works_and_is_medium() -> None:
    with static.host(static.HASHLIB, static.same()) as httpd:
        (finding,) = scan.findings(httpd, CHECK)
        assert (finding["severity"], scan.hits_shop(finding)) == ("medium", True)
        assert httpd.get("/shop") == (200, static.WORKING[static.HASHLIB])


@pytest.mark.parametrize("make", [host.cured, host.cured_by_load_file])
def test_hashlib_has_its_openssl(make: static.Make) -> None:
    with make() as httpd:
        assert scan.findings(httpd, CHECK) == []
        assert httpd.get("/shop") == (200, host.WORKING)


def test_hidden_names_harm_nobody() -> None:
    with static.host(static.HASHLIB, static.older(), static.HIDDEN) as httpd:
        assert scan.findings(httpd, CHECK) == []
        assert httpd.get("/shop") == (200, static.WORKING[static.HASHLIB])


@pytest.mark.parametrize("daemon", [False, True])
def test_hashlib_falls_back_when_its_module_does_not_load(*, daemon: bool) -> None:
    with host.refused(daemon=daemon) as httpd:
        (finding,) = scan.findings(httpd, CHECK)
        assert (finding["severity"], scan.hits_shop(finding)) == ("high", True)
        assert "_hashlib cannot be imported in httpd" in finding["title"]
        assert httpd.get("/shop") == (200, host.FALLBACK)


def test_its_module_loads_when_the_rightful_libcrypto_is_first() -> None:
    with host.refused("LoadFile /lib/x86_64-linux-gnu/libcrypto.so.3") as httpd:
        assert scan.findings(httpd, CHECK) == []
        assert httpd.get("/shop") == (200, host.WORKING)
