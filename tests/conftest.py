"""Settings of all tests."""

from pathlib import Path

import pytest
from hypothesis import settings

# Workers share the cores: a deadline would judge the machine. What must be bounded says so itself.
settings.register_profile("shared", deadline=None)
settings.load_profile("shared")

SERVERS = Path(__file__).parent / "real"


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items):
    """A scan sees every httpd of the machine, so tests with servers of their own run alone."""
    for item in items:
        if SERVERS in item.path.parents:
            item.add_marker("alone")
