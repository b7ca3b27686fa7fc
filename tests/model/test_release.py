"""Which release an object tells, where it may have several libraries inside."""

import pytest

from hostprobe.facts.elf import Banners
from hostprobe.model.release import MARKERS, openssl_feature_release, releases
from hostprobe.parse.banners import BANNERS
from tests.model.linked_host import linkages, thing

LXML, LIBZ, LIBXML2, PLAIN = "/m/lxml.so", "/m/libz.so.1", "/m/libxml2.so.2", "/m/plain.so"
OBJECTS = {
    LXML: (
        thing(["xmlReadMemory", "zlibVersion"]),
        Banners((("zlib", "1.3.2"), ("libxml2", "2.14.6"))),
    ),
    LIBZ: (thing(["zlibVersion"]), Banners((("zlib", "1.2.13"),))),
    LIBXML2: (thing(["xmlReadMemory"]), Banners((("libxml2", "2.9.14"),))),
    PLAIN: (thing(["other"]), Banners((("zlib", "1.2.11"),))),
}


@pytest.mark.parametrize(
    ("paths", "expected"),
    [
        ((LXML, LIBZ), {LXML: "1.3.2", LIBZ: "1.2.13"}),
        ((LXML, LIBXML2), {LXML: "2.14.6", LIBXML2: "2.9.14"}),
        ((LIBZ, LIBXML2), {LIBZ: "1.2.13", LIBXML2: "2.9.14"}),
        ((LXML, PLAIN), {LXML: "2.14.6"}),
        ((PLAIN,), {}),
        ((), {}),
    ],
)
def test_the_library_that_all_have_inside_is_meant(paths, expected):
    (linkage,) = linkages(OBJECTS, list(OBJECTS)).all
    loaded = {one.real: one for one in linkage.parent.objects}
    assert releases(linkage.files, [loaded[path] for path in paths]) == expected


def test_every_text_belongs_to_a_family_with_a_marker():
    assert {banner.family for banner in BANNERS} - {"glibc"} <= set(MARKERS)


@pytest.mark.parametrize(
    ("version", "feature"),
    [("3.0.19", "3.0"), ("3.5.9", "3.5"), ("1.1.1w", "1.1.1"), ("1.0.2zg", "1.0.2"), ("", "")],
)
def test_a_patch_of_openssl_is_the_third_number_since_3_and_the_letter_before(version, feature):
    assert openssl_feature_release(version) == feature
