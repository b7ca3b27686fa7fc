"""A property of one object in the process, as a finding: whose it is, how sure, how bad."""

from collections.abc import Mapping
from typing import Any

from hostprobe.check import Certainty, Finding, Severity
from hostprobe.model.linkage import Brought, Linkage


def brought_finding(
    linkage: Linkage,
    brought: Brought,
    title: str,
    severity: Severity,
    detail: str,
    evidence: Mapping[str, Any],
    remedy: tuple[str, ...],
) -> Finding:
    """About an object of httpd or of imports; what no application imports is low at most."""
    matters = brought.is_of_httpd or brought.reach.is_imported
    cause = brought.object.cause
    return Finding(
        subject=f"object:{brought.object.real}",
        title=title,
        severity=severity if matters else min(severity, Severity.low),
        certainty=certainty(brought, matters=matters),
        detail=detail,
        affected=affected(linkage, brought),
        evidence={
            "object": brought.object.real,
            "brought_by": cause.where or cause.path if cause and brought.is_of_httpd else None,
            "extensions": [extension.path for extension in brought.extensions],
            **evidence,
        },
        remedy=remedy,
        identity=(brought.object.soname or "",),
    )


def certainty(brought: Brought, *, matters: bool) -> Certainty:
    """Of httpd's own objects the files tell; imports are found by reading sources."""
    if brought.is_of_httpd:
        return Certainty.certain
    return Certainty.likely if matters else Certainty.possible


def affected(linkage: Linkage, brought: Brought) -> tuple[str, ...]:
    """The whole httpd, or the applications that import it or may."""
    if brought.is_of_httpd:
        return (linkage.instance.name,)
    return brought.reach.importing or brought.reach.installed
