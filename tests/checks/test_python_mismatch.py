"""Environments made for another Python than mod_wsgi's."""

import pytest
from hostprobe_checks.python_mismatch import python_mismatch

from hostprobe.check import Severity
from hostprobe.facts.httpd import Where
from hostprobe.facts.python import PyvenvCfg
from hostprobe.model.instance import Topology
from tests.model.linked_host import environment, instance

VENV = {"home": "/venv", "home_where": Where("/etc/apache2/site.conf", 7, 7)}


def run(**changes):
    one = instance(environment=environment(**(VENV | changes)))
    return list(python_mismatch.body(Topology((one,))))


def made_with(version):
    return PyvenvCfg("/usr/bin", version, False)


def test_it_fires_for_an_environment_of_another_minor_version():
    (finding,) = run(pyvenv=made_with("3.9.2"), home_versions=("3.9",))
    assert finding.severity is Severity.high
    assert finding.title == "/venv is for Python 3.9, mod_wsgi runs Python 3.11"
    assert finding.evidence["where"] == "/etc/apache2/site.conf:7"
    assert finding.affected == ("example.org/shop (/srv/shop.wsgi)",)


def test_it_fires_when_the_interpreter_cannot_start():
    (finding,) = run(is_home_directory=False, stdlib=None)
    assert finding.severity is Severity.critical
    assert "is not a directory" in finding.title


def test_it_fires_when_there_is_no_standard_library():
    (finding,) = run(stdlib=None, home_versions=("3.9",))
    assert finding.severity is Severity.critical
    assert "encodings" in finding.detail


def test_it_fires_for_a_python_path_of_another_version():
    path = "/old/lib/python3.9/site-packages"
    (finding,) = run(home=None, foreign_paths=(path,))
    assert finding.subject == f"environment:{path}"


def test_it_fires_for_an_extension_of_another_version_in_a_neutral_directory():
    path = "/srv/lib/fast.cpython-39-x86_64-linux-gnu.so"
    (finding,) = run(home=None, foreign_extensions=(path, "/srv/lib/b.cpython-39.so"))
    assert finding.severity is Severity.medium
    assert finding.title == f"{path} is not for Python 3.11 (and 1 more)"


def test_another_patch_level_is_only_low():
    (finding,) = run(pyvenv=made_with("3.11.9"), home_versions=("3.11",))
    assert finding.severity is Severity.low


@pytest.mark.parametrize("version", ["3.11.2", "3.11.2.final.0", None])
def test_it_is_silent_for_the_same_python(version):
    assert run(pyvenv=made_with(version), home_versions=("3.11",)) == []


def test_it_is_silent_where_mod_wsgi_does_not_tell_its_version():
    assert run(version="", pyvenv=made_with("3.9.2"), home_versions=("3.9",)) == []
