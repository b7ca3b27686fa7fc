"""mod_wsgi with the interpreter inside."""

import pytest
from hostprobe_checks.libpython_static import libpython_static

from hostprobe.check import Severity
from hostprobe.facts.python import PyvenvCfg
from hostprobe.model.instance import Topology
from tests.model.linked_host import environment, instance

WSGI = "/mods/mod_wsgi.so"


def run(**changes):
    one = instance(mod_wsgi=WSGI, python_version="3.11", **changes)
    return list(libpython_static.body(Topology((one,))))


@pytest.mark.parametrize(
    ("made_with", "severity"), [("3.11.2", Severity.medium), ("3.11.9", Severity.high)]
)
def test_it_fires_and_is_high_beside_another_patch_level(made_with, severity):
    env = environment(home="/venv", pyvenv=PyvenvCfg("/usr/bin", made_with, False))
    (finding,) = run(has_static_python=True, environment=env)
    assert finding.severity is severity
    assert finding.subject == f"object:{WSGI}"
    assert "3.11.2" in finding.title


def test_it_is_silent_with_a_shared_libpython():
    assert run(has_static_python=False) == []
