"""`hostprobe report`: a stored report in another format."""

import os
from argparse import Namespace

from hostprobe.cli.errors import UsageError
from hostprobe.cli.output import mode_for, write_text
from hostprobe.facts.settings import StateSettings
from hostprobe.parse.error import ParseError
from hostprobe.parse.report import parse_report
from hostprobe.report.formats import Document, render

MAX_REPORT = 1 << 28
"""Bytes; 5,000 applications make 70 MB."""


def report(options: Namespace) -> int:
    """Read a report and write it as another format."""
    name = options.file or os.path.join(StateSettings().directory, "report.json")  # noqa: PTH118
    write_text(render(options.format, read_report(name)), options.output, mode_for(options.format))
    return 0


def read_report(name: str) -> Document:
    """The report in a file of the caller; UsageError when it is none."""
    try:
        with open(name, "rb") as stream:  # noqa: PTH123
            return parse_report(stream.read(MAX_REPORT))
    except OSError as error:
        raise UsageError(f"{name}: {(error.strerror or str(error)).lower()}") from error
    except ParseError as error:
        raise UsageError(f"{name}: {error}") from error
