"""Paths compiled into libphp."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hostprobe.facts.php import PhpBuild
from hostprobe.parse.error import ParseError
from hostprobe.parse.php_build import parse_php_build


def texts(*parts):
    return b"\0" + b"\0".join(part.encode() for part in parts) + b"\0"


DEBIAN = texts(
    "/etc/php/8.2/apache2", "Loaded Configuration File", "API20220829,NTS", "PHP_API",
    "/usr/lib/php/20220829", "PEAR_EXTENSION_DIR", "PHP_EXTENSION_DIR", "/var", "PHP_LOCALSTATEDIR",
    "PHP_CONFIG_FILE_PATH", "/etc/php/8.2/apache2/conf.d", "PHP_CONFIG_FILE_SCAN_DIR",
)  # fmt: skip
FEDORA = texts(
    "API20240924,TS", "/usr/lib64/php/modules", "PHP_EXTENSION_DIR", "/etc", "PHP_CONFIG_FILE_PATH",
    "/etc/php.d", "PHP_CONFIG_FILE_SCAN_DIR",
)  # fmt: skip
MERGED = texts("/opt/ext-20200930", "API20200930,TS", "PHP_EXTENSION_DIR", "x y")


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (
            DEBIAN,
            PhpBuild(
                "/etc/php/8.2/apache2", "/etc/php/8.2/apache2/conf.d", "/usr/lib/php/20220829"
            ),
        ),
        (FEDORA, PhpBuild("/etc", "/etc/php.d", "/usr/lib64/php/modules")),
        (MERGED, PhpBuild(None, None, "/opt/ext-20200930")),
    ],
)
def test_paths_stand_beside_their_names(data, expected):
    assert parse_php_build(data) == expected


@given(st.binary())
def test_other_bytes_are_not_php(data):
    with pytest.raises(ParseError):
        parse_php_build(data)


@pytest.mark.real
def test_debians_php_tells_its_paths():
    path = Path("/usr/lib/apache2/modules/libphp8.2.so")
    expected = PhpBuild(
        "/etc/php/8.2/apache2", "/etc/php/8.2/apache2/conf.d", "/usr/lib/php/20220829"
    )
    assert parse_php_build(path.read_bytes()) == expected
