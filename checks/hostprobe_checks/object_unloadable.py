"""Check: a module or an extension that would not load."""

from collections.abc import Iterator

from hostprobe.check import Finding, Severity, check
from hostprobe.model.linkage import Linkages
from hostprobe.model.loader.objects import FailureKind, LoadFailure
from hostprobe.refusal import module_findings, refusal_findings, start_refused

REFERENCES = ("https://httpd.apache.org/docs/2.4/mod/mod_so.html#loadmodule",)


@check(Severity.critical, REFERENCES)
def object_unloadable(linkages: Linkages) -> Iterator[Finding]:
    """An Apache module or a Python extension would not load in this httpd.

    Why it matters
    --------------
    httpd does not start, or not again, when an object of LoadModule or LoadFile cannot be loaded:
    a running server goes on until the restart and is then gone. An extension that cannot be loaded
    makes the import fail, or the package falls back to slow Python code without a word. An
    extension can load in a shell and still fail in httpd, where another copy of a library that it
    needs is already loaded.

    Example
    -------
    `Cannot load modules/mod_example.so into server: libexample.so.3: cannot open shared object
    file: No such file or directory`

    Remedy
    ------
    The finding names the library, version or symbol that is missing, who asks for it and where it
    was searched. Install or upgrade the package that provides it, or give the directory to the
    linker (/etc/ld.so.conf.d and ldconfig, or LoadFile). Afterwards
    `hostprobe scan --select object-unloadable` is silent.

    Not found by this check
    -----------------------
    Files that hostprobe cannot read or that break off in the middle (the scan says so and is
    incomplete), constructors that fail, files that only the Apache user cannot read, modules
    built for another httpd release (module magic number).

    References
    ----------
    ld.so(8), dlopen(3); httpd documentation, mod_so.
    """
    for linkage in linkages.all:
        if linkage.dead_on_start:
            yield start_refused(linkage, linkage.dead_on_start)
        else:
            yield from module_findings(linkage, is_owned)
    yield from refusal_findings(linkages, "")


def is_owned(failure: LoadFailure) -> bool:
    """No other check tells it, and hostprobe itself could read the file."""
    return failure.kind not in {FailureKind.UNREADABLE, FailureKind.EXECUTABLE_STACK}
