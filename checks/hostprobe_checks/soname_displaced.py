"""Check: a needed library is another file inside httpd, because its soname is taken."""

from collections.abc import Iterator

from hostprobe.check import Finding, Severity, check
from hostprobe.conflict import conflict_findings
from hostprobe.model.interposition.harm import Harm
from hostprobe.model.interposition.partition import SONAME
from hostprobe.model.linkage import Conflict, PythonLinkages
from hostprobe.refusal import refusal_findings

REFERENCES = ("https://man7.org/linux/man-pages/man8/ld.so.8.html",)


@check(Severity.critical, REFERENCES)
def soname_displaced(linkages: PythonLinkages) -> Iterator[Finding]:
    """A library that a Python extension needs is displaced by another file of the same soname.

    Why it matters
    --------------
    The dynamic linker compares the name of a needed library with what is loaded already before it
    looks into any directory. A copy that a conda environment or a wheel brings for its extension,
    in the RPATH of that extension, is therefore never opened if httpd, PHP or a module has loaded
    a library of that soname: the extension runs with httpd's file. If that one is older, versions
    and functions are missing there.

    Example
    -------
    `ImportError: /lib/x86_64-linux-gnu/libstdc++.so.6: version 'GLIBCXX_3.4.32' not found`, for an
    extension that works in a shell.

    Remedy
    ------
    Let httpd load the newer of the two first (LoadFile), or have one copy only: the finding names
    both files and says what the model gives for this host. Afterwards
    `hostprobe scan --select soname-displaced` is silent.

    Not found by this check
    -----------------------
    Byte-identical copies: nothing changes with them. Copies that auditwheel renamed with a hash in
    the name are loaded; if their symbols are taken over, symbol-interposed says so.

    References
    ----------
    ld.so(8); `_dl_map_object` in glibc's elf/dl-load.c.
    """
    yield from conflict_findings(linkages, SONAME, severity)
    yield from refusal_findings(linkages, SONAME)


def severity(conflict: Conflict) -> Severity:
    """What is missing or no function any more breaks; another release may."""
    return Severity.critical if conflict.harm > Harm.foreign else Severity.medium
