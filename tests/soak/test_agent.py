"""A short run of what `make soak` does at length."""

import pytest

from tests.soak.agent import judge, soak

pytestmark = pytest.mark.real


def test_scans_leave_nothing_in_the_agent(tmp_path):
    memory, descriptors, _ = soak(tmp_path, 6)
    judge(memory, descriptors)
