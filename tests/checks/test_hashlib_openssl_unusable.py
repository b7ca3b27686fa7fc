"""Python's _hashlib without its OpenSSL."""

from dataclasses import replace

from hostprobe_checks.hashlib_openssl_unusable import hashlib_openssl_unusable

from hostprobe.check import Severity
from hostprobe.facts.elf import Banners
from hostprobe.model.instance import Extension
from hostprobe.model.linkage import Linkage, Linkages
from tests.model.linked_host import HTTPD, PYTHON, environment, instance, thing
from tests.model.memory_files import MemoryFiles

HASHLIB = "/usr/lib/python3.11/lib-dynload/_hashlib.so"
MODULE, CRYPTO = "/mods/mod_sealed.so", "/lib64/libcrypto.so.3"
NAMES = ["EVP_DigestUpdate", "EVP_MD_CTX_new", *(f"EVP_{n}" for n in range(9))]


def run(objects, *, is_stdlib=True):
    extension = Extension("_hashlib", HASHLIB, is_stdlib=is_stdlib)
    usual = replace(environment(), extensions=(extension,))
    files = MemoryFiles({HTTPD: thing(), PYTHON: thing(["Py_Initialize"])} | objects)
    linkage = Linkage(files, instance([MODULE], environment=usual))
    return list(hashlib_openssl_unusable.body(Linkages((linkage,))))


def told(elf, release):
    return elf, Banners((("openssl", release),))


def host(static="1.1.1w", names=NAMES):
    return {
        MODULE: told(thing(names), static),
        HASHLIB: thing(refers=NAMES, needed=["libcrypto.so.3"]),
        CRYPTO: told(thing(NAMES, soname="libcrypto.so.3"), "3.0.19"),
    }


def test_it_fires_for_a_static_copy_in_a_module():
    (finding,) = run(host())
    assert finding.severity is Severity.high
    assert finding.evidence["winners"][0]["path"] == MODULE


def test_the_same_release_in_any_patch_level_is_medium():
    (finding,) = run(host(static="3.0.22"))
    assert finding.severity is Severity.medium


def test_it_fires_when_it_would_not_load_in_httpd():
    objects = host() | {
        MODULE: thing(needed=["/opt/old/libcrypto.so.3"]),
        "/opt/old/libcrypto.so.3": thing(NAMES[1:], soname="libcrypto.so.3"),
    }
    (finding,) = run(objects)
    assert finding.severity is Severity.high
    assert "cannot be imported in httpd, although it does standalone" in finding.title


def test_it_is_silent_for_another_extension_of_that_name():
    assert run(host(), is_stdlib=False) == []


def test_it_is_silent_when_it_binds_as_standalone():
    assert run(host(names=["sealed"])) == []
