"""The page's own style and scripts, and the policy that lets nothing else run.

`cytoscape.min.js` is a third party's: packaging/THIRD-PARTY.md.
"""

from base64 import b64encode
from functools import cache
from hashlib import sha256
from pathlib import Path

FOLDER = Path(__file__).parent
STYLE, PAGE, GRAPH, CYTOSCAPE = "page.css", "page.js", "graph.js", "cytoscape.min.js"


@cache
def asset(name: str) -> str:
    """One file of this package."""
    return (FOLDER / name).read_text("utf-8")


def source(name: str) -> str:
    """The file as a source of a Content-Security-Policy."""
    digest = b64encode(sha256(asset(name).encode()).digest()).decode()
    return f"'sha256-{digest}'"


@cache
def content_security_policy() -> str:
    """The policy of every report, in its meta element and for servers to send as a header."""
    scripts = " ".join(source(name) for name in (PAGE, GRAPH, CYTOSCAPE))
    return (
        f"default-src 'none'; script-src {scripts}; style-src {source(STYLE)}; "
        "img-src data:; base-uri 'none'; form-action 'none'"
    )
