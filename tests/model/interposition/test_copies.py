"""More than one copy of a library in a process."""

from hostprobe.model.interposition.families import Family
from tests.model.linked_host import EXTENSION, linkages, thing

MODULE, OTHER, PLUGIN = "/mods/mod_a.so", "/mods/mod_b.so", "/mods/mod_c.so"
MYSQL = Family("mysql", (b"mysql_info",))
CLIENT = ["mysql_info", "mysql_query"]


def copies(objects, modules=(MODULE, OTHER)):
    (linkage,) = linkages(objects, modules).all
    return list(linkage.copies(MYSQL))


def two_clients(**changes):
    return {
        MODULE: thing(refers=["mysql_query"], needed=["liba.so.1"]),
        "/lib64/liba.so.1": thing(CLIENT, soname="liba.so.1"),
        OTHER: thing(refers=["mysql_query", "only_b"], needed=["libb.so.1"]),
        "/lib64/libb.so.1": thing([*CLIENT, "only_b"], soname="libb.so.1"),
    } | changes


def test_what_binds_to_another_copy_than_its_own_is_told():
    (found,) = copies(two_clients())
    assert [one.real for one in found.objects] == ["/lib64/liba.so.1", "/lib64/libb.so.1"]
    (crossing,) = found.crossings
    assert crossing.object.real == OTHER
    assert (crossing.home.soname, crossing.provider.soname) == ("libb.so.1", "liba.so.1")
    assert crossing.symbols == (b"mysql_query",)


def test_a_copy_inside_the_object_itself_is_its_home():
    objects = two_clients() | {OTHER: thing(CLIENT, ["mysql_query"])}
    (found,) = copies(objects)
    assert [(one.object.real, one.home.real) for one in found.crossings] == [(OTHER, OTHER)]


def test_one_copy_for_all_is_none():
    objects = two_clients() | {OTHER: thing(refers=["mysql_query"], needed=["liba.so.1"])}
    assert copies(objects) == []


def test_who_has_no_copy_may_use_any():
    objects = two_clients() | {PLUGIN: thing(refers=["mysql_query"])}
    (found,) = copies(objects, [MODULE, OTHER, PLUGIN])
    assert PLUGIN not in {one.object.real for one in found.crossings}


def test_an_import_brings_a_copy_of_its_own():
    objects = {
        MODULE: thing(needed=["liba.so.1"]),
        "/lib64/liba.so.1": thing(CLIENT, soname="liba.so.1"),
        EXTENSION: thing(CLIENT),
    }
    (found,) = copies(objects, [MODULE])
    assert [one.real for one in found.objects] == ["/lib64/liba.so.1", EXTENSION]
    assert [one.path for one in found.extensions] == [EXTENSION]


def test_an_import_of_the_same_file_brings_none():
    objects = {
        MODULE: thing(needed=["liba.so.1"]),
        "/lib64/liba.so.1": thing(CLIENT, soname="liba.so.1"),
        EXTENSION: thing(needed=["liba.so.1"]),
    }
    assert copies(objects, [MODULE]) == []


def test_an_import_of_the_only_copy_brings_none():
    assert copies({EXTENSION: thing(CLIENT)}, []) == []
