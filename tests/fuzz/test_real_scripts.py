"""The first seeds of the fuzzer over real libraries."""

import pytest

from tests.fuzz.real_scripts import NAME, judge_seed
from tests.fuzz.seeds import run, summary

pytestmark = pytest.mark.real

SEEDS = range(20)


def test_random_scripts_over_real_libraries_bind_as_glibc_binds_them():
    verdicts = run(judge_seed, SEEDS, NAME)
    assert [one.difference for one in verdicts if one.difference] == []
    assert sum(one.bindings for one in verdicts) > 10_000, summary(verdicts)
