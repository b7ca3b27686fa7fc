"""A short run of what `make soak` does at length."""

import pytest

from tests.soak.agent import judge, soak

pytestmark = pytest.mark.real


def test_scans_leave_nothing_in_the_agent(tmp_path):
    judge(*soak(tmp_path, 6))
