"""The picture of a conflict: boxes and arrows from the evidence, and their places."""

import pytest

from hostprobe.report.html.binding import Column, Edge, graph_of, scene_of
from hostprobe.report.html.layout import HEIGHT, HIGHEST, layout_of, shortened
from tests.report.html_documents import (
    EXTENSION,
    LOSER,
    OPENED,
    WINNER,
    conflict,
    document,
    finding,
    large,
    library,
    move,
)

SHOP = "example.org/shop (/srv/shop.wsgi)"


def drawn(**evidence):
    """The graph of one conflict whose evidence is changed."""
    shown = document(finding(evidence={**conflict(), **evidence}))
    return graph_of(shown["findings"][0], scene_of(shown))


def kinds(graph):
    return {node.key: node.kind for node in graph.nodes}


def test_httpd_and_python_meet_at_the_libraries():
    graph = drawn()
    assert kinds(graph) == {
        "httpd": "httpd",
        OPENED: "opened",
        WINNER: "winner",
        LOSER: "loser",
        EXTENSION: "extension",
        SHOP: "application",
    }
    assert set(graph.edges) == {
        Edge("httpd", OPENED, "opens"),
        Edge(OPENED, WINNER, "brings"),
        Edge(EXTENSION, WINNER, "binds", 40),
        Edge(EXTENSION, LOSER, "standalone"),
        Edge(LOSER, WINNER, "binds", 7),
        Edge(SHOP, EXTENSION, "imports"),
    }
    assert [node.column for node in graph.nodes] == sorted(node.column for node in graph.nodes)


def test_what_an_application_imports_is_told_from_what_it_could_import():
    shown = document(finding(affected=["example.org/blog (/srv/blog.wsgi)"]))
    graph = graph_of(shown["findings"][0], scene_of(shown))
    assert Edge("example.org/blog (/srv/blog.wsgi)", EXTENSION, "offers") in graph.edges


def test_a_winner_that_httpd_starts_with_comes_from_httpd_itself():
    graph = drawn(brought_by=[])
    assert Edge("httpd", WINNER, "brings") in graph.edges
    assert Column.opened not in {node.column for node in graph.nodes}


def test_a_module_that_is_itself_the_winner_is_one_box():
    brought = [{"open": WINNER, "by": "apr", "where": "x:1", "brings": ["libedit.so.2"]}]
    graph = drawn(brought_by=brought)
    assert kinds(graph)[WINNER] == "winner"
    assert [edge for edge in graph.edges if edge.target == WINNER and edge.kind != "binds"] == [
        Edge("httpd", WINNER, "opens")
    ]


def test_an_extension_that_loses_its_own_copy_stands_with_the_extensions():
    graph = drawn(
        losers=[library(EXTENSION, "x.so")],
        rebound_by_object=[move(EXTENSION, 9, WINNER, EXTENSION)],
    )
    assert kinds(graph)[EXTENSION] == "extension"
    assert not [edge for edge in graph.edges if edge.kind == "standalone"]


def test_what_stays_unresolved_has_no_arrow_in_httpd():
    graph = drawn(winners=[], brought_by=[], rebound_by_object=[move(EXTENSION, 1, None, LOSER)])
    assert {edge.kind for edge in graph.edges} == {"standalone", "imports"}


def test_copies_that_cross_are_drawn_too():
    evidence = {
        "copies": [library("/lib/a.so", "a.so"), library("/lib/b.so", "b.so")],
        "crossings": [
            {"object": "/x.so", "home": "/lib/a.so", "provider": "/lib/b.so", "symbols": ["f", "g"]}
        ],
        "extensions": ["/x.so"],
    }
    shown = document(finding(evidence=evidence))
    graph = graph_of(shown["findings"][0], scene_of(shown))
    assert Edge("/x.so", "/lib/b.so", "binds", 2) in graph.edges
    assert Edge("/x.so", "/lib/a.so", "standalone") in graph.edges


def test_many_applications_are_one_box_more():
    shown = document(finding(affected=[f"example.org/{number}" for number in range(300)]))
    graph = graph_of(shown["findings"][0], scene_of(shown))
    names = [node.label for node in graph.nodes if node.kind == "application"]
    assert names[-1] == "and 294 more"
    assert len(names) == 7


def test_other_findings_have_no_picture():
    shown = document(finding(evidence={"path": "/x"}))
    assert graph_of(shown["findings"][0], scene_of(shown)) is None


def test_an_arrow_of_one_conflict_stays_near_when_all_are_drawn_together():
    shown = large(60, 60)
    scene = scene_of(shown)
    graphs = [graph_of(each, scene) for each in shown["findings"]]
    layout = layout_of(graphs)
    width = layout_of(graphs[:1]).width
    for graph in graphs:
        for edge in graph.edges:
            if edge.source != "httpd":
                assert abs(layout.boxes[edge.source].x - layout.boxes[edge.target].x) < width


def test_no_two_boxes_cover_each_other_and_winners_stand_above_losers():
    shown = large(60, 60)
    scene = scene_of(shown)
    layout = layout_of([graph_of(each, scene) for each in shown["findings"]])
    assert len(layout.boxes) == 301
    places = [(box.x, box.y, box.x + box.width, box.y + HEIGHT) for box in layout.boxes.values()]
    for number, (left, top, right, bottom) in enumerate(places):
        for other in places[number + 1 :]:
            assert right < other[0] or other[2] < left or bottom < other[1] or other[3] < top
    assert layout.height < (HIGHEST + 1) * 2 * HEIGHT
    small = layout_of([drawn()])
    assert small.boxes[WINNER].y < small.boxes[LOSER].y


@pytest.mark.parametrize(
    ("text", "room", "shown"),
    [
        ("libedit.so.2", 12, "libedit.so.2"),
        ("libedit.so.2", 9.9, "libed\N{HORIZONTAL ELLIPSIS}o.2"),
    ],
)
def test_a_long_name_loses_its_middle(text, room, shown):
    assert shortened(text, room) == shown
