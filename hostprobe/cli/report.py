"""`hostprobe report`: a stored report in another format."""

from argparse import Namespace

from hostprobe.cli.output import mode_for, write_text
from hostprobe.cli.stored import stored
from hostprobe.report.formats import render


def report(options: Namespace) -> int:
    """Read a report and write it as another format."""
    text = render(options.format, stored(options, options.file))
    write_text(text, options.output, mode_for(options.format))
    return 0
