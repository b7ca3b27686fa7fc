from hostprobe.report.lines import to_text
from hostprobe.report.topology import render_topology
from tests.report.golden_files import assert_golden, assert_no_surprise
from tests.report.sample import instance


def test_the_outline_is_as_agreed():
    lines = to_text(render_topology((instance(),), verbose=True), 100)
    shown = "".join(f"{line}\n" for line in lines)
    assert_no_surprise(shown)
    assert_golden("topology.txt", shown)
