"""Check: OpenSSL's names from something that is not OpenSSL's own library."""

from collections.abc import Iterator
from dataclasses import replace

from hostprobe.check import Finding, Severity, check
from hostprobe.conflict import conflict_findings
from hostprobe.duplicate import copy_findings
from hostprobe.model.interposition.copies import Copies
from hostprobe.model.interposition.families import family_named
from hostprobe.model.interposition.partition import OPENSSL_STATIC, is_openssl
from hostprobe.model.linkage import Conflict, Linkage, PythonLinkages
from hostprobe.model.release import is_one_openssl

REFERENCES = (
    "https://modwsgi.readthedocs.io/en/latest/user-guides/application-issues.html",
    "https://www.openssl.org/docs/man3.0/man3/OpenSSL_version.html",
)

REMEDY = (
    "Rebuild what carries OpenSSL against the shared library (httpd: --with-ssl=/usr).",
    "Or hide the names in what carries it: link it with -Wl,--exclude-libs,ALL.",
)


@check(Severity.critical, REFERENCES)
def openssl_static(linkages: PythonLinkages) -> Iterator[Finding]:
    """OpenSSL's functions come from a static copy or another library than OpenSSL's own.

    Why it matters
    --------------
    An httpd, a module or an extension with OpenSSL linked in statically exports OpenSSL's names
    unless its makers hid them. These definitions have no version nodes, so they satisfy everybody,
    also those who ask for a version; so do libraries that imitate OpenSSL (GnuTLS's compatibility
    library). Python's ssl and hashlib then create structures with one
    release and use them with another: the process dies in the first handshake or digest, whichever
    module comes first.

    Example
    -------
    An Apache module with libcrypto.a of OpenSSL 1.1 inside: `import hashlib` ends the child with a
    segmentation fault.

    Remedy
    ------
    Rebuild what carries OpenSSL against the shared library (httpd: `--with-ssl`), or hide the names
    (`-Wl,--exclude-libs,ALL`). Afterwards `hostprobe scan --select openssl-static` is silent.

    Not found by this check
    -----------------------
    Static copies whose names are hidden, as in the wheels of cryptography: they harm nobody. Two
    shared libraries (openssl-mixed); Python's own `_hashlib` (hashlib-openssl-unusable).

    References
    ----------
    mod_wsgi documentation, Application Issues; ld.so(8), ld(1).
    """
    for one in conflict_findings(linkages, OPENSSL_STATIC, severity):
        yield replace(one, remedy=(*one.remedy, *REMEDY))
    yield from copy_findings(linkages, family_named("openssl"), severity_of_copies, REMEDY)


def severity(conflict: Conflict) -> Severity:
    """Another patch level of a release works from whichever copy; another release breaks."""
    one = conflict.interposition
    is_one = is_one_openssl((*one.losers, *one.winners), conflict.versions)
    return Severity.medium if is_one else Severity.critical


def severity_of_copies(linkage: Linkage, copies: Copies) -> Severity | None:
    """What crosses between releases breaks; copies that keep to themselves are an open door."""
    if all(map(is_openssl, copies.objects)):
        return None
    if not copies.crossings:
        return Severity.low
    is_one = is_one_openssl(copies.objects, linkage.versions(copies.objects))
    return Severity.medium if is_one else Severity.critical
