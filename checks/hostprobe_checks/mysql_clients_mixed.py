"""Check: two MySQL or MariaDB client libraries in one process."""

from collections.abc import Iterator

from hostprobe.check import Finding, Severity, check
from hostprobe.conflict import by_harm, conflict_findings, is_same_release
from hostprobe.duplicate import copy_findings
from hostprobe.model.interposition.copies import Copies
from hostprobe.model.interposition.families import family_named
from hostprobe.model.linkage import Conflict, Linkage, PythonLinkages

REFERENCES = ("https://modwsgi.readthedocs.io/en/latest/user-guides/application-issues.html",)
REMEDY = (
    (
        "Let both sides use one client library: rebuild the Python extension, or the Apache "
        "module, against the client library of the system (Debian: libmariadb-dev)."
    ),
    (
        "Or do without one of them: a pure Python client such as PyMySQL, or httpd without "
        "DBDriver mysql."
    ),
)


@check(Severity.critical, REFERENCES)
def mysql_clients_mixed(linkages: PythonLinkages) -> Iterator[Finding]:
    """Two different MySQL or MariaDB client libraries share one httpd process.

    Why it matters
    --------------
    `DBDriver mysql` of mod_dbd, PHP's extensions where they are built with a client library, and
    Python's MySQLdb or mysql.connector each bring a client library. libmysqlclient and libmariadb
    export the same names for structures of different sizes. If one side's calls end in the other
    side's library, the process crashes with the first connection; `ldd` does not show a copy that
    is linked statically.

    Example
    -------
    mysql.connector's C extension, which has libmysqlclient inside, beside `DBDriver mysql` of
    Debian, which opens libmariadb: a segmentation fault in mysql_real_connect.

    Remedy
    ------
    Build one side so that both use the same client library, or leave one of them out: the finding
    says what the model gives for this host. Afterwards
    `hostprobe scan --select mysql-clients-mixed` is silent.

    Not found by this check
    -----------------------
    PHP's mysqlnd, which is no client library and shares no names; drivers that a program opens
    while it runs.

    References
    ----------
    mod_wsgi documentation, Application Issues; ld.so(8).
    """
    yield from conflict_findings(linkages, "mysql", severity)
    yield from copy_findings(linkages, family_named("mysql"), severity_of_copies, REMEDY)


def severity(conflict: Conflict) -> Severity:
    """Bindings cross: high at least, unless both are the same release."""
    if is_same_release(conflict):
        return by_harm(conflict)
    return max(by_harm(conflict), Severity.high)


def severity_of_copies(_: Linkage, copies: Copies) -> Severity:
    """Both are there; bindings cross or not."""
    return Severity.high if copies.crossings else Severity.medium
