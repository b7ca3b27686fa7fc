"""What tests of several commands begin with."""

import pytest


@pytest.fixture
def root(tmp_path):
    """A root without httpd."""
    (tmp_path / "root/etc").mkdir(parents=True)
    (tmp_path / "root/etc/hostname").write_text("rescue\n")
    return tmp_path / "root"
