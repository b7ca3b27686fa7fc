"""What is fuzzed: the parser of every kind of fact, and what reads files in other ways."""

import lzma
from functools import cache

from hostprobe.collect.kinds import PARSERS
from hostprobe.collect.snapshot import MAGIC, SnapshotError, described, read_snapshot
from hostprobe.facts.httpd import HttpdStart
from hostprobe.model.difference import between, difference
from hostprobe.model.httpd.evaluate import evaluate
from hostprobe.model.topology import build_topology
from hostprobe.parse.acl import parse_acl
from hostprobe.parse.audit.denials import parse_denials
from hostprobe.parse.baseline import parse_baseline
from hostprobe.parse.capability import parse_capabilities
from hostprobe.parse.error import ParseError
from hostprobe.parse.journal.denials import JournalDenials
from hostprobe.parse.journal.export import Export
from hostprobe.parse.journal.file import JournalFile
from hostprobe.parse.maps import parse_maps, parse_unix_sockets
from hostprobe.parse.oom_log import parse_oom_log
from hostprobe.parse.package import parse_diversions, parse_wheel_name
from hostprobe.parse.plan import parse_plan
from hostprobe.parse.report import parse_report
from hostprobe.parse.selinux import parse_file_label
from hostprobe.parse.settings import parse_settings
from hostprobe.report.baseline import baseline_data
from hostprobe.report.difference import difference_data
from hostprobe.report.formats import FORMATS, render
from hostprobe.report.json import document_of, render_json
from tests.model.httpd.configuration import BUILD, HOST, module
from tests.model.memory_files import MemoryFiles, elf
from tests.report.sample import report

NAMES = ("main.conf", "a.conf", "d/b.conf", "d/c.conf")
LIBPYTHON = "libpython3.11.so.1.0"
AROUND = HOST | {
    "/e/m/wsgi.so": (
        *module("wsgi_module", directives=("WSGIScriptAlias", "WSGIDaemonProcess")),
        elf(needed=[LIBPYTHON]),
    ),
    "/e/m/php.so": module("php_module", directives=("PHPIniDir",)),
    f"/usr/lib/{LIBPYTHON}": elf(),
    "/usr/lib/python3.11/os.py": "",
    "/v/pyvenv.cfg": "home=/usr/bin",
    "/usr/bin/python3": "",
    "/a.wsgi": "import x",
    "/srv/b.wsgi": "import y",
}


@cache
def targets():
    """Name -> what takes the bytes, and the error that it may raise."""
    found = {kind.__name__: (parse, ParseError) for kind, parse in PARSERS.items()}
    return found | {
        "maps": (parse_maps, ParseError),
        "sockets": (parse_unix_sockets, ParseError),
        "acl": (parse_acl, ParseError),
        "capabilities": (parse_capabilities, ParseError),
        "denials": (parse_denials, ()),
        "journal": (journal_denials, ParseError),
        "journal export": (exported_records, ParseError),
        "file label": (parse_file_label, ParseError),
        "oom log": (parse_oom_log, ()),
        "plan": (parse_plan, ParseError),
        "report": (rendered_report, ParseError),
        "settings": (parse_settings, ParseError),
        "baseline": (parse_baseline, ParseError),
        "snapshot": (described_snapshot, SnapshotError),
        "diversions": (parse_diversions, ()),
        "wheel name": (parse_wheel_name, ()),
        "evaluation": (evaluated, ()),
        "topology": (planned, ()),
    }


def journal_denials(data):
    """Everything that a file of journald has for us; nothing of it is packed by zstd."""
    journal = JournalFile(lambda offset, size: data[offset : offset + size], lambda _: b"")
    for _ in JournalDenials(journal).lines():
        pass


def exported_records(data):
    """In portions that end anywhere."""
    for _ in Export().lines(data[place : place + 700] for place in range(0, len(data), 700)):
        pass


def described_snapshot(data):
    """Read the JSON of a snapshot, or a packed one, and show everything in it."""
    packed = data if data.startswith(MAGIC) else lzma.compress(data, preset=0)
    for _ in described(read_snapshot(packed)):
        pass


def rendered_report(data):
    """Read a stored report, write it in every format and compare it with another one."""
    document, other = parse_report(data), document_of(report())
    for name in FORMATS:
        render(name, document).encode("utf-8")
    for old, new in ((document, other), (other, document)):
        render_json(difference_data(old, new, between(old, new)))
    difference(parse_baseline(render_json(baseline_data(document)).encode()), other)


def evaluated(data):
    """Evaluate a configuration of several files, a form feed between them."""
    parts = zip(NAMES, data.split(b"\f"), strict=False)
    files = MemoryFiles(AROUND | {f"/e/{name}": part for name, part in parts})
    start = HttpdStart("/bin/httpd", "main.conf", "/e", environment={})
    configuration = evaluate(files, start, BUILD)
    for directive in configuration.directives:
        directive.args  # noqa: B018  made when asked for
    return files, configuration


def planned(data):
    """The same, and who runs what."""
    files, configuration = evaluated(data)
    build_topology(files, (configuration,), (BUILD,))
