"""Imports from C that do not wait for the import lock.

Recorded: Python 2.6 to 3.2 and 3.15 as facts; 2.7 is seen in tests/real.
"""

from dataclasses import replace

import pytest
from hostprobe_checks.import_nonblocking import import_nonblocking

from hostprobe.check import Severity
from hostprobe.facts.httpd import ModuleLoad, Where
from hostprobe.model.instance import PythonTopology
from hostprobe.model.python.doing import Applications
from tests.model.interpreters_host import MULTI, app, configured, daemon, interpreters, said

FILES = said("shop._fast", (*MULTI, "PyImport_ImportModuleNoBlock"))
SHOP = app("shop", "shop._fast", process="shop")
PARSING = "import time\ndef application(environ, start):\n    time.strptime('1', '%d')\n"


def run(application=SHOP, python="2.7", source="", threads=15, mpm="mpm_prefork_module"):
    files = FILES | {"/srv/shop.wsgi": source}
    group = replace(daemon("shop"), threads=threads)
    load = ModuleLoad("/m/mpm.so", mpm, Where("/c", 1, 1))
    configuration = replace(configured(), loads=(load,))
    model = interpreters(
        application,
        files=files,
        groups=(group,),
        python_version=python,
        configuration=configuration,
    )
    doing = Applications(model.files, PythonTopology(model.instances))
    return list(import_nonblocking.body(model, doing))


@pytest.mark.parametrize("python", ["2.6", "2.7", "3.0", "3.2"])
def test_it_fires_for_an_extension_where_the_import_can_fail(python):
    (finding,) = run(python=python)
    assert finding.severity is Severity.medium
    assert finding.title.startswith("shop._fast: imports from C")
    assert finding.subject == "application:/srv/shop.wsgi"


def test_it_fires_for_an_extension_where_the_function_is_gone():
    (finding,) = run(python="3.15")
    assert finding.severity is Severity.medium
    assert "has no more" in finding.title


@pytest.mark.parametrize("python", ["3.3", "3.11", "3.14"])
def test_where_it_is_another_name_it_is_information(python):
    (finding,) = run(python=python)
    assert finding.severity is Severity.info


PLAIN = app("shop", process="shop")


def test_it_fires_for_strptime_in_threads():
    (finding,) = run(PLAIN, source=PARSING)
    assert finding.severity is Severity.medium
    assert finding.remedy[0] == "At the top of /srv/shop.wsgi: import _strptime"
    assert finding.evidence["calls"] == ["/srv/shop.wsgi:3"]


def test_it_fires_for_datetime_and_threads_of_the_application():
    source = "import threading\nfrom datetime import datetime\ndef answer():\n"
    source += "    threading.Thread(target=print)\n    datetime.strptime('1', '%d')\n"
    assert len(run(PLAIN, source=source, threads=1)) == 1


@pytest.mark.parametrize(
    "source",
    [
        "import _strptime\n" + PARSING,
        PARSING + "time.strptime('1', '%d')\n",
        "import time\n",
    ],
)
def test_it_is_silent_where_the_module_is_imported_first(source):
    assert run(PLAIN, source=source) == []


def test_it_is_silent_without_threads():
    assert run(PLAIN, source=PARSING, threads=1) == []
    assert run(app("shop"), source=PARSING) == []


def test_it_fires_in_embedded_mode_under_a_threaded_mpm():
    assert len(run(app("shop"), source=PARSING, mpm="mpm_event_module")) == 1


@pytest.mark.parametrize("python", ["3.3", "3.11", ""])
def test_strptime_is_no_matter_where_imports_wait(python):
    assert run(PLAIN, source=PARSING, python=python) == []
