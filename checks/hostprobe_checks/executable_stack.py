"""Check: an object asks for an executable stack."""

from collections.abc import Iterator

from hostprobe.brought import brought_finding
from hostprobe.check import Finding, Severity, check
from hostprobe.model.interposition.partition import EXECUTABLE_STACK
from hostprobe.model.linkage import Linkage, Linkages
from hostprobe.model.loader.objects import FailureKind, LoadFailure
from hostprobe.refusal import STACK_REMEDY, module_findings, refusal_findings

REFERENCES = ("https://sourceware.org/glibc/wiki/Release/2.41",)


@check(Severity.critical, REFERENCES)
def executable_stack(linkages: Linkages) -> Iterator[Finding]:
    """An Apache module or a Python extension asks for an executable stack.

    Why it matters
    --------------
    An object whose PT_GNU_STACK header has the execute flag, or that lacks the header on x86,
    32-bit Arm or s390x, asks for an executable stack. glibc 2.41 and later refuse to open it:
    httpd does not start, or the import fails, after an upgrade of the system alone. Older
    releases make every stack of the process executable without a word, which helps whoever finds a
    buffer overflow; SELinux may deny it (execstack).

    Example
    -------
    `ImportError: libfast.so: cannot enable executable stack as shared object requires: Invalid
    argument`

    Remedy
    ------
    Rebuild the object with `-Wl,-z,noexecstack`, or clear the flag with
    `patchelf --clear-execstack` if its code does not need it (only nested functions of C and a few
    language runtimes do). Afterwards `hostprobe scan --select executable-stack` is silent.

    Not found by this check
    -----------------------
    Programs that ask for it themselves with mprotect(2) or the tunable glibc.rtld.execstack.

    References
    ----------
    glibc's NEWS for 2.41; elf(5); ld(1), -z execstack.
    """
    for linkage in linkages.all:
        if not linkage.dead_on_start:
            yield from module_findings(linkage, is_refused)
        yield from executable_stacks(linkage)
    yield from refusal_findings(linkages, EXECUTABLE_STACK)


def is_refused(failure: LoadFailure) -> bool:
    """Because of its stack."""
    return failure.kind is FailureKind.EXECUTABLE_STACK


def executable_stacks(linkage: Linkage) -> Iterator[Finding]:
    """Objects that this glibc loads, and that change every stack."""
    for brought in linkage.brought:
        if linkage.parent.is_for_executable_stack(brought.object):
            path = brought.object.real
            yield brought_finding(
                linkage,
                brought,
                f"{path.rpartition('/')[2]} makes every stack of the process executable",
                Severity.medium,
                f"{path} asks for an executable stack, and this glibc grants it to the whole "
                "process. Releases from 2.41 on refuse to open the object.",
                {"repeat": f"readelf -lW {path} | grep GNU_STACK"},
                STACK_REMEDY,
            )
