"""An extension that httpd cannot load, as a finding: the wording that linker checks share."""

from collections.abc import Callable, Iterator

from hostprobe.check import Certainty, Finding, Severity
from hostprobe.conflict import word
from hostprobe.facts.httpd import Where
from hostprobe.model.interposition.cure import Cure
from hostprobe.model.interposition.rebinding import ExtensionLoad
from hostprobe.model.linkage import Linkage, Linkages
from hostprobe.model.loader.objects import FailureKind, LoadFailure

STACK_REMEDY = (
    "Rebuild the object with -Wl,-z,noexecstack (assembler sources: .note.GNU-stack).",
    "If it runs no code on the stack, clear the flag: patchelf --clear-execstack FILE.",
)
PUT_BACK = (
    "Find its package: dpkg -S {missing} (Debian), rpm -qf {missing} (Fedora, RHEL).",
    "Install it again: apt-get install --reinstall PACKAGE, dnf reinstall PACKAGE.",
)
SEARCH = (
    "Provide what is missing: {message}",
    "Find the package: apt-file search {name} (Debian), dnf provides '*/{name}' (Fedora, RHEL).",
)
UPGRADE = (
    "Upgrade the package of {object} to a release that has {missing}.",
    "Or use an object that was built for the installed release.",
)
DEFINE = (
    "Install the release of the library with {missing} that {object} was built against.",
    "If its makers left the library out: LoadFile of what defines {missing}.",
)
REMEDIES = {
    FailureKind.EXECUTABLE_STACK: STACK_REMEDY,
    FailureKind.INVALID_HEADER: PUT_BACK,
    FailureKind.TOO_SHORT: PUT_BACK,
    FailureKind.IS_DIRECTORY: PUT_BACK,
    FailureKind.NO_DYNAMIC_SECTION: PUT_BACK,
    FailureKind.MISSING_VERSION: UPGRADE,
    FailureKind.UNDEFINED_SYMBOL: DEFINE,
}
"""What to do, by what the loader complains about; else something is to be found."""


def refusal_findings(
    linkages: Linkages, owner: str, severity: Severity = Severity.critical
) -> Iterator[Finding]:
    """One finding per extension that fails to load in httpd for a reason of that owner."""
    for linkage in linkages.all:
        for load in linkage.refusals(owner):
            if load.failure and load.failure.kind is not FailureKind.UNREADABLE:
                yield refusal_finding(linkage, load, load.failure, severity)


def refusal_finding(
    linkage: Linkage, load: ExtensionLoad, failure: LoadFailure, severity: Severity
) -> Finding:
    """An import that fails; what fails everywhere and is imported nowhere is only a remark."""
    reach = linkage.reach([load.extension])
    everywhere = load.standalone_failure is not None
    if not reach.is_imported:
        severity = Severity.info if everywhere else Severity.low
    place = "anywhere" if everywhere else "in httpd, although it does standalone"
    return Finding(
        subject=f"object:{load.extension.path}",
        title=f"Python's {load.extension.module} cannot be imported {place}",
        severity=severity,
        certainty=Certainty.likely if reach.is_imported else Certainty.possible,
        detail=". ".join((failure.message, *displacing(load))),
        affected=reach.importing or reach.installed,
        evidence=evidence(failure) | displaced(load),
        remedy=(*map(word, cures(linkage, load)), *one_copy(load)) or remedies(failure),
        identity=(failure.kind,),
    )


def module_findings(
    linkage: Linkage, is_wanted: Callable[[LoadFailure], bool]
) -> Iterator[Finding]:
    """What LoadModule and LoadFile name; each once although httpd reads its configuration twice."""
    where = {load.path: load.where for load in linkage.instance.configuration.loads}
    failures = {failure.path: failure for failure in reversed(linkage.parent.failures)}
    for path, failure in failures.items():
        if path in where and is_wanted(failure):
            yield start_refused(linkage, failure, where[path])


def start_refused(linkage: Linkage, failure: LoadFailure, where: Where | None = None) -> Finding:
    """Httpd would not start: its own program, or an object that the line at `where` loads."""
    line = f" ({where})" if where else ""
    return Finding(
        subject=f"object:{failure.path}",
        title=f"httpd would not start: {failure.path}{line} cannot be loaded",
        severity=Severity.critical,
        certainty=Certainty.certain,
        detail=failure.message,
        affected=(linkage.instance.name,),
        evidence=evidence(failure) | ({"where": str(where)} if where else {}),
        remedy=remedies(failure),
        identity=(failure.kind,),
        stops=True,
    )


def cures(linkage: Linkage, load: ExtensionLoad) -> tuple[Cure, ...]:
    """Those that work, or the least bad one."""
    tried = sorted(linkage.cures_of(load), key=lambda cure: (cure.left, len(cure.breaks)))
    return tuple(cure for cure in tried if cure.works) or tuple(tried[:1])


def displacing(load: ExtensionLoad) -> Iterator[str]:
    """Which libraries of httpd stand in the way."""
    for one in load.displaced:
        yield (
            f"{one.requester.real} needs {one.name} and would load {one.rightful.real}; httpd has "
            f"{one.taken.real} under that name already"
        )


def displaced(load: ExtensionLoad) -> dict[str, object]:
    """The same as data."""
    rows = [
        {
            "name": one.name,
            "requester": one.requester.real,
            "taken": one.taken.real,
            "brought_by": one.taken.cause.where if one.taken.cause else None,
            "rightful": one.rightful.real,
        }
        for one in load.displaced
    ]
    return {"displaced": rows} if rows else {}


def one_copy(load: ExtensionLoad) -> tuple[str, ...]:
    """What the model cannot try where libraries are displaced."""
    names = ", ".join(dict.fromkeys(one.name for one in load.displaced))
    text = (
        f"Let httpd and {load.extension.module} use one copy of {names}: upgrade the one that "
        "httpd has, or rebuild the extension against it. WSGIDaemonProcess does not help: daemons "
        "are forked from the same parent."
    )
    return (text,) if names else ()


def evidence(failure: LoadFailure) -> dict[str, object]:
    """Who asked for what, and where it was searched."""
    return {
        "object": failure.path,
        "message": failure.message,
        "kind": failure.kind,
        "requesters": list(failure.requesters),
        "searched": list(failure.searched),
        "repeat": f"readelf -dVW {failure.requesters[-1] if failure.requesters else failure.path}",
    }


def remedies(failure: LoadFailure) -> tuple[str, ...]:
    """What is missing, by name; a damaged file is to be put back."""
    words = {
        "missing": failure.missing,
        "name": failure.missing.rpartition("/")[2],
        "object": failure.object,
        "message": failure.message,
    }
    return tuple(line.format(**words) for line in REMEDIES.get(failure.kind, SEARCH))
