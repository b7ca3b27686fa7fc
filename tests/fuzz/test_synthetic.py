"""A few seconds of the synthetic fuzzer with the same seeds every time."""

import pytest

from tests.fuzz.seeds import run, summary
from tests.fuzz.synthetic import NAME, judge_seed

pytestmark = pytest.mark.real

SECONDS = 15


def test_random_graphs_bind_as_glibc_binds_them():
    verdicts = run(judge_seed, range(1000), NAME, SECONDS)
    assert [one.difference for one in verdicts if one.difference] == []
    assert sum(one.bindings for one in verdicts) > 300, summary(verdicts)
