"""Check: an object runs with an older OpenSSL than it was built against."""

from collections.abc import Iterator

from hostprobe.check import Certainty, Finding, Severity, check
from hostprobe.model.linkage import Linkages
from hostprobe.model.release import BuiltAgainst, built_against

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
        reachable = {
            extension.path: application.name
            for application in linkage.instance.applications
            for extension in application.reachable
        }
        for one in built_against(linkage, "openssl", b"OPENSSL_version_major"):
            yield finding(one, linkage.instance.name, reachable)


def finding(one: BuiltAgainst, instance: str, reachable: dict[str, str]) -> Finding:
    """Medium for another feature release, low for the patch level."""
    feature = one.built.split(".")[:2] != one.loaded.split(".")[:2]
    return Finding(
        subject=f"object:{one.object}",
        title=f"{one.object} was built against OpenSSL {one.built} and runs with {one.loaded}",
        severity=Severity.medium if feature else Severity.low,
        certainty=Certainty.certain,
        detail=f"{one.provider} is OpenSSL {one.loaded}, older than what the object was built "
        "against. mod_ssl logs AH01882 at every start.",
        affected=(reachable.get(one.object, instance),),
        evidence={
            "object": one.object,
            "object_package": one.object_owner,
            "built_against": one.built,
            "provider": one.provider,
            "provider_package": one.provider_owner,
            "loaded": one.loaded,
            "repeat": f"strings {one.object} | grep -E 'OpenSSL [0-9]'; "
            f"strings {one.provider} | grep -E 'OpenSSL [0-9]'",
        },
        remedy=(
            (
                f"Upgrade {one.provider_owner or one.provider} to OpenSSL {one.built} or later "
                "(Debian: apt-get install --only-upgrade libssl3), then stop and start httpd."
            ),
        ),
        identity=(one.object.rpartition("/")[2], "openssl"),
    )
