"""Check: `cache_init` of an extension is another library's function."""

from collections.abc import Iterator

from hostprobe.check import Finding, Severity, check
from hostprobe.conflict import conflict_findings
from hostprobe.model.linkage import PythonLinkages

REFERENCES = ("https://modwsgi.readthedocs.io/en/latest/user-guides/application-issues.html",)


@check(Severity.critical, REFERENCES)
def cache_init_interposed(linkages: PythonLinkages) -> Iterator[Finding]:
    """A Python extension's `cache_init` is that of an Apache module, or of another library.

    Why it matters
    --------------
    pysqlite before 2.3.3 and mod_cache of old httpd releases both export a function of this name.
    The extension puts its address into a table when it is loaded, gets the address of httpd's
    function, and calls it with arguments of its own as soon as the first connection is opened.

    Example
    -------
    `SystemError: <class '_sqlite.Cache'> returned NULL without setting an exception`, or a child
    process that ends with a segmentation fault, at `sqlite3.connect()` inside httpd only.

    Remedy
    ------
    Upgrade pysqlite (or use Python's own sqlite3), or leave out the module that exports the name:
    the finding says what the model gives for this host. Afterwards
    `hostprobe scan --select cache-init-interposed` is silent.

    Not found by this check
    -----------------------
    The reverse: an extension is opened for Python alone, so no Apache module can bind to it. One
    that is loaded for everybody (LoadFile, LD_PRELOAD) and wins there takes over for a module
    that was built to find its own; this check is about Python extensions.

    References
    ----------
    mod_wsgi documentation, Application Issues; ld.so(8).
    """
    yield from conflict_findings(linkages, "cache_init")
