"""Settings of the tests with real servers."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.real.hosts.bad_input import BadHost, copied, make_template


@pytest.fixture(autouse=True, scope="session")
def files_that_www_data_can_read() -> Iterator[None]:
    """A hardened account's umask of 027 would close every script to the children of httpd."""
    before = os.umask(0o022)
    yield
    os.umask(before)


@pytest.fixture(scope="session")
def bad_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The root that every `host` is a copy of."""
    root = tmp_path_factory.mktemp("bad") / "root"
    make_template(root)
    return root


@pytest.fixture
def host(bad_template: Path, tmp_path: Path) -> BadHost:
    """A small host in which a test spoils something."""
    return copied(bad_template, tmp_path / "root")
