"""`hostprobe snapshot`."""

import sys
from argparse import Namespace
from dataclasses import replace
from time import gmtime, strftime

from hostprobe import __version__
from hostprobe.catalogue import discover
from hostprobe.cli.errors import UsageError
from hostprobe.cli.output import standard_output, write_file, write_lines
from hostprobe.cli.source import Source, opened, require_topology
from hostprobe.collect.snapshot import Snapshot, described, write_snapshot
from hostprobe.engine import Needs, run
from hostprobe.inspection import PROVIDERS
from hostprobe.report.lines import plain


def snapshot(options: Namespace) -> int:
    """Ask everything that a scan asks, and keep the answers."""
    if not options.show and options.output is None and sys.stdout.isatty():
        raise UsageError("--output FILE is missing (--show prints what would be in it)")
    with opened(options) as source:
        taken = take(source)
    if options.show:
        write_lines((plain(line, hang=4) for line in described(taken)), options.output)
    elif options.output is None:
        with standard_output() as stream:
            stream.buffer.write(write_snapshot(taken))
    else:
        write_file(options.output, write_snapshot(taken))
    return 0


def take(source: Source) -> Snapshot:
    """Run every check: what they and their models ask is what a replay needs."""
    inspection = source.inspection
    require_topology(inspection)
    for _ in run(discover().checks.values(), Needs(inspection, PROVIDERS), inspection.progress):
        pass
    taken = strftime("%Y-%m-%dT%H:%M:%SZ", gmtime())
    # Where a root was mounted says nothing about it, and is nobody else's business.
    host = replace(inspection.host, root="/")
    return Snapshot(__version__, taken, host, inspection.request, source.record)
