"""Check: Python's XML parser runs with another expat."""

from collections.abc import Iterator

from hostprobe.check import Finding, Severity, check
from hostprobe.conflict import conflict_findings, is_same_release
from hostprobe.model.interposition.harm import Harm
from hostprobe.model.linkage import Conflict, PythonLinkages
from hostprobe.refusal import refusal_findings

REFERENCES = ("https://modwsgi.readthedocs.io/en/latest/user-guides/application-issues.html",)


@check(Severity.critical, REFERENCES)
def expat_interposed(linkages: PythonLinkages) -> Iterator[Finding]:
    """Python's XML parser would run with another expat than outside httpd.

    Why it matters
    --------------
    httpd itself needs expat through apr-util, so an expat stands in the global scope of every
    process before Python comes. expat has no symbol versions and one soname for all releases. An
    extension that was built with an expat of its own, or for a newer one, then calls the functions
    of httpd's: with structures of another release it crashes in the first XML document, and where
    a function does not exist yet the import fails.

    Example
    -------
    `ImportError: pyexpat.so: undefined symbol: XML_SetReparseDeferralEnabled`, or a child process
    that ends with a segmentation fault as soon as `xml.dom.minidom` parses something.

    Remedy
    ------
    Use one libexpat for both: build Python `--with-system-expat`, or build apr-util against the
    expat that Python uses, or load that expat first with LoadFile. The finding prints both
    releases and says what the model gives for this host. Afterwards
    `hostprobe scan --select expat-interposed` is silent.

    Not found by this check
    -----------------------
    Python's bundled expat since 2.5, whose functions have private names (`PyExpat_`): nothing
    binds across, and nothing is wrong.

    References
    ----------
    mod_wsgi documentation, Application Issues; ld.so(8).
    """
    yield from conflict_findings(linkages, "expat", severity)
    yield from refusal_findings(linkages, "expat")


def severity(conflict: Conflict) -> Severity:
    """A complete takeover works mostly, by the same release always."""
    if conflict.harm > Harm.taken_over:
        return Severity.critical
    return Severity.low if is_same_release(conflict) else Severity.medium
