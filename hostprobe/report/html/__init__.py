"""The report as one page for people: a file that needs no network and no script to be read."""

from hostprobe.report.formats import Document
from hostprobe.report.html.assets import content_security_policy
from hostprobe.report.html.markup import to_html
from hostprobe.report.html.page import page

__all__ = ["content_security_policy", "render"]


def render(document: Document) -> str:
    """The page; the same document gives the same bytes."""
    return to_html(page(document))
