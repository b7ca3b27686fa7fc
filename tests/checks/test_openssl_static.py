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


@pytest.mark.parametrize(
    ("static", "shared"), [("3.0.19", "3.0.19"), ("3.0.7", "3.0.19"), ("1.0.2k", "1.0.2zg")]
)
def test_the_same_release_in_any_patch_level_is_medium(static, shared):
    (finding,) = run(host(static, shared))
    assert finding.severity is Severity.medium


@pytest.mark.parametrize(
    ("static", "shared"), [("3.5.9", "3.0.19"), ("1.0.1e", "1.0.2k"), ("1.1.0l", "1.1.1w")]
)
def test_another_feature_release_is_critical(static, shared):
    (finding,) = run(host(static, shared))
    assert finding.severity is Severity.critical


def test_a_copy_that_tells_no_release_is_critical():
    (finding,) = run(host() | {MODULE: thing(NAMES)})
    assert finding.severity is Severity.critical


def test_a_libssl_whose_release_nothing_tells_is_critical():
    user = thing(refers=["SSL_CTX_new"], needed=["libssl.so.3"])
    objects = {
        MODULE: told(thing([*NAMES, "SSL_CTX_new"]), "3.0.22"),
        EXTENSION: user,
        "/lib64/libssl.so.3": thing(["SSL_CTX_new"], soname="libssl.so.3"),
    }
    (finding,) = run(objects)
    assert finding.severity is Severity.critical


def test_the_cures_are_tried_and_the_rebuild_is_named():
    (finding,) = run(host())
    assert "clears it" in finding.remedy[0]
    assert any("-Wl,--exclude-libs,ALL" in remedy for remedy in finding.remedy)


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


@pytest.mark.parametrize(
    ("shared", "severity"), [("1.1.1f", Severity.medium), (None, Severity.critical)]
)
def test_copies_of_two_modules_that_cross_are_judged_by_what_both_tell(shared, severity):
    silent = thing(NAMES, soname="libcrypto.so.3")
    objects = host() | {
        OTHER: thing(refers=NAMES, needed=["libcrypto.so.3"]),
        CRYPTO: told(silent, shared) if shared else silent,
        EXTENSION: thing(),
    }
    (finding,) = run(objects, [MODULE, OTHER])
    assert finding.severity is severity


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
