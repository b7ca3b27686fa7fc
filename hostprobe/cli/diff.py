"""`hostprobe diff`: what changed from one report to another."""

from argparse import Namespace

from hostprobe.cli.output import write_lines, write_text
from hostprobe.cli.stored import stored
from hostprobe.model.difference import Difference, between
from hostprobe.report.difference import difference_data, render_difference
from hostprobe.report.formats import Document
from hostprobe.report.json import render_json


def diff(options: Namespace) -> int:
    """1 where something appeared or got worse, 3 where a check gives no answer any more."""
    old, new = stored(options, options.old), stored(options, options.new)
    return tell(options, old, new, between(old, new))


def tell(options: Namespace, old: Document | None, new: Document, found: Difference) -> int:
    """Write it as wanted; the exit status."""
    if options.format == "json":
        write_text(render_json(difference_data(old, new, found)), options.output)
    else:
        write_lines(render_difference(old, new, found), options.output)
    if found.is_worse:
        return 1
    return 3 if found.stopped or found.unknown else 0
