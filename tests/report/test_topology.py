from hostprobe.report.figures import render_figures
from hostprobe.report.lines import to_text
from hostprobe.report.topology import render_topology
from tests.report.golden_files import assert_golden, assert_no_surprise
from tests.report.sample import figures, instance


def test_the_outline_is_as_agreed():
    lines = to_text(render_topology((instance(),), verbose=True), 100)
    shown = "".join(f"{line}\n" for line in lines)
    assert_no_surprise(shown)
    assert_golden("topology.txt", shown)


def test_the_figures_of_a_container_are_as_agreed():
    lines = to_text(render_figures(figures()), 100)
    shown = "".join(f"{line}\n" for line in lines)
    assert_no_surprise(shown)
    assert_golden("figures.txt", shown)


def test_without_figures_there_is_no_heading():
    assert list(render_figures(())) == []
