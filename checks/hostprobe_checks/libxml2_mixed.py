"""Check: a private libxml2 and the system's run mixed."""

from collections.abc import Iterator

from hostprobe.check import Finding, Severity, check
from hostprobe.conflict import SEVERITY, conflict_findings
from hostprobe.model.interposition.harm import Harm
from hostprobe.model.linkage import PythonLinkages

REFERENCES = (
    "https://lxml.de/installation.html",
    "https://github.com/xmlsec/python-xmlsec/issues/320",
)
BY_HARM = SEVERITY | {Harm.split: Severity.high, Harm.foreign: Severity.high}
"""libxml2's structures cross between the copies, so every split is high."""


@check(Severity.critical, REFERENCES)
def libxml2_mixed(linkages: PythonLinkages) -> Iterator[Finding]:
    """A Python extension's own libxml2 or libxslt runs mixed with the system's.

    Why it matters
    --------------
    The wheels of lxml and xmlsec carry a libxml2 and a libxslt of their own, linked in and
    exported. With mod_php, mod_proxy_html, mod_xml2enc or mod_security in the process, the
    system's libxml2 comes first and takes over all functions that it has; those it lacks stay in
    the wheel. Two releases then work on the same structures. The parser that runs is the system's
    although `LIBXML_VERSION` still tells the wheel's.

    Example
    -------
    lxml 6.1 (libxml2 2.14) beside mod_php on Debian 12 (libxml2 2.9): about 1,000 references move,
    the rest stay. Text inside a textarea is parsed as markup; an entity bomb gives the error of
    2.9 instead of 2.14.

    Remedy
    ------
    Build the wheels against the system's library (`pip install --no-binary lxml,xmlsec`) or use
    the distribution's packages, so that one libxml2 serves all; or keep the modules that need it
    out of this httpd. Afterwards `hostprobe scan --select libxml2-mixed` is silent.

    Not found by this check
    -----------------------
    A libxml2 that is linked in but hidden: nothing binds across, and nothing is wrong.

    References
    ----------
    lxml's and xmlsec's installation notes on mixing libxml2 releases.
    """
    yield from conflict_findings(linkages, "libxml2", lambda conflict: BY_HARM[conflict.harm])
