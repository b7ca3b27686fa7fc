"""A library that an Apache module brings in takes over symbols of a Python extension."""

from dataclasses import replace

import pytest
from hostprobe_checks.symbol_interposed import symbol_interposed

from hostprobe.check import Certainty, Severity
from hostprobe.facts.plan import Open, OpenFlags
from hostprobe.model.instance import Extension
from hostprobe.model.linkage import Linkages
from tests.model.linked_host import EXTENSION, HTTPD, PYTHON, linkages, thing

MODULE, PHP = "/mods/mod_a.so", "/php/readline.so"
PHP_FLAGS = OpenFlags.LAZY | OpenFlags.GLOBAL | OpenFlags.DEEPBIND


def run(*arguments, **options):
    return list(symbol_interposed.body(linkages(*arguments, **options)))


def two_libraries(winner="libedit.so.2", defines=("add_history", "rl_init")):
    """The extension's libreadline and another library of the same names behind a module."""
    return {
        MODULE: thing(needed=[winner]),
        PHP: thing(needed=[winner]),
        f"/lib64/{winner}": thing(defines, soname=winner),
        EXTENSION: thing(refers=["add_history", "rl_only"], needed=["libreadline.so.8"]),
        "/lib64/libreadline.so.8": thing(
            ["add_history", "rl_init", "rl_only", *(f"rl_{n}" for n in range(9))],
            ["rl_init"],
            soname="libreadline.so.8",
        ),
    }


def test_it_fires_for_another_library_of_the_same_names():
    (finding,) = run(two_libraries(defines=("add_history", "rl_init", "el_x", "el_y")), [MODULE])
    assert finding.severity is Severity.critical
    assert finding.certainty is Certainty.likely
    assert finding.evidence["symbols"] == ["add_history", "rl_init"]
    assert finding.evidence["judgement"]["rebound"] == 2
    assert finding.evidence["judgement"]["kept"] == 1
    assert finding.evidence["losers"][0]["path"] == "/lib64/libreadline.so.8"
    assert finding.evidence["winners"][0]["path"] == "/lib64/libedit.so.2"
    assert finding.evidence["brought_by"][0]["open"] == MODULE
    assert finding.affected == ("example.org/shop (/srv/shop.wsgi)",)


def test_it_fires_for_a_php_extension_and_says_which():
    late = [Open(PHP, PHP_FLAGS, by="php", where="/etc/php/8.2/apache2/conf.d/20-readline.ini:2")]
    (finding,) = run(two_libraries(), late=late)
    assert finding.evidence["brought_by"][0]["by"] == "php"
    assert any("phpdismod -v 8.2 -s apache2 readline" in step for step in finding.remedy)


def test_a_guessed_dlopen_is_only_possible_and_says_why():
    late = [Open(PHP, PHP_FLAGS, by="php", guess="the paths of PHP are assumed")]
    (finding,) = run(two_libraries(), late=late)
    assert finding.certainty is Certainty.possible
    assert finding.detail.endswith("Not certain: the paths of PHP are assumed.")


def test_a_cure_is_tried_on_the_model():
    (finding,) = run(two_libraries(), [MODULE])
    assert finding.remedy[0].startswith("LoadFile /lib64/libreadline.so.8 before")
    assert "all else still loads and binds as before (simulated)" in finding.remedy[0]


def test_nothing_is_loaded_before_what_httpd_starts_with():
    objects = two_libraries() | {HTTPD: thing(needed=["libedit.so.2"])}
    (finding,) = run(objects, [MODULE])
    assert finding.evidence["brought_by"] == []
    assert not any("LoadFile" in step for step in finding.remedy)


def test_a_cure_that_moves_a_module_to_the_other_library_says_so():
    objects = two_libraries()
    objects[MODULE] = thing(["a_hook"], refers=["add_history"], needed=["libedit.so.2"])
    objects["/mods/mod_b.so"] = thing(refers=["a_hook"])
    (finding,) = run(objects, [MODULE, "/mods/mod_b.so"])
    assert "/mods/mod_a.so would bind 1 symbols to another library" in finding.remedy[0]


def test_a_cure_that_stops_another_module_from_loading_is_not_the_first():
    objects = two_libraries()
    objects[MODULE] = thing(["a_hook"], needed=["libedit.so.2"])
    objects["/mods/mod_b.so"] = thing(refers=["a_hook"])
    (finding,) = run(objects, [MODULE, "/mods/mod_b.so"])
    assert finding.remedy[0].startswith("LoadFile")
    assert not any("mod_a.so" in step for step in finding.remedy)


