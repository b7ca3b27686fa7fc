"""Debian's own configurations serve, with every extension module imported into httpd."""

from __future__ import annotations

import pytest

from tests.real import stock

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
