"""`hostprobe checks` and `hostprobe explain`."""

import sys
from argparse import Namespace

from hostprobe.catalogue import Catalogue, UnknownCheckError, discover, require
from hostprobe.cli.errors import UsageError
from hostprobe.cli.output import write_lines, write_text
from hostprobe.report.checks import checks_data, render_checks, render_page
from hostprobe.report.escape import escape
from hostprobe.report.json import render_json


def checks(options: Namespace) -> int:
    """List every check."""
    catalogue = discover()
    if options.format == "json":
        write_text(render_json(checks_data(catalogue.checks.values())), options.output)
    else:
        write_lines(render_checks(catalogue.checks.values()), options.output)
    return tell_broken(catalogue)


def tell_broken(catalogue: Catalogue) -> int:
    """Say on stderr what could not be loaded: 3, as an incomplete scan."""
    for name, reason in catalogue.broken.items():
        text = escape(f"hostprobe checks: {name} cannot be loaded: {reason}")
        sys.stderr.write(f"{text}\n")
    return 3 if catalogue.broken else 0


def explain(options: Namespace) -> int:
    """Show the page of one check."""
    catalogue = discover()
    try:
        require(catalogue, options.id)
    except UnknownCheckError as error:
        raise UsageError(str(error)) from error
    write_lines(render_page(catalogue.checks[options.id]), options.output)
    return 0
