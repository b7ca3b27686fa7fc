"""Version texts are found where a library really left them, and nowhere else."""

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hostprobe.model.release import MARKERS
from hostprobe.parse.banners import MAX_BANNERS, parse_banners
from hostprobe.parse.elf import parse_elf
from tests.real.debs import offered, unpacked, upstream
from tests.real.mysql_wheel import mysql_wheel
from tests.wheels import wheels_venv


def found(*texts):
    return parse_banners(b"\x7fELF\0" + b"\0".join(texts) + b"\0").texts


DEBIAN_12 = b"GNU C Library (Debian GLIBC 2.36-9+deb12u14) stable release version 2.36.\n"
MYSQL, MARIADB = b"LIBMYSQL_PLUGIN_DIR", b"MARIADB_PLUGIN_DIR"
PCRE2 = b"offset limit set without PCRE2_USE_OFFSET_LIMIT"
CURL = b"URL using bad/illegal format or missing URL"
XML_COPY = b"Fatal: program compiled against libxml %d using libxml %d\n"


@pytest.mark.parametrize(
    ("texts", "expected"),
    [
        ([b"OpenSSL 3.0.22 25 Aug 2026"], ("openssl", "3.0.22")),
        ([b"OpenSSL 3.0.7 1 Nov 2022"], ("openssl", "3.0.7")),
        ([b"OpenSSL 1.1.1w  11 Sep 2023"], ("openssl", "1.1.1w")),
        ([b"OpenSSL 1.1.1k  FIPS 25 Mar 2021"], ("openssl", "1.1.1k")),
        ([b"OpenSSL 1.0.2k-fips  26 Jan 2017"], ("openssl", "1.0.2k")),
        ([b"OpenSSL 1.0.2zg  7 Feb 2023"], ("openssl", "1.0.2zg")),
        ([b"OpenSSL 3.0.8+quic 7 Feb 2023"], ("openssl", "3.0.8")),
        ([b"openssl-version", b"3.5.9", b"provider-name"], ("openssl", "3.5.9")),
        ([XML_COPY, b"20914"], ("libxml2", "2.9.14")),
        ([XML_COPY, b"::21406-GITv2.14.6"], ("libxml2", "2.14.6")),
        ([b"libxml2.so.2", b"2.9.14", b"libxml2 Version"], ("libxml2", "2.9.14")),
        ([b"libxml2.so.16", b"2.14.6", b"libXML Compiled Version"], ("libxml2", "2.14.6")),
        ([DEBIAN_12], ("glibc", "2.36")),
        ([b"GNU C Library (GNU libc) stable release version 2.34.\n"], ("glibc", "2.34")),
        ([b"GNU C Library (GNU libc) stable release version 2.17, by Roland"], ("glibc", "2.17")),
        ([b"GNU C Library (GNU libc) stable release version 2.31 (git 9ea)"], ("glibc", "2.31")),
        (
            [b"GNU C Library (GNU libc) development release version 2.41.9000."],
            ("glibc", "2.41.9000"),
        ),
        ([b"expat_2.5.0"], ("expat", "2.5.0")),
        ([b"libpython3.11.so.1.0", b"3.11.2"], ("python", "3.11.2")),
        ([b"libpython3.13.so.1.0", b"3.13.0+"], ("python", "3.13.0")),
        ([b" deflate 1.2.13 Copyright 1995-2022 Jean-loup Gailly "], ("zlib", "1.2.13")),
        ([b" inflate 1.2.11 Copyright 1995-2017 Mark Adler "], ("zlib", "1.2.11")),
        ([b" inflate 1.3 Copyright 1995-2023 Mark Adler "], ("zlib", "1.3")),
        ([MYSQL, b"8.0.36-0ubuntu0.22.04.1"], ("mysql", "8.0.36")),
        ([MYSQL, b"9.4.0", b"1.3.1", b"1.5.7"], ("mysql", "9.4.0")),
        ([MARIADB, b"3.3.20", b"10.11.19", b"5.5.5-"], ("mysql", "10.11.19")),
        ([b"SQLite format 3", b"\x01\x013.54.1"], ("sqlite", "3.54.1")),
        ([PCRE2, b"10.42 2022-12-11"], ("pcre2", "10.42")),
        ([CURL, b"libcurl/7.88.1"], ("curl", "7.88.1")),
    ],
)
def test_what_a_library_leaves(texts, expected):
    assert found(*texts) == (expected,)


