"""The binding is found by looking, and another package of its name is never imported."""

import sys
from importlib.machinery import EXTENSION_SUFFIXES
from importlib.util import find_spec

import pytest

from hostprobe.collect.audit2why import (
    Binding,
    BindingError,
    find_binding,
    helping,
    load,
    usual_places,
)
from hostprobe.facts.selinux import Question

SUFFIX = EXTENSION_SUFFIXES[0]


def package(folder, *names):
    (folder / "selinux").mkdir(parents=True)
    for name in ("__init__.py", *names):
        (folder / "selinux" / name).write_text("raise SystemExit('imported')")
    return str(folder)


def test_the_package_of_pypi_is_recognised_without_importing_it(tmp_path):
    shim = package(tmp_path / "shim")
    real = package(tmp_path / "real", f"audit2why{SUFFIX}")
    assert find_binding([shim]) is None
    assert find_binding([shim, real]) == f"{real}/selinux/audit2why{SUFFIX}"
    assert "selinux" not in sys.modules


def test_what_is_required_is_looked_at_and_not_imported():
    spec = find_spec("selinux")
    assert spec is not None
    (folder,) = spec.submodule_search_locations
    is_binding = spec.loader.get_filename("selinux") and "swig" in spec.loader.get_source("selinux")
    found = find_binding([folder.removesuffix("/selinux")])
    assert (found is not None) == is_binding
    assert "selinux" not in sys.modules


def test_a_binding_for_another_python_is_none(tmp_path):
    other = package(tmp_path, "audit2why.cpython-399-x86_64-linux-gnu.so")
    assert find_binding([other]) is None


def test_without_one_the_reason_is_told(tmp_path):
    with pytest.raises(BindingError, match="no Python binding"):
        Binding(b"", [str(tmp_path)])


def test_what_does_not_load_is_told(tmp_path):
    path = f"{package(tmp_path, f'audit2why{SUFFIX}')}/selinux/audit2why{SUFFIX}"
    with pytest.raises(BindingError, match=r"invalid ELF header|file too short"):
        load(path)


def test_the_directories_of_the_distribution_are_looked_at():
    version = ".".join(map(str, sys.version_info[:2]))
    assert "/usr/lib/python3/dist-packages" in usual_places()
    assert f"/usr/lib64/python{version}/site-packages" in usual_places()
    assert "" not in usual_places()


@pytest.mark.parametrize(
    ("hints", "names", "thorough", "expected"),
    [
        ((), ["b", "a"], True, ("a", "b")),
        ((), ["b", "a_httpd"], True, ("a_httpd",)),
        ((), ["b"], False, ()),
        (("x", "b", "a"), ["a", "b"], False, ("b",)),
        (("x",), ["a"], False, ()),
        (("x",), ["a"], True, ("a",)),
    ],
)
def test_a_hint_comes_first_and_httpds_own_before_others(hints, names, thorough, expected):
    question = Question("s", "t", "file", ("read",), hints)
    assert helping(question, names, thorough=thorough) == expected
