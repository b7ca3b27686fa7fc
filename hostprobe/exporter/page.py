"""The page of a report, with the policy that it states itself sent as a header too."""

import re
from html import unescape

from hostprobe.exporter.answer import NOTHING, Body
from hostprobe.report.formats import Document, render

META = re.compile(
    r"""<meta\s+http-equiv=["']?Content-Security-Policy["']?\s+content="([^"]*)"\s*/?>""",
    re.IGNORECASE,
)


def page(document: Document) -> Body:
    """HTML; a browser obeys both policies, and frame-ancestors counts in a header only."""
    text = render("html", document)
    return Body.of("text/html; charset=utf-8", text.encode("utf-8"), policy(text))


def policy(text: str) -> str:
    """What the page allows itself, and that nobody frames it; nothing when it states nothing."""
    match = META.search(text)
    return f"{unescape(match[1]).rstrip('; ')}; frame-ancestors 'none'" if match else NOTHING
