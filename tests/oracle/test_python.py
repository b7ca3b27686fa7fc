"""Plain Python: what each import binds to equals glibc's own record."""

import pytest

from hostprobe.collect.files import LiveFiles
from hostprobe.facts.plan import Open, OpenFlags, Plan
from hostprobe.model.loader.process import simulate
from tests.oracle.compare import (
    assert_same_bindings,
    predicted_bindings,
    predicted_history,
    recorded_history,
)
from tests.oracle.ld_debug import run
from tests.wheels import wheels_venv

pytestmark = pytest.mark.real

WHEELS = "numpy lxml.etree psycopg2 cryptography.hazmat.bindings._rust PIL._imaging"
STDLIB = "ssl sqlite3 pyexpat readline curses ctypes bz2 lzma uuid hashlib decimal zlib"
LISTING = "import importlib, sys\nfor name in sys.argv[1:]: importlib.import_module(name)\n"


def python_process(names, tmp_path):
    """(the simulated process, the record) of an interpreter that imports these."""
    interpreter = wheels_venv() / "bin/python"
    record, _ = run([interpreter, "-c", LISTING, *names.split()], tmp_path)
    opened = [name for step, name in record.history if step == "open"]
    operations = tuple(
        Open(path, OpenFlags.NOW, record.callers.get(path), "python") for path in opened
    )
    return simulate(LiveFiles(), Plan(str(interpreter), operations)), record


@pytest.mark.parametrize(
    "names",
    ["math", STDLIB, f"{WHEELS} ssl sqlite3 pyexpat", f"{STDLIB} {WHEELS}", f"{WHEELS} {STDLIB}"],
    ids=["start", "stdlib", "wheels", "stdlib-then-wheels", "wheels-then-stdlib"],
)
def test_bindings_and_their_history_are_those_of_glibc(names, tmp_path):
    process, record = python_process(names, tmp_path)
    assert not process.failures
    assert_same_bindings(process, record)
    assert predicted_history(process) == recorded_history(record)


def test_thousands_of_bindings_are_compared(tmp_path):
    process, _ = python_process(WHEELS, tmp_path)
    assert len(predicted_bindings(process)) > 15_000
