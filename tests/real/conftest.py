"""Settings of the tests with real servers."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest


@pytest.fixture(autouse=True, scope="session")
def files_that_www_data_can_read() -> Iterator[None]:
    """A hardened account's umask of 027 would close every script to the children of httpd."""
    before = os.umask(0o022)
    yield
    os.umask(before)
