"""Check: an object runs with an older OpenSSL than it was built against."""

from collections.abc import Iterator

from hostprobe.check import Certainty, Finding, Severity, check
from hostprobe.facts.package import Owner
from hostprobe.model.linkage import Linkages
from hostprobe.model.release import BuiltAgainst, built_against, numbers

REFERENCES = ("https://docs.openssl.org/master/man7/openssl-versions/",)


@check(Severity.medium, REFERENCES)
def openssl_older_than_built(linkages: Linkages) -> Iterator[Finding]:
    """A module or extension runs with an older OpenSSL than it was built against.

    Why it matters
    --------------
    OpenSSL promises that a program built against one release works with a later one of the same
    major version, not with an earlier one: fixes and behaviour that the builder counted on are
    missing, and across feature releases (3.0 to 3.2) functions may be. httpd says so at every
    start. The usual cause is a host where apache2 was upgraded and libssl3 was not.

    Example
    -------
    `AH01882: Init: this version of mod_ssl was compiled against a newer library (OpenSSL 3.0.22)
    than the version currently loaded (OpenSSL 3.0.19)`

    Remedy
    ------
    Upgrade the OpenSSL library (Debian: `apt-get install --only-upgrade libssl3`) and stop and
    start httpd. Afterwards `hostprobe scan --select openssl-older-than-built` is silent.

    Not found by this check
    -----------------------
    Objects that carry no text of the release they were built against, and OpenSSL linked in.

    References
    ----------
    openssl-versions(7); httpd's ssl_engine_init.c, AH01882.
    """
    for linkage in linkages.all:
        by_provider: dict[str, list[BuiltAgainst]] = {}
        for one in built_against(linkage.files, linkage.parent, "openssl"):
            by_provider.setdefault(one.provider, []).append(one)
        for objects in by_provider.values():
            yield finding(objects, linkage.instance.name)


def finding(objects: list[BuiltAgainst], instance: str) -> Finding:
    """One old library; medium for another feature release, low for the patch level."""
    newest = max(objects, key=lambda one: numbers(one.built))
    package = newest.provider_owner.name if newest.provider_owner else newest.provider
    feature = numbers(newest.built)[:2] != numbers(newest.loaded)[:2]
    names = ", ".join(one.object.rpartition("/")[2] for one in objects)
    logged = any(one.object.endswith("/mod_ssl.so") for one in objects)
    return Finding(
        subject=f"object:{newest.provider}",
        title=f"OpenSSL {newest.loaded} is older than what {names} was built against "
        f"({newest.built})",
        severity=Severity.medium if feature else Severity.low,
        certainty=Certainty.certain,
        detail=f"{newest.provider} is OpenSSL {newest.loaded}."
        + (" httpd logs AH01882 at every start." if logged else ""),
        affected=(instance,),
        evidence={
            "objects": [
                {"path": one.object, "package": text(one.object_owner), "built": one.built}
                for one in objects
            ],
            "provider": newest.provider,
            "provider_package": text(newest.provider_owner),
            "loaded": newest.loaded,
            "repeat": f"strings {newest.object} {newest.provider} | grep -E 'OpenSSL [0-9]'",
        },
        remedy=(
            (
                f"Upgrade {package} to OpenSSL {newest.built} or later (Debian: apt-get install "
                f"--only-upgrade {package}), then stop and start httpd."
            ),
        ),
        identity=("openssl",),
    )


def text(owner: Owner | None) -> str | None:
    """The package, as an administrator names it."""
    return str(owner) if owner else None
