"""Filters and auxiliary filters: who stands before whom, what is missing, what never ends."""

import pytest

from hostprobe.facts.elf import Filter
from hostprobe.model.loader.objects import FailureKind
from tests.model.loader.builder import elf, opens, paths, process, providers

LIB = elf("f")


def filtering(name, *, auxiliary=False, needs="", **changes):
    filters = (Filter(name.encode(), auxiliary),)
    return elf("f", "f", needs, rpath="/", filters=filters, **changes)


@pytest.mark.parametrize("auxiliary", [True, False])
def test_the_library_filtered_stands_before_its_filter(auxiliary):
    content = {"/e.so": filtering("x.so", auxiliary=auxiliary), "/x.so": LIB}
    one = process(content, opens("/e.so"))
    assert paths(one.search_list(one.objects[-1])) == ["/x.so", "/e.so"]
    assert providers(one, "/e.so") == {"f": "/x.so"}


def test_a_missing_auxiliary_library_is_no_error():
    one = process({"/e.so": filtering("x.so", auxiliary=True)}, opens("/e.so"))
    assert providers(one, "/e.so") == {"f": "/e.so"}


def test_a_missing_library_of_a_filter_is_an_error():
    one = process({"/e.so": filtering("x.so")}, opens("/e.so"))
    assert [failure.kind for failure in one.failures] == [FailureKind.NOT_FOUND]
    assert one.failures[0].requesters == ("/e.so",)


def test_an_object_that_filters_itself_stays_where_it_is():
    one = process({"/e.so": filtering("e.so")}, opens("/e.so"))
    assert paths(one.search_list(one.objects[-1])) == ["/e.so"]


def test_objects_that_filter_each_other_end_the_process():
    content = {"/e.so": filtering("x.so"), "/x.so": filtering("e.so", auxiliary=True)}
    one = process(content, opens("/e.so"))
    assert one.died is not None
    assert one.died.kind is FailureKind.ABORT


def test_what_a_filter_moves_forward_is_the_first_to_answer_to_its_soname():
    content = {
        "/e.so": filtering("libx2.so", soname="libx.so", needs="u.so"),
        "/libx2.so": elf("g", soname="libx.so"),
        "/u.so": elf(refers="g", needs="libx.so"),
    }
    one = process(content, opens("/e.so"))
    user = next(loaded for loaded in one.objects if loaded.path == "/u.so")
    assert paths(one.needed(user)) == ["/libx2.so"]


def test_what_a_filter_moves_back_lets_another_answer_to_its_soname():
    content = {
        "/1.so": elf("g", soname="libx.so"),
        "/2.so": elf("g", soname="libx.so"),
        "/e.so": filtering("libx.so"),
        "/u.so": elf(refers="g", needs="libx.so"),
    }
    one = process(content, *(opens(path) for path in content))
    assert providers(one, "/e.so") == {"f": "/e.so"}
    assert providers(one, "/u.so") == {"g": "/2.so"}
