"""Check: Python's hashlib loses its OpenSSL inside httpd."""

from collections.abc import Iterator

from hostprobe.check import Finding, Severity, check
from hostprobe.conflict import conflict_findings
from hostprobe.model.interposition.partition import HASHLIB
from hostprobe.model.linkage import Conflict, PythonLinkages
from hostprobe.model.release import is_one_openssl
from hostprobe.refusal import refusal_findings

REFERENCES = (
    "https://modwsgi.readthedocs.io/en/latest/user-guides/application-issues.html",
    "https://docs.python.org/3/library/hashlib.html",
)


@check(Severity.high, REFERENCES)
def hashlib_openssl_unusable(linkages: PythonLinkages) -> Iterator[Finding]:
    """Python's hashlib cannot use its OpenSSL inside httpd, or uses another one.

    Why it matters
    --------------
    hashlib takes its digests from `_hashlib`, which needs OpenSSL. If `_hashlib` does not load in
    httpd, hashlib falls back to modules such as `_md5` without a word: slow, without the digests
    that only OpenSSL has, and in builds that lack them an ImportError. If something in httpd
    defines OpenSSL's names without versions (a static copy, GnuTLS's compatibility library), the
    digests are computed there, with structures of another library: the child dies.

    Example
    -------
    `ImportError: No module named _md5`; `ValueError: unsupported hash type blake2b512`; a
    segmentation fault at `import hashlib` in httpd only.

    Remedy
    ------
    Leave out the module or LoadFile line that brings the other library in, or rebuild it against
    the shared OpenSSL: the finding says what the model gives for this host. Afterwards
    `hostprobe scan --select hashlib-openssl-unusable` is silent.

    Not found by this check
    -----------------------
    A provider that OpenSSL's own configuration file disables (FIPS); Pythons that were built
    without OpenSSL, where `_hashlib` is missing everywhere.

    References
    ----------
    mod_wsgi documentation, Application Issues; ld.so(8).
    """
    yield from conflict_findings(linkages, HASHLIB, severity)
    yield from refusal_findings(linkages, HASHLIB, Severity.high)


def severity(conflict: Conflict) -> Severity:
    """Another copy of the same release, whichever patch level, computes the same."""
    one = conflict.interposition
    is_one = is_one_openssl((*one.losers, *one.winners), conflict.versions)
    return Severity.medium if is_one else Severity.high
