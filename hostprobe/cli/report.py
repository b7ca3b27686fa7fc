"""`hostprobe report`: a stored report in another format."""

from argparse import Namespace

from hostprobe.cli.output import write_text
from hostprobe.cli.stored import stored
from hostprobe.report.formats import render


def report(options: Namespace) -> int:
    """Read a report and write it as another format."""
    write_text(render(options.format, stored(options, options.file)), options.output)
    return 0
