"""All modules of the distribution that load together, in every mode, and after a restart.

What httpd, apr-util, PHP and Python open is predicted, in order; only Perl's modules and the name
service are taken from the record. Then every binding of every object and the whole history of
relocations, additions to the global scope and unmaps must equal glibc's.
"""

import re
from itertools import islice

import pytest

from hostprobe.model.loader.decision import decide
from tests.oracle.compare import predicted_bindings
from tests.oracle.generations import forking_httpd, watched, worker_record
from tests.oracle.httpd import compare_httpd, linkage_of, plan_with_imports, with_foreign
from tests.oracle.test_httpd import MORE, PERL
from tests.real.stock import AVAILABLE
from tests.wheels import wheels_venv

pytestmark = [pytest.mark.real, pytest.mark.alone]  # beside others the loader's log is torn

LEFT_OUT = {
    "mpm_event": "PHP wants prefork",
    "mpm_worker": "PHP wants prefork",
    "cgid": "its daemon writes into the same log and tears lines",
}
LINES = [
    "TypesConfig /etc/mime.types",
    "DBDPersist Off",
    *(f"DBDriver {name}" for name in ("mysql", "pgsql", "sqlite3", "odbc")),
    *(f"PerlModule {name}" for name in PERL),
]
NAMES = (
    *(
        *MORE,
        "cryptography.hazmat.bindings._rust",
        "orjson",
        "regex",
        "psutil",
        "yarl",
    ),
    *(
        "multidict",
        "pydantic_core",
        "bcrypt",
        "kiwisolver",
        "wrapt",
        "lz4.frame",
        "rpds",
        "propcache",
    ),
)
FIRST = ("wsgi", "perl", "mpm_prefork")
LAST = ("ssl", "socache_shmcb")


def everything(first=(), last=()):
    """(symbol, path) of Debian's modules in the order of their file names, some moved.

    What a module depends on comes before it.
    """
    files = {path.stem: path.read_text() for path in sorted(AVAILABLE.glob("*.load"))}
    names = [*first, *(one for one in files if one not in {*first, *last, *LEFT_OUT}), *last]
    found = {}
    for name in names:
        enter(name, files, found)
    return list(found.items())


def enter(name, files, found):
    depends = re.search(r"^# Depends:(.*)", files[name], re.MULTILINE)
    for one in depends[1].split() if depends else ():
        enter(one, files, found)
    for symbol, path in re.findall(r"LoadModule (\S+) (\S+)", files[name]):
        found.setdefault(symbol, path)


EVERY = 97


def assert_explained(process):
    """The search that `--symbol` tells ends at the provider; every 97th binding is looked at."""
    for binding in islice(process.bindings(), 0, None, EVERY):
        decision = decide(process, binding)
        assert not decision.note
        taken = [one.object for one in decision.candidates if not one.passed_over]
        assert taken == [binding.provider] * (binding.provider is not None)


CASES = {
    "embedded": (everything(), False, 0),
    "embedded, after a restart": (everything(), False, 1),
    "daemon": (everything(), True, 0),
    "daemon, after two restarts": (everything(), True, 2),
    "another order, after a restart": (everything(FIRST, LAST), False, 1),
}


ATTEMPTS = 5


def recorded(modules, restarts, *, daemon):
    """The plan and a record without torn lines: parent and daemon write into one log."""
    for _ in range(ATTEMPTS):
        httpd = forking_httpd(modules, NAMES, LINES, home=wheels_venv(), daemon=daemon)
        plan = plan_with_imports(linkage_of(httpd), restarts)
        with watched(httpd):
            record = worker_record(httpd, restarts)
        if not record.torn:
            break
    return plan, record


@pytest.mark.parametrize("case", CASES)
def test_every_binding_and_the_whole_history_are_those_of_glibc(case):
    modules, daemon, restarts = CASES[case]
    plan, record = recorded(modules, restarts, daemon=daemon)
    process = compare_httpd(with_foreign(plan, record), record)
    bound = len(predicted_bindings(process))
    print(f"{case}: {len(process.objects)} objects, {bound} bindings, {len(record.history)} steps")
    assert len(modules) > 110
    assert len(process.objects) > 230
    assert_explained(process)
    assert bound > 50_000
