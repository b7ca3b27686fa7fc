"""OpenSSL's names from a static copy, or from a library that imitates OpenSSL."""

import pytest
from hostprobe_checks.openssl_static import openssl_static

from hostprobe.check import Certainty, Severity
from hostprobe.facts.elf import Banners
from tests.model.linked_host import EXTENSION, linkages, thing

MODULE, OTHER, CRYPTO = "/mods/mod_sealed.so", "/mods/mod_ssl.so", "/lib64/libcrypto.so.3"
NAMES = ["EVP_DigestUpdate", "EVP_MD_CTX_new", *(f"EVP_{n}" for n in range(9))]


def run(objects, modules=(MODULE,), **options):
    return list(openssl_static.body(linkages(objects, modules, **options)))


def told(elf, release):
    return elf, Banners((("openssl", release),))


def host(static="1.1.1w", shared="3.0.19"):
    return {
        MODULE: told(thing(NAMES), static),
        EXTENSION: thing(refers=NAMES, needed=["libcrypto.so.3"]),
        CRYPTO: told(thing(NAMES, soname="libcrypto.so.3"), shared),
    }


def test_it_fires_for_another_release_inside_a_module():
    (finding,) = run(host())
    assert (finding.severity, finding.certainty) == (Severity.critical, Certainty.likely)
    assert finding.evidence["winners"][0]["version"] == "1.1.1w"
    assert finding.evidence["losers"][0]["version"] == "3.0.19"


@pytest.mark.parametrize("release", ["3.0.19", "3.0.7"])
def test_the_same_release_in_any_patch_level_is_medium(release):
    (finding,) = run(host(static=release))
    assert finding.severity is Severity.medium


def test_it_fires_for_the_reverse():
    """An extension's own copy loses against the shared library of an Apache module."""
    objects = host() | {
        OTHER: thing(needed=["libcrypto.so.3"]),
        EXTENSION: told(thing(NAMES, NAMES), "3.5.0"),
    }
    (finding,) = run(objects, [OTHER])
    assert finding.severity is Severity.critical
    assert finding.evidence["winners"][0]["path"] == CRYPTO


def test_copies_of_two_modules_that_cross_are_critical_between_releases():
    objects = host() | {OTHER: thing(refers=NAMES, needed=["libcrypto.so.3"]), EXTENSION: thing()}
    (finding,) = run(objects, [MODULE, OTHER])
    assert (finding.severity, finding.certainty) == (Severity.critical, Certainty.certain)
    assert finding.evidence["crossings"][0]["object"] == OTHER


def test_copies_that_keep_to_themselves_are_low():
    objects = host() | {OTHER: thing(needed=["libcrypto.so.3"]), EXTENSION: thing()}
    (finding,) = run(objects, [OTHER, MODULE])
    assert finding.severity is Severity.low


def test_what_no_application_imports_is_low():
    (finding,) = run(host(), imports=False)
    assert finding.severity is Severity.low


def test_it_is_silent_for_hidden_names():
    assert run(host() | {MODULE: thing()}) == []


def test_it_is_silent_for_shared_libraries():
    objects = host() | {MODULE: thing(needed=["libcrypto.so.3"])}
    assert run(objects) == []
