"""A short run of what `make soak` does at length."""

from __future__ import annotations

import statistics
from pathlib import Path

import pytest

from tests.real.exporter import Exporter, store_sample
from tests.soak.exporter import beside_a_crowd, judge, renewed

pytestmark = pytest.mark.real


def test_neither_reports_nor_a_crowd_make_it_grow_or_stop(tmp_path: Path) -> None:
    store_sample(tmp_path / "state")
    with Exporter(tmp_path / "state") as exporter:
        judge(renewed(exporter, 20, warm=10))
        scrapes = beside_a_crowd(exporter, 600, 3)
        assert statistics.median(scrapes.seconds) < 0.25, scrapes
        assert max(scrapes.seconds) < 8, scrapes
        assert scrapes.resident < 120 << 20
        assert len(exporter.said().splitlines()) == 1
