import pytest

from hostprobe.exporter import page as module
from hostprobe.exporter.answer import NOTHING
from hostprobe.exporter.page import policy
from tests.exporter.sample import stored

HEAD = '<!doctype html><html><head><meta charset="utf-8">'


@pytest.mark.parametrize(
    "meta",
    [
        """<meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src *">""",
        """<META HTTP-EQUIV=Content-Security-Policy CONTENT="default-src 'none'; img-src *;"/>""",
        """<meta http-equiv="Content-Security-Policy"
           content="default-src &#39;none&#39;; img-src *">""",
    ],
)
def test_the_policy_of_a_page_is_sent_and_nobody_frames_it(meta):
    assert policy(HEAD + meta) == "default-src 'none'; img-src *; frame-ancestors 'none'"


def test_a_page_without_a_policy_may_load_nothing():
    assert policy(HEAD) == NOTHING


def test_the_page_of_a_report_runs_under_its_own_policy(tmp_path):
    body = module.page(stored(tmp_path / "report.json"))
    text = body.data.decode()
    assert body.kind == "text/html; charset=utf-8"
    assert body.policy == policy(text) != NOTHING
    assert "default-src 'none'" in body.policy
    assert "symbol-interposed" in text
