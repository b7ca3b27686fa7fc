"""Two shared OpenSSL libraries in one process."""

from dataclasses import replace

import pytest
from hostprobe_checks.openssl_mixed import openssl_mixed

from hostprobe.check import Certainty, Severity
from hostprobe.facts.elf import Banners
from tests.model.linked_host import EXTENSION, linkages, thing

SSL, OLDER = "/mods/mod_ssl.so", "/mods/mod_older.so"
SYSTEM, WHEELS = "/lib64/libcrypto.so.3", "/lib64/libcrypto-1a2b3c4d.so.3"
CRYPTO = ["EVP_DigestUpdate", "EVP_MD_CTX_new", *(f"EVP_{n}" for n in range(9))]


def run(objects, modules=(SSL,), **options):
    return list(openssl_mixed.body(linkages(objects, modules, **options)))


def told(elf, release):
    return elf, Banners((("openssl", release),))


def host(wheels=CRYPTO, refers=("EVP_MD_CTX_new",)):
    return {
        SSL: thing(refers=["EVP_MD_CTX_new"], needed=["libcrypto.so.3"]),
        SYSTEM: told(thing(CRYPTO, soname="libcrypto.so.3"), "3.0.19"),
        EXTENSION: thing(refers=refers, needed=["libcrypto-1a2b3c4d.so.3"]),
        WHEELS: told(thing(wheels, soname="libcrypto-1a2b3c4d.so.3"), "3.5.8"),
    }


def test_it_fires_as_medium_for_a_complete_move():
    (finding,) = run(host())
    assert (finding.severity, finding.certainty) == (Severity.medium, Certainty.likely)
    assert finding.evidence["winners"][0]["version"] == "3.0.19"


def test_it_fires_as_high_for_a_split():
    (finding,) = run(host([*CRYPTO, "EVP_new"], ["EVP_MD_CTX_new", "EVP_new"]))
    assert finding.severity is Severity.high


def test_what_the_winner_lacks_is_critical():
    objects = host()
    objects[SYSTEM] = thing([*CRYPTO, "EVP_old"], soname="libcrypto.so.3", data=["EVP_MD_CTX_new"])
    (finding,) = run(objects)
    assert finding.severity is Severity.critical


def test_it_fires_as_information_for_two_that_keep_to_themselves():
    older = thing([f"old_{name}" for name in CRYPTO], soname="libcrypto.so.1.1")
    objects = host() | {
        OLDER: thing(needed=["libcrypto.so.1.1"]),
        "/lib64/libcrypto.so.1.1": replace(
            older, definitions=older.definitions | {b"EVP_DigestUpdate": ()}
        ),
        EXTENSION: thing(),
    }
    (finding,) = run(objects, [SSL, OLDER])
    assert (finding.severity, finding.certainty) == (Severity.info, Certainty.certain)


def test_what_no_application_imports_is_low():
    (finding,) = run(host(), imports=False)
    assert finding.severity is Severity.low


@pytest.mark.parametrize("soname", ["libcrypto.so.3", None])
def test_it_is_silent_for_one_library_and_for_a_static_copy(soname):
    objects = host() | {EXTENSION: thing(refers=CRYPTO, needed=["libcrypto.so.3"])}
    if soname is None:
        objects |= {EXTENSION: thing(CRYPTO, CRYPTO)}
    assert run(objects) == []
