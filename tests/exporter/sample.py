"""Reports as an exporter finds them."""

import json

from hostprobe.report.json import document_of
from tests.report.sample import report


def stored(path, **values):
    """Replaced, as a scan replaces it; the new inode makes it another file."""
    document = json.loads(json.dumps(document_of(report()))) | values
    new = path.with_suffix(".new")
    new.write_text(json.dumps(document))
    new.replace(path)
    return document
