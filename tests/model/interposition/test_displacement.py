"""A needed library that httpd answers with another file of that name."""

from tests.model.linked_host import EXTENSION, linkages, thing

MODULE = "/mods/mod_a.so"
OWN = "/venv/lib/python3.11/site-packages/shop.libs/libz.so.1"


def the_load(objects, modules=(MODULE,)):
    (linkage,) = linkages(objects, modules).all
    (load,) = linkage.loads
    return linkage, load


def host(**changes):
    extension = thing(refers=["deflate", "newer"], needed=["libz.so.1"])
    objects = {
        MODULE: thing(needed=["libz.so.1"]),
        "/lib64/libz.so.1": thing(["deflate", "newer"], soname="libz.so.1"),
        OWN: thing(["deflate", "newer"], soname="libz.so.1"),
        EXTENSION: extension.__class__(**{**fields(extension), "runpath": OWN[:-10].encode()}),
    }
    return objects | changes


def fields(extension):
    return {name: getattr(extension, name) for name in extension.__dataclass_fields__}


def test_a_soname_that_is_taken_displaces_the_extension_s_own_library():
    _, load = the_load(host())
    (one,) = load.displaced
    assert (one.name, one.taken.real, one.rightful.real) == ("libz.so.1", "/lib64/libz.so.1", OWN)
    assert one.requester.real == EXTENSION


def test_bindings_that_a_displaced_soname_moves_are_its_own():
    linkage, _ = the_load(host())
    assert [one.family for one in linkage.interpositions] == ["soname"]


def test_the_same_file_is_not_displaced():
    objects = host()
    objects[EXTENSION] = thing(refers=["deflate"], needed=["libz.so.1"])
    assert the_load(objects)[1].displaced == ()


def test_nothing_is_displaced_where_nothing_of_that_name_is_loaded():
    assert the_load(host(), modules=())[1].displaced == ()


def test_a_load_that_fails_for_it_belongs_to_it():
    objects = host() | {"/lib64/libz.so.1": thing(["deflate"], soname="libz.so.1")}
    linkage, load = the_load(objects)
    assert load.failure is not None
    assert list(linkage.refusals("soname")) == [load]
    assert list(linkage.refusals("")) == []
