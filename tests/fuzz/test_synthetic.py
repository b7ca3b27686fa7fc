"""The first seeds of the synthetic fuzzer."""

import pytest

from tests.fuzz.seeds import run, summary
from tests.fuzz.synthetic import NAME, judge_seed

pytestmark = pytest.mark.real

SEEDS = range(60)


def test_random_graphs_bind_as_glibc_binds_them():
    verdicts = run(judge_seed, SEEDS, NAME)
    assert [one.difference for one in verdicts if one.difference] == []
    assert sum(one.bindings for one in verdicts) > 300, summary(verdicts)
