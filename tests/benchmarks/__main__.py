"""`make benchmark`: the budgets of the design as a table, with the public tools beside them."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path

from tests.benchmarks.applications import applications
from tests.benchmarks.disturbance import disturbance
from tests.benchmarks.error_log import error_log
from tests.benchmarks.exporter import exporter
from tests.benchmarks.growth import growth
from tests.benchmarks.measure import Cost, measure
from tests.benchmarks.plugin import plugin
from tests.oracle import dump_config
from tests.oracle.audit_log import write_log
from tests.oracle.audit_tools import ausearch, environment
from tests.oracle.journal_log import host, write_journal
from tests.oracle.test_httpd_config import write_many
from tests.real import stock
from tests.real.build import python_variable
from tests.wheels import wheels_venv

STDLIB = [
    "_bz2",
    "_ctypes",
    "_curses",
    "_dbm",
    "_decimal",
    "_hashlib",
    "_json",
    "_lzma",
    "_queue",
    "_sqlite3",
    "_ssl",
    "readline",
    "termios",
    "mmap",
]
WHEELS = ("lxml/etree", "psycopg2/_psycopg", "PIL/_imaging", "cryptography/hazmat/bindings/_rust")
WHEELS += ("numpy/_core/_multiarray_umath", "_cffi_backend", "yaml/_yaml")
LOG_SIZE = 200 << 20
JOURNAL_ENTRIES, JOURNAL_DENIALS = 60_000, 600
HOSTS = (500, 1000, 5000)
HOSTS_TO_SCAN = (
    ("rich modules, 30 extensions", stock.usual_host),
    ("default modules, 117 extensions all imported", stock.stock_host),
    ("rich modules, 117 extensions all imported", stock.rich_host),
)
Row = tuple[str, Cost, str]


def main() -> None:
    """Print one table per budget; arguments name the tables, `scan loader`."""
    for title, measured in (
        ("Loader model: httpd with ssl, php, svn, perl, wsgi and 21 imports", loader),
        ("Whole scan", scan),
        ("Configuration", configuration),
        ("Applications", applications),
        ("Audit log", audit_log),
        ("Journal", journal),
        ("Growth", growth),
        ("Error log", error_log),
        ("Disturbance", disturbance),
        ("Monitoring plugin", plugin),
        ("Exporter", exporter),
    ):
        if sys.argv[1:] and measured.__name__ not in sys.argv[1:]:
            continue
        sys.stdout.write(f"\n{title}\n\n| what | seconds | MB | ratio |\n|---|---|---|---|\n")
        for name, cost, note in measured():
            sys.stdout.write(f"| {name} | {cost.seconds:.3f} | {cost.megabytes:.0f} | {note} |\n")
            sys.stdout.flush()


def imports() -> list[str]:
    """Paths of the extensions that the benchmark imports."""
    packages = next(wheels_venv().glob("lib/python3.*/site-packages"))
    standard = Path(python_variable("DESTSHARED"))
    found = [next(iter(standard.glob(f"{name}.*.so")), None) for name in STDLIB]
    found += [next(iter(packages.glob(f"{name}.*so")), None) for name in WHEELS]
    return [str(path) for path in found if path]


def loader() -> Iterator[Row]:
    """The simulation against readers of symbols and relocations, and tree printers."""
    httpd = stock.rich_host()
    command = [sys.executable, "-m", "tests.benchmarks.loader", str(httpd.config), *imports()]
    runs = [run_loader(command, httpd.environment) for _ in range(5)]
    *files, bindings, _ = runs[0]
    alone = Cost(min(float(lines[-1]) for lines in runs), 0)
    ours = measure(command, environment=httpd.environment)
    symbols = measure(["nm", "-D", *files])
    relocations = measure(["readelf", "-rW", *files])
    both = symbols.seconds + relocations.seconds
    yield (
        f"parse {len(files)} files and resolve {bindings} bindings",
        alone,
        f"{alone.seconds / both:.2f}",
    )
    yield "the same as a process, plan included", ours, f"{ours.seconds / both:.2f}"
    yield "python3 -c pass", measure([sys.executable, "-c", "pass"]), ""
    yield "nm -D", symbols, ""
    yield "readelf -rW", relocations, ""
    yield "nm -D plus readelf -rW", Cost(both, 0), "1.00 (budget 0.5, never over 1.0)"
    for tool in ("lddtree", "libtree"):
        cost = measure([tool, *files], runs=2)
        yield f"{tool} of the same files", cost, f"{cost.seconds / both:.2f}"


def run_loader(command: list[str], environment: Mapping[str, str]) -> list[str]:
    """The lines that the loader benchmark prints."""
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    return done.stdout.splitlines()


def scan() -> Iterator[Row]:
    """The command an administrator runs."""
    for name, make in HOSTS_TO_SCAN:
        httpd = make()
        command = [sys.executable, "-m", "hostprobe", "scan", "--config", str(httpd.config)]
        cost = measure(command, environment=httpd.environment)
        yield f"hostprobe scan, {name}", cost, "(budget 1 s, 60 MB)"
    yield "hostprobe scan of this host", measure([sys.executable, "-m", "hostprobe", "scan"]), ""


def configuration() -> Iterator[Row]:
    """Virtual hosts in one file each, against httpd's own dump."""
    for count in HOSTS:
        with tempfile.TemporaryDirectory() as folder:
            start = write_many(Path(folder), count)
            program = (
                "import sys; from tests.benchmarks.configuration import main; main(*sys.argv[1:])"
            )
            ours = measure([sys.executable, "-c", program, start.binary, start.config_file], runs=3)
            theirs = measure([*dump_config.command(start)], environment={}, runs=3)
            yield f"hostprobe, {count} virtual hosts", ours, f"{ours.seconds / theirs.seconds:.2f}"
            yield f"httpd -t -D DUMP_CONFIG, {count}", theirs, "1.00 (budget 0.5)"


def audit_log() -> Iterator[Row]:
    """Denials of a large log, against the audit project's own reader."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "audit.log"
        write_log(path, LOG_SIZE)
        ours = measure([sys.executable, "-m", "tests.benchmarks.denials", str(path)], runs=3)
        theirs = measure(ausearch(path), environment=environment(), runs=3)
    ratio = f"{ours.seconds / theirs.seconds:.2f}"
    yield f"hostprobe, denials of {LOG_SIZE >> 20} MB", ours, ratio
    yield "ausearch -m AVC,USER_AVC --raw", theirs, "1.00 (budget 1.0, constant memory)"


def journal() -> Iterator[Row]:
    """Denials in a file of journald, against journalctl with the same matches."""
    matches = ("_AUDIT_TYPE=1400", "+", "_TRANSPORT=kernel", "PRIORITY=5")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "system.journal"
        write_journal(path, host(JOURNAL_ENTRIES, JOURNAL_DENIALS))
        size = path.stat().st_size >> 20
        ours = measure([sys.executable, "-m", "tests.benchmarks.denials", str(path)], runs=3)
        theirs = measure(["journalctl", "--file", str(path), "-o", "export", *matches], runs=3)
    yield (
        f"hostprobe, denials of a journal of {size} MB",
        ours,
        f"{ours.seconds / theirs.seconds:.2f}",
    )
    yield f"journalctl {' '.join(matches)}", theirs, "1.00"


if __name__ == "__main__":
    main()
