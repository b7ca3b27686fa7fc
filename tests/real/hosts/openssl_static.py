"""An Apache module with OpenSSL linked in, beside Python's ssl and hashlib."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from tests.real.build import apache_module
from tests.real.debs import unpacked
from tests.real.httpd import Httpd
from tests.real.release_debs import of_release
from tests.real.wsgi import wsgi_host

SSL = """
import ssl

def answer():
    return ssl.OPENSSL_VERSION[:10], len(ssl.create_default_context().get_ciphers()) > 5
"""
HASHLIB = """
import hashlib

def answer():
    return hashlib.new("sha256", b"").hexdigest()[:8]
"""
WORKING = {SSL: "('OpenSSL 3.', True)", HASHLIB: "'e3b0c442'"}
ALL = ("-Wl,--whole-archive", "-Wl,--no-whole-archive", "-lpthread", "-ldl")
HIDDEN = "-Wl,--exclude-libs,ALL"
Make = Callable[[], Httpd]


def older() -> Path:
    """OpenSSL 1.1.1 as archives."""
    return of_release("bullseye", "libssl-dev") / "usr/lib/x86_64-linux-gnu/libcrypto.a"


def same() -> Path:
    """The release of the host's shared libcrypto, of another patch level perhaps."""
    return unpacked("libssl-dev") / "usr/lib/x86_64-linux-gnu/libcrypto.a"


def host(application: str, archive: Path, *flags: str, daemon: bool = False) -> Httpd:
    """All of the archive in a module."""
    linked = (ALL[0], str(archive), *ALL[1:], *flags)
    built = apache_module("sealed", "", *linked)
    return wsgi_host(application, [("sealed_module", built), "wsgi"], daemon=daemon)


DIGEST = """
#include <openssl/evp.h>
int sealed_digest(EVP_MD_CTX *context) { return EVP_DigestInit_ex(context, EVP_sha256(), NULL); }
"""


def part(application: str, *flags: str) -> Httpd:
    """Only what a module needs of the archive; the linker leaves the text of the release out."""
    built = apache_module("sealed", DIGEST, str(same()), "-lpthread", "-ldl", *flags)
    return wsgi_host(application, [("sealed_module", built), "wsgi"])
