"""Version texts of well-known libraries in the bytes of an object.

One entry of BANNERS adds a library; hostprobe/model/interposition/families.py names the symbol that
tells which objects are worth asking. OpenLDAP has no entry: a libldap has its release only as a
number in code.
"""

import re
from collections.abc import Iterator
from typing import NamedTuple

from hostprobe.facts.elf import Banners

MAX_BANNERS = 64
"""Different texts of one object; more are left out."""


class Banner(NamedTuple):
    """One way in which a library's version gets into an object."""

    family: str
    proof: bytes
    """Must be in the object too; {minor} stands for the first two numbers of the version."""

    pattern: re.Pattern[bytes]
    """Its groups, joined with dots, are the version; releases only, no alpha, beta or rc."""


BANNERS = (
    # OPENSSL_VERSION_TEXT. Copies that only pretend to be OpenSSL (BoringSSL, AWS-LC) have no date.
    Banner(
        "openssl",
        b"OpenSSL ",
        re.compile(
            rb"OpenSSL (\d{1,3}\.\d{1,3}\.\d{1,3}[a-z]{0,2})(?:[-+ ]{1,2}(?i:fips|quic))? {1,2}"
            rb"\d{1,2} [A-Z][a-z]{2} \d{4}"
        ),
    ),
    # What the core tells providers. The linker leaves the text above out of an object that takes
    # only parts of libcrypto.a; in the whole library these two stand apart.
    Banner(
        "openssl",
        b"openssl-version\0",
        re.compile(rb"openssl-version\0(\d{1,3}\.\d{1,3}\.\d{1,3})\0"),
    ),
    # xmlParserVersion in libxml2 itself and in static copies, 20914 or 21406-GITv2.14.6. The byte
    # before the 2 is tested behind it: a pattern that begins with a literal is 20 times faster, and
    # with a NUL, of which there are many, only four times.
    Banner(
        "libxml2",
        b"program compiled against libxml %d using ",
        re.compile(rb"(2)(?<![\d.]2)(0[6-9]|[12]\d)(\d\d)(?:-[\x21-\x7e]{0,60})?\0"),
    ),
    # LIBXML_DOTTED_VERSION that phpinfo() shows.
    Banner(
        "libxml2",
        b"libxml2.so.",
        re.compile(
            rb"(2\.(?<=\x002\.)\d{1,2}\.\d{1,2})\0+lib(?:xml2?|XML)(?: Compiled)? Version\0"
        ),
    ),
    # The banner of libc.so.6; a release under development is 2.41.9000.
    Banner(
        "glibc",
        b"GNU C Library (",
        re.compile(
            rb"GNU C Library \([^()\0\n]{1,80}\) (?:stable|development) release version "
            rb"(\d{1,3}\.\d{1,3}(?:\.\d{1,4})?)(?=[., ])"
        ),
    ),
    # XML_ExpatVersion().
    Banner("expat", b"expat_", re.compile(rb"expat_(\d{1,3}\.\d{1,3}\.\d{1,3})\0")),
    # PY_VERSION; SQLite's 3.40.1 looks the same, so the object must speak of python3.40 as well.
    # Some builds have no such text, and the proof is not in Debian's statically linked python3.
    Banner("python", b"python{minor}", re.compile(rb"(3\.(?<=\x003\.)\d{1,2}\.\d{1,2})(?=\+?\0)")),
    # deflate_copyright and inflate_copyright; zlib-ng writes other words.
    Banner(
        "zlib",
        b" Copyright 1995-",
        re.compile(rb"flate (\d{1,2}\.\d{1,2}(?:\.\d{1,3}){0,2}) Copyright 1995-\d{4} "),
    ),
    # MYSQL_SERVER_VERSION: not zlib's 1.3.1 or Zstandard's 1.5.7 beside it, both of MySQL's wheels.
    Banner(
        "mysql",
        b"\0LIBMYSQL_PLUGIN_DIR\0",
        re.compile(rb"\0((?:5\.[5-7]|[89]\.\d|[2-9]\d\.\d{1,2})\.\d{1,3})(?:-[!-~]{1,60})?(?=\0)"),
    ),
    # MARIADB_CLIENT_VERSION_STR, the server's release; Connector/C has 3.3.20 of its own.
    Banner(
        "mysql",
        b"\0MARIADB_PLUGIN_DIR\0",
        re.compile(rb"\0(1\d\.\d{1,2}\.\d{1,3})(?=(?:-[!-~]{1,60})?\0)"),
    ),
    # sqlite3_version, an array: any byte may stand before it. From 3.20 on: 3.7.17 is a Python too.
    Banner(
        "sqlite",
        b"SQLite format 3\0",
        re.compile(rb"(3\.(?<![ -~]3\.)(?:[2-9]\d|1\d\d)\.\d{1,2})\0"),
    ),
    # PCRE2_CONFIG_VERSION: the release and its date. A long proof is found absent sooner.
    Banner(
        "pcre2",
        b"offset limit set without PCRE2_USE_OFFSET_LIMIT",
        re.compile(rb"(10\.(?<![ -~]10\.)\d\d) \d{4}-\d\d-\d\d\0"),
    ),
    # The library's own part of curl_version().
    Banner(
        "curl",
        b"URL using bad/illegal format or missing URL",
        re.compile(rb"libcurl/(?<![ -~]libcurl/)(\d{1,2}\.\d{1,3}\.\d{1,3})\0"),
    ),
)


def parse_banners(data: bytes) -> Banners:
    """Find the releases that an object carries; bytes without any give an empty Banners.

    Never fails. Takes time in proportion to the bytes, a few ms per MB.
    """
    found = sorted((at, text) for banner in BANNERS for at, text in occurrences(banner, data))
    return Banners(tuple(dict.fromkeys(text for _, text in found))[:MAX_BANNERS])


def occurrences(banner: Banner, data: bytes) -> Iterator[tuple[int, tuple[str, str]]]:
    """Yield offset, family and version of the first place of each version."""
    seen: set[str] = set()
    if not is_possible(banner, data):
        return
    for match in banner.pattern.finditer(data):
        version = ".".join(plain(group) for group in match.groups())
        if version not in seen and len(seen) < MAX_BANNERS:
            seen.add(version)
            if is_proved(banner, version, data):
                yield match.start(), (banner.family, version)


def is_possible(banner: Banner, data: bytes) -> bool:
    """Whether a search is worth its time: the proof is there, or depends on what is found."""
    return b"{" in banner.proof or banner.proof in data


def is_proved(banner: Banner, version: str, data: bytes) -> bool:
    """Whether the object says more of that library than this version."""
    minor = ".".join(version.split(".")[:2]).encode("ascii")
    return banner.proof.replace(b"{minor}", minor) in data


def plain(group: bytes) -> str:
    """A part of a version; the 06 of 20614 is 6."""
    text = group.decode("ascii")
    return str(int(text)) if text.isdigit() else text
