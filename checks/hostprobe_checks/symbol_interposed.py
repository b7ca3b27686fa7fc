"""Check: another library takes over symbols of a Python extension."""

from collections.abc import Iterator

from hostprobe.check import Finding, Severity, check
from hostprobe.conflict import conflict_findings
from hostprobe.model.interposition.families import families_of
from hostprobe.model.linkage import PythonLinkages

REFERENCES = ("https://modwsgi.readthedocs.io/en/latest/user-guides/application-issues.html",)


@check(Severity.critical, REFERENCES)
def symbol_interposed(linkages: PythonLinkages) -> Iterator[Finding]:
    """Another library takes over symbols of a Python extension inside httpd.

    Why it matters
    --------------
    Every library that an Apache module or a PHP extension brings in stands in the global scope of
    the process, before anything that Python loads later. Where a Python extension, or a library
    that only it brings in, refers to a name that such a library defines too, the dynamic linker
    takes the one that came first. The extension then runs with foreign code: it crashes, loses
    data or answers wrongly, and nothing is logged. Daemon processes are forked from the same
    parent and inherit all of it.

    Each extension is simulated twice, in the standalone interpreter and in this httpd, by the
    rules of glibc's own dynamic linker. Only a binding that really differs is reported; equal
    names alone are not.

    Example
    -------
    On Debian 12 with mod_php, the readline extension of PHP brings in libedit. Python's readline
    then gets 47 of its 48 symbols from libedit: the history has length 0 instead of 2.

    Remedy
    ------
    The finding lists what was tried on the model for this host, with what it clears and what it
    would break: load the rightful library first with LoadFile, leave out the PHP extension or
    module that brings the winner in, rebuild the extension against the system's library, or run
    the Python applications in an httpd of their own. Afterwards `hostprobe scan --select
    symbol-interposed` is silent.

    Not found by this check
    -----------------------
    Libraries that are opened only at run time by the application itself (ctypes, plugins), and
    modules that Perl code loads. Families with a check of their own are reported there.

    References
    ----------
    ld.so(8), dlopen(3); mod_wsgi documentation, Application Issues.
    """
    for owner in ("", *families_of("symbol-interposed")):
        yield from conflict_findings(linkages, owner)
