"""Check: an object has relocations in its code."""

from collections.abc import Iterator

from hostprobe.brought import brought_finding
from hostprobe.check import Finding, Severity, check
from hostprobe.facts.files import Absent, Missing
from hostprobe.facts.host import HostIdentity
from hostprobe.facts.selinux import SelinuxMode
from hostprobe.model.interposition.harmless import is_python
from hostprobe.model.linkage import Linkage, Linkages
from hostprobe.model.selinux import selinux_mode

REFERENCES = ("https://modwsgi.readthedocs.io/en/latest/user-guides/installation-issues.html",)
SHARED = "Build mod_wsgi against a shared libpython (Python configured with --enable-shared)."
REBUILD = "Rebuild the object, and every archive that is linked into it, with -fPIC."


@check(Severity.high, REFERENCES)
def text_relocation(linkages: Linkages, host: HostIdentity) -> Iterator[Finding]:
    """An Apache module or a Python extension has relocations in its code.

    Why it matters
    --------------
    Code that was compiled without -fPIC, typically a static libpython inside mod_wsgi, is written
    to by the dynamic linker when it is loaded. Its pages are private to each process and cost
    memory in every child. Where SELinux enforces its policy, writing to code that is then executed
    is forbidden: the object does not load at all. Up to glibc 2.28 that needs the permission
    execmod, since 2.29 both execmem and execmod.

    Example
    -------
    `Cannot load mod_wsgi.so into server: mod_wsgi.so: cannot make segment writable for relocation:
    Permission denied`, before glibc 2.29 `cannot restore segment prot after reloc`.

    Remedy
    ------
    Use a shared libpython, or rebuild with -fPIC. A label such as textrel_shlib_t alone is not
    enough any more, and disabling SELinux is no cure. Afterwards
    `hostprobe scan --select text-relocation` is silent.

    Not found by this check
    -----------------------
    Whether the policy of this host makes an exception for httpd (permissive domain, booleans).

    References
    ----------
    mod_wsgi documentation, Installation Issues; DT_TEXTREL in the gABI; ld(1), -z text.
    """
    for linkage in linkages.all:
        mode = selinux_mode(linkage.files, is_live=host.is_live)
        yield from text_relocations(linkage, mode)


def text_relocations(linkage: Linkage, mode: SelinuxMode | Missing | Absent) -> Iterator[Finding]:
    """One finding for each object."""
    enforcing = isinstance(mode, SelinuxMode) and mode.enforcing
    unknown = mode.reason if isinstance(mode, Missing) else None
    effect = "SELinux enforces its policy here: the object will not load."
    for brought in linkage.brought:
        if brought.object.elf.text_relocation:
            path = brought.object.real
            yield brought_finding(
                linkage,
                brought,
                f"{path.rpartition('/')[2]} has relocations in its code",
                Severity.high if enforcing else Severity.low,
                f"{path} was linked from code without -fPIC. "
                + (effect if enforcing else "Each process has a copy of that code of its own."),
                {
                    "enforcing": enforcing,
                    "not_known": unknown,
                    "repeat": f"readelf -dW {path} | grep TEXTREL",
                },
                (SHARED, REBUILD) if is_python(brought.object.elf) else (REBUILD,),
            )
