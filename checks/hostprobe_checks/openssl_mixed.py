"""Check: two OpenSSL libraries in one process."""

from collections.abc import Iterator

from hostprobe.check import Finding, Severity, check
from hostprobe.conflict import conflict_findings
from hostprobe.duplicate import copy_findings
from hostprobe.model.interposition.copies import Copies
from hostprobe.model.interposition.families import family_named
from hostprobe.model.interposition.harm import Harm
from hostprobe.model.interposition.partition import is_openssl
from hostprobe.model.linkage import Conflict, Linkage, PythonLinkages

REFERENCES = (
    "https://modwsgi.readthedocs.io/en/latest/user-guides/application-issues.html",
    "https://www.psycopg.org/docs/install.html#binary-install-from-pypi",
)
REMEDY = (
    (
        "Nothing is to be done as long as nothing binds across. To have one OpenSSL only, build "
        "the extension, or the Apache module, against the system's OpenSSL."
    ),
)


@check(Severity.critical, REFERENCES)
def openssl_mixed(linkages: PythonLinkages) -> Iterator[Finding]:
    """Two OpenSSL libraries share one httpd process, and bindings move from one to the other.

    Why it matters
    --------------
    Wheels such as psycopg2-binary bring an OpenSSL of their own. All releases 3.x mark their
    symbols with the same version nodes, so the one that mod_ssl loaded first answers for both. If
    everything moves, the wheel runs with another release than it was tested with, which works. If
    only a part moves, structures of one release are used by code of another.

    Example
    -------
    psycopg2-binary beside mod_ssl: libpq and the bundled libssl use the system's libcrypto.so.3.

    Remedy
    ------
    Build the extension against the system's OpenSSL (`pip install --no-binary psycopg2 psycopg2`),
    or run the Python applications in an httpd of their own. OpenSSL 1.1 beside 3 is only reported
    as information: their version nodes differ, nothing binds across. Afterwards
    `hostprobe scan --select openssl-mixed` is silent.

    Not found by this check
    -----------------------
    OpenSSL that is linked statically into a module or an extension (openssl-static); a module that
    runs with an older OpenSSL than it was built with (openssl-older-than-built).

    References
    ----------
    mod_wsgi documentation, Application Issues; ld.so(8).
    """
    yield from conflict_findings(linkages, "openssl", severity)
    yield from copy_findings(linkages, family_named("openssl"), severity_of_copies, REMEDY)


def severity(conflict: Conflict) -> Severity:
    """A complete move works; a copy of which parts still run is another matter."""
    if conflict.harm > Harm.split_major:
        return Severity.critical
    return Severity.high if conflict.harm > Harm.taken_over else Severity.medium


def severity_of_copies(_: Linkage, copies: Copies) -> Severity | None:
    """Two that keep to themselves are worth knowing, no more; a static one is not of this check."""
    if not all(map(is_openssl, copies.objects)):
        return None
    return Severity.high if copies.crossings else Severity.info
