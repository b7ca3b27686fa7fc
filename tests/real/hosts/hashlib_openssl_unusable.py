"""Python's hashlib beside GnuTLS's OpenSSL compatibility library, which LoadFile brings in."""

from __future__ import annotations

from pathlib import Path

from tests.real.build import shared_object
from tests.real.debs import unpacked
from tests.real.httpd import Httpd
from tests.real.wsgi import wsgi_host

APPLICATION = """
import hashlib

def answer():
    return hashlib.new("sha256", b"").hexdigest()[:8], hashlib.md5.__module__
"""
WORKING, FALLBACK = "('e3b0c442', '_hashlib')", "('e3b0c442', '_md5')"


def compatibility() -> Path:
    return unpacked("libgnutls-openssl27") / "usr/lib/x86_64-linux-gnu/libgnutls-openssl.so.27"


def failing(*, daemon: bool = False) -> Httpd:
    return wsgi_host(APPLICATION, before=[f"LoadFile {compatibility()}"], daemon=daemon)


def cured_by_load_file() -> Httpd:
    """libcrypto stands before the other one in the global scope."""
    first = "LoadFile /lib/x86_64-linux-gnu/libcrypto.so.3"
    return wsgi_host(APPLICATION, before=[first, f"LoadFile {compatibility()}"])


def cured() -> Httpd:
    return wsgi_host(APPLICATION)


def refused(*before: str, daemon: bool = False) -> Httpd:
    """A library of libcrypto's soname that lacks nearly all of it."""
    source = "int EVP_DigestUpdate(void) { return 0; }"
    built = shared_object("libcrypto.so.3", source, "-Wl,-soname,libcrypto.so.3")
    return wsgi_host(APPLICATION, before=[*before, f"LoadFile {built}"], daemon=daemon)