@pytest.mark.parametrize(
    "texts",
    [
        [b"OPENSSL_3.0.0", b"OpenSSL 3.0.0", b"libssl.so.3"],
        [b"OpenSSL 1.1.1 (compatible; BoringSSL)", b"OpenSSL 1.1.1 (compatible; AWS-LC 1.2.3)"],
        [b"OpenSSL 3.5.0-alpha1 11 Mar 2025", b"OpenSSL 3.2.0-dev "],
        [b"openssl-version", b"provider-name", b"3.40.1"],
        [b"OpenSSL 3's legacy provider failed to load", b"LibreSSL 3.8.2"],
        [b"20914", b"2.9.14", b"LIBXML2_2.9.14"],
        [XML_COPY, b"27282", b"120914", b"2.20914", b"209145"],
        [b"libxml2.so.2", b"2.9.14", b"Version"],
        [b"GNU C Library (GNU libc)", b"ld.so (GNU libc) stable release version 2.36."],
        [b"GLIBC_2.36", b"glibc 2.36", b"GNU C Library (x) stable release version 2"],
        [b"expat_CAPI 1.1", b"expat_config.h"],
        [b"3.40.1", b"sqlite3_libversion", b"libpython3.11.so.1.0"],
        [b"libpython3.13.so.1.0", b"3.13.0rc1", b"3.13", b"python3.13/x"],
        [b"ZLIB_1.2.13", b"1.2.13", b" deflate 1.3.1.zlib-ng Copyright 1995-2024 "],
        [b"8.0.36", b"mysql_native_password", b"MYSQL_UNIX_PORT", b"libmysqlclient.so.21"],
        [MYSQL, b"1.2.13", b"26.10.0.0", b"mysql-8.0.36", b"18.0.36"],
        [b"10.11.19", b"mariadb", b"libmariadb.so.3"],
        [MARIADB, b"3.3.20", b"10.11.19.1", b"v10.11.19"],
        [b"SQLite format 3", b"3.11.2", b"apsw 3.40.1", b"3.54.1.0", b"3.7.17"],
        [b"3.40.1", b"sqlite3_libversion"],
        [PCRE2, b"10.42", b"10.43-RC1 2024-01-01", b"PCRE 10.42 2022-12-11"],
        [b"10.42 2022-12-11", b"libcurl/7.88.1"],
        [CURL, b"mytool libcurl/7.88.1", b"libcurl/%s", b"libcurl/7.88.1-DEV"],
    ],
)
def test_what_only_looks_like_it(texts):
    assert found(*texts) == ()


def test_texts_come_in_file_order_without_repeats():
    texts = [b"expat_2.5.0", b"OpenSSL 3.0.1 1 Nov 2022", b"expat_2.5.0", b"expat_2.6.0"]
    expected = (("expat", "2.5.0"), ("openssl", "3.0.1"), ("expat", "2.6.0"))
    assert found(*texts) == expected


def test_neighbours_share_the_byte_between_them():
    assert found(b"python3.11 python3.12", b"3.11.2", b"3.12.1") == (
        ("python", "3.11.2"),
        ("python", "3.12.1"),
    )


def test_a_flood_of_texts_is_cut():
    flood = [b"expat_2.%d.%d" % (one, two) for one in range(99) for two in range(99)]
    assert len(found(*flood)) == MAX_BANNERS


@given(st.binary(max_size=300))
def test_any_bytes_give_banners(data):
    parse_banners(data)
    parse_banners(b"libxml2.so.\0python3.1\0" + data)


def real_objects():
    library = "/usr/lib/*-linux-gnu"
    wheels = f"{wheels_venv()}/lib/python3*/site-packages"
    return [
        ("/usr/lib/apache2/modules/mod_ssl.so", {"openssl"}),
        (f"{library}/libcrypto.so.3", {"openssl"}),
        (f"{library}/libxml2.so.2", {"libxml2"}),
        (f"{library}/libexpat.so.1", {"expat"}),
        (f"{library}/libc.so.6", {"glibc"}),
        (f"{library}/libpython3.11.so.1.0", {"python"}),
        (f"{wheels}/lxml/etree.*.so", {"libxml2", "zlib"}),
        (f"{wheels}/cryptography/hazmat/bindings/_rust.*.so", {"openssl"}),
        (f"{wheels}/psycopg2_binary.libs/libcrypto-*", {"openssl"}),
    ]


@pytest.mark.real
def test_real_objects_carry_one_release_of_each_library_inside():
    for pattern, families in real_objects():
        (path,) = Path("/").glob(pattern[1:])
        names = [name for name, _ in parse_banners(path.read_bytes()).texts]
        assert sorted(names) == sorted(families), path


@pytest.mark.real
@pytest.mark.parametrize(
    ("package", "name", "family"),
    [
        ("zlib1g", "libz.so.1", "zlib"),
        ("libmariadb3", "libmariadb.so.3", "mysql"),
        ("libsqlite3-0", "libsqlite3.so.0", "sqlite"),
        ("libpcre2-8-0", "libpcre2-8.so.0", "pcre2"),
        ("libcurl4", "libcurl.so.4", "curl"),
        ("libcurl3-gnutls", "libcurl-gnutls.so.4", "curl"),
        ("libexpat1", "libexpat.so.1", "expat"),
        ("libssl3", "libcrypto.so.3", "openssl"),
        ("libxml2", "libxml2.so.2", "libxml2"),
    ],
)
def test_the_release_told_is_the_one_of_the_package(package, name, family):
    version = offered(package)[0]
    (path,) = {path.resolve() for path in unpacked(package, version).rglob(name)}
    ((told, release),) = parse_banners(path.read_bytes()).texts
    assert (told, upstream(release)) == (family, upstream(re.sub(r"^\d+:|\+.*", "", version))[:3])
    assert MARKERS[family] in parse_elf(path.read_bytes()).definitions


@pytest.mark.real
def test_the_wheel_of_mysql_tells_the_release_of_its_client():
    (path,) = mysql_wheel("8.4.0").glob("_mysql_connector*.so")
    assert dict(parse_banners(path.read_bytes()).texts) == {"mysql": "8.4.0", "zlib": "1.2.13"}
    assert MARKERS["mysql"] in parse_elf(path.read_bytes()).definitions


@pytest.mark.real
def test_real_objects_without_these_libraries_carry_nothing():
    names = ("libm.so.6", "libssl.so.3", "libstdc++.so.6", "libapr-1.so.0", "libxslt.so.1")
    for name in names:
        (path,) = Path("/usr/lib").glob(f"*-linux-gnu/{name}")
        assert parse_banners(path.read_bytes()).texts == (), path
