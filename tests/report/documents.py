"""Documents for the formats, one of them of a host whose names are markup."""

import copy

from hostprobe.report.escape import escape_json
from hostprobe.report.json import document_of
from tests.report.sample import HOSTILE, report, waived_report

MARKUP = (
    "\n- [x](http://e.org)|]]></script>&amp; @nobody #1 GH-1 `` {0} www.e.org :bug: ~~s~~ 1. \\|"
)
"""What Markdown, XML, HTML, tables and placeholders of SARIF would obey."""

FOREIGN = escape_json(HOSTILE + MARKUP)
"""As documents hold it: without lone surrogates."""


def document(waived=()):
    """The sample report; the findings with these numbers are waived."""
    found = copy.deepcopy(document_of(report()))
    for number in waived:
        found["findings"][number]["waived"] = {"reason": FOREIGN, "expires": None}
    return found


def hostile_document():
    """Each text that comes from the host is hostile; one finding of three is waived."""
    found = document(waived=[1])
    found["host"] |= {"name": FOREIGN, "os": FOREIGN, "root": f"/mnt/{FOREIGN}"}
    found["unread"] = [FOREIGN, "1. /srv/x: permission denied"]
    found["checks"][2]["reason"] = f"1. {FOREIGN}"
    found["checks"][3]["reason"] = None
    worst = found["findings"][0]
    worst |= {"title": f"1. {FOREIGN}", "detail": f"1) {FOREIGN}", "subject": f"path:/{FOREIGN}"}
    worst["affected"].append(FOREIGN)
    worst["remedy"].append(FOREIGN)
    worst["evidence"] |= {"path": f"/srv/{FOREIGN}", "where": "/etc/apache2/x y.conf:7"}
    worst["evidence"]["repeat"] = f"ls {FOREIGN}"
    worst["baseline"] = "new"
    found["findings"][1]["waived"]["expires"] = "2026-12-31"
    idle = {"check": FOREIGN, "subject": FOREIGN, "reason": FOREIGN, "expires": None}
    found["waivers"] = [idle | {"standing": "unused"}]
    return found


def waived_document():
    """Waivers of every standing, and a baseline."""
    return copy.deepcopy(document_of(waived_report()))


def silent_document():
    """A host where every check found nothing."""
    found = document()
    return found | {
        "complete": True,
        "findings": [],
        "instances": [],
        "checks": [check | {"outcome": "clean", "reason": None} for check in found["checks"]],
    }
