"""Debian's own configurations serve, with every extension module imported into httpd."""

from __future__ import annotations

import pytest

from tests.real import scan, stock

pytestmark = pytest.mark.real
# Needs tkinter, which Debian packages apart.
KNOWN = {"PIL._imagingtk"}


@pytest.mark.parametrize("make", [stock.stock_host, stock.rich_host])
def test_every_extension_can_be_imported(make: stock.Make) -> None:
    assert len(stock.stdlib_names()) > 40
    assert len(stock.wheel_names()) > 50
    with make() as httpd:
        assert set(stock.failed_imports(httpd)) <= KNOWN


def test_it_forks_too() -> None:
    with stock.stock_host(single=False) as httpd:
        assert set(stock.failed_imports(httpd)) <= KNOWN


# Every finding of the rich host, each gone through by hand and equal to LD_DEBUG=bindings.
CONFLICTS = {
    ("libxml2-mixed", "libexslt.so.0", "libxml2.so.2", "libxslt.so.1"),  # lxml: 1748 move, 206 stay
    ("symbol-interposed", "libedit.so.2"),  # readline: 47 of its own, 122 of libreadline
    ("symbol-interposed", "libffi.so.8"),  # _cffi_backend: 16 of 25
    ("symbol-interposed", "liblz4.so.1"),  # lz4: 14 of _version, 22 of _block, 51 of _frame
    ("symbol-interposed", "liblzma.so.5"),  # pillow's libtiff 6, its liblzma 55 of 56
    ("openssl-mixed", "libcrypto.so.3", "libssl.so.3"),  # psycopg2's libpq, libldap, libssl
}


OLDER_OPENSSL = {"openssl-older-than-built", "log-signature"}
"""An upgrade of httpd that left libssl behind, as it logs itself (AH01882)."""


def conflict(finding: scan.Finding) -> tuple[str, ...]:
    return (finding["check"], *sorted(scan.sonames(finding, "winners")))


def test_a_stock_host_is_silent() -> None:
    with stock.stock_host() as httpd:
        assert scan.alarms(httpd) == []


def test_a_rich_host_has_its_conflicts_and_no_other() -> None:
    with stock.rich_host() as httpd:
        found = scan.alarms(httpd)
        rest = [one for one in found if one["check"] not in OLDER_OPENSSL]
        assert sorted(map(conflict, rest)) == sorted(CONFLICTS)
        assert all(scan.hits_shop(one) for one in rest)
        older = {one["check"] for one in found} & OLDER_OPENSSL
        assert older == (OLDER_OPENSSL if "AH01882" in httpd.error_log else set())