def test_what_nothing_imports_is_low_and_possible():
    (finding,) = run(two_libraries(), [MODULE], imports=False)
    assert (finding.severity, finding.certainty) == (Severity.low, Certainty.possible)


def test_an_extension_given_by_hand_counts_as_imported():
    (linkage,) = linkages(two_libraries(), [MODULE], imports=False).all
    given = replace(linkage, extra=(Extension("_fast", EXTENSION),))
    (finding,) = symbol_interposed.body(Linkages((given,)))
    assert finding.severity is Severity.critical
    assert finding.remedy[0].startswith("LoadFile")


def test_an_environment_without_interpreter_is_not_silently_fine():
    objects = two_libraries()
    objects[PYTHON] = b"not an object"
    (linkage,) = linkages(objects, [MODULE]).all
    assert linkage.loads == ()
    assert "no Python 3.11 to compare with" in linkage.unjudged[0]


def test_a_function_bound_to_data_is_critical():
    objects = two_libraries("libreadline.so.7")
    objects["/lib64/libreadline.so.7"] = thing(
        ["add_history"], soname="libreadline.so.7", data=["add_history"]
    )
    (finding,) = run(objects, [MODULE])
    assert finding.evidence["judgement"]["harm"] == "changed_type"


def test_a_split_across_major_versions_is_high():
    (finding,) = run(two_libraries("libreadline.so.7"), [MODULE])
    assert (finding.severity, finding.evidence["judgement"]["harm"]) == (
        Severity.high,
        "split_major",
    )


def test_a_complete_move_to_a_copy_is_medium():
    objects = two_libraries("libreadline.so.8", ["add_history", "rl_init", "rl_only"])
    objects["/venv/libreadline.so.8"] = objects.pop("/lib64/libreadline.so.8")
    objects["/lib64/libreadline-1.so.8"] = thing(
        ["add_history", "rl_init", "rl_only"], soname="libreadline-1.so.8"
    )
    objects[MODULE] = thing(needed=["libreadline-1.so.8"])
    objects["/lib64/libreadline.so.8"] = thing(
        ["add_history", "rl_init", "rl_only"], soname="libreadline.so.8"
    )
    (finding,) = run(objects, [MODULE])
    assert (finding.severity, finding.evidence["judgement"]["harm"]) == (
        Severity.medium,
        "taken_over",
    )


def without_reference():
    """The names are there twice, but no relocation of the extension refers to them."""
    objects = two_libraries()
    objects[EXTENSION] = thing(refers=["rl_only"], needed=["libreadline.so.8"])
    objects["/lib64/libreadline.so.8"] = thing(
        ["add_history", "rl_init", "rl_only"], soname="libreadline.so.8"
    )
    return objects


def same_file():
    """Both sides use one libreadline."""
    objects = two_libraries()
    objects[MODULE] = thing(needed=["libreadline.so.8"])
    return objects


def in_libpython():
    """The interpreter's own symbols come from its executable standalone, from libpython here."""
    return {
        MODULE: thing(["Py_Initialize", "PyModule_Create2"], soname="libpython3.11.so.1.0"),
        "/usr/bin/python3.11": thing(["Py_Initialize", "PyModule_Create2"]),
        EXTENSION: thing(refers=["PyModule_Create2"]),
    }


def in_glibc():
    """frexp moves from libm to libc: the same glibc."""
    return {
        "/usr/sbin/apache2": thing(needed=["libc.so.6"]),
        "/lib64/libc.so.6": thing(["frexp"], soname="libc.so.6"),
        "/usr/bin/python3.11": thing(["Py_Initialize"], needed=["libm.so.6"]),
        "/lib64/libm.so.6": thing(["frexp"], soname="libm.so.6"),
        EXTENSION: thing(refers=["frexp"], needed=["libm.so.6"]),
    }


def type_info():
    """Type info of C++ that the extension carries too moves to libstdc++."""
    return {
        MODULE: thing(needed=["libstdc++.so.6"]),
        "/lib64/libstdc++.so.6": thing(["_ZTISt9exception"], soname="libstdc++.so.6"),
        EXTENSION: thing(["_ZTISt9exception"], refers=["_ZTISt9exception"]),
    }


@pytest.mark.parametrize(
    "near_miss", [without_reference, same_file, in_libpython, in_glibc, type_info]
)
def test_it_is_silent_when_no_binding_crosses(near_miss):
    assert run(near_miss(), [MODULE]) == []
