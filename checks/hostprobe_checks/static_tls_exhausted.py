"""Check: the space for static TLS is not enough."""

from collections.abc import Iterator

from hostprobe.brought import brought_finding
from hostprobe.check import Finding, Severity, check
from hostprobe.model.linkage import Linkage, Linkages
from hostprobe.model.loader.static_tls import OPTIONAL
from hostprobe.model.shortages import Denied, denied

REFERENCES = ("https://sourceware.org/glibc/manual/latest/html_node/Dynamic-Linking-Tunables.html",)
TUNABLE, STEP = "glibc.rtld.optional_static_tls", 512


@check(Severity.high, REFERENCES)
def static_tls_exhausted(linkages: Linkages) -> Iterator[Finding]:
    """There is not enough static TLS for the libraries that a process opens.

    Why it matters
    --------------
    Libraries such as OpenMP runtimes, allocators and some extensions want their thread-local
    variables at a fixed place (the initial-exec model). ld.so has 1664 bytes for all that are
    opened after the start of the program, httpd's modules and everything behind them included.
    When they are used up, the import that comes last fails, which one depends on the order.

    Example
    -------
    `ImportError: libgomp.so.1: cannot allocate memory in static TLS block`

    Remedy
    ------
    Give httpd more with `export GLIBC_TUNABLES=glibc.rtld.optional_static_tls=N` in envvars (or
    `Environment=` in the unit), N as the finding computes it (glibc 2.32 and later), or load the
    library at the start with LD_PRELOAD. LoadFile does not help: it takes of the same space.
    Afterwards `hostprobe scan --select static-tls-exhausted` is silent.

    Not found by this check
    -----------------------
    Objects that code opens at run time besides; TLS descriptors, which do without.

    References
    ----------
    ld.so(8); glibc's elf/dl-tls.c and elf/dl-reloc.c; Drepper, ELF Handling for Thread-Local
    Storage.
    """
    for linkage in linkages.all:
        for one in denied(linkage):
            yield finding(linkage, one)


def finding(linkage: Linkage, one: Denied) -> Finding:
    """One object that gets no space."""
    short, path = one.shortage, one.shortage.object.real
    name, size = path.rpartition("/")[2], short.block.size
    least = OPTIONAL + -(-(size + short.block.alignment - short.free) // STEP) * STEP
    with_others = "" if one.is_alone else ", together with the other imports of its application"
    return brought_finding(
        linkage,
        one.brought,
        f"{name} gets no static TLS in httpd{with_others}",
        Severity.high,
        f"{name} needs {size} bytes of static TLS (alignment {short.block.alignment}); "
        f"{short.free} are left after what httpd starts with"
        + (f" and {len(short.takers)} opened before it" if short.takers else "")
        + ". ld.so refuses to load it.",
        {
            "size": size,
            "free": short.free,
            "takers": [
                {"path": taker.real, "size": taker.elf.tls.size}
                for taker in short.takers
                if taker.elf.tls
            ],
            "repeat": f"readelf -ldW {path} | grep -E 'TLS|STATIC_TLS'",
        },
        (
            f"export GLIBC_TUNABLES={TUNABLE}={least} in envvars, then stop and start httpd.",
            f"Or export LD_PRELOAD={path} there: what is loaded at the start has space of its own.",
        ),
    )
