"""The order in which an application's imports open extensions: glibc's log is the judge.

Of 48 packages that were imported one by one 40 gave exactly the predicted list. The others:
aiohttp, sqlalchemy, tornado and asyncio have a branch for Windows that brings _bz2 and _lzma in,
zstandard one for PyPy, charset_normalizer imports codecs by computed names, simplejson its speedups
inside a function.
"""

import json
import subprocess
import sys

import pytest

from hostprobe.facts.plan import Open
from tests.oracle.httpd import importing_httpd, linkage_of, plan_with_imports, record_of
from tests.wheels import wheels_venv

pytestmark = pytest.mark.real

NAMES = (
    *("numpy", "lxml.objectify", "psycopg2", "PIL.Image", "cryptography.fernet", "bcrypt"),
    *("frozenlist", "kiwisolver", "lz4.frame", "markupsafe", "msgpack", "multidict", "orjson"),
    *("propcache", "psutil", "pydantic_core", "yaml", "regex", "rpds", "ujson", "wrapt", "yarl"),
    *("readline", "curses", "sqlite3", "multiprocessing", "json", "ctypes", "datetime"),
)


@pytest.fixture(scope="module")
def imported():
    """(opens as predicted, as recorded, as the command shows them)."""
    with importing_httpd(("wsgi",), NAMES, lines=[f"WSGIPythonHome {wheels_venv()}"]) as httpd:
        plan = plan_with_imports(linkage_of(httpd))
        predicted = [one.path for one in plan.operations if isinstance(one, Open)]
        record = record_of(httpd)
        command = [sys.executable, "-m", "hostprobe", "bindings", "--config", httpd.config]
        command += ["--app", httpd.script_dir / "app.wsgi", "--format", "json"]
        shown = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)
    found = [name for step, name in record.history if step == "open"]
    objects = [each["path"] for each in json.loads(shown.stdout)["objects"] if each["dlopen"]]
    return tuple(
        [one for one in names if ".cpython-" in one] for names in (predicted, found, objects)
    )


def test_extensions_are_opened_in_the_order_of_the_import_graph(imported):
    predicted, found, _ = imported
    assert len(found) > 35
    assert predicted == found


def test_bindings_simulates_the_application_in_that_order(imported):
    _, found, shown = imported
    assert shown == found
