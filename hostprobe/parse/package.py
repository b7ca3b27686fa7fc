"""dpkg's and pip's databases: who installed a file (dpkg-query(1), PEP 376, PEP 627)."""

import re
from collections.abc import Iterator
from itertools import takewhile

from hostprobe.facts.package import PackageVersions
from hostprobe.parse.error import ParseError

MERGED = ("bin", "lib", "lib32", "lib64", "libx32", "sbin")
"""Directories that a merged /usr holds for the root directory (usrmerge)."""

FIELD = re.compile(rb"^(Package|Architecture|Multi-Arch|Version|Status): *(\S.*)$", re.MULTILINE)


def parse_dpkg_status(data: bytes) -> PackageVersions:
    """/var/lib/dpkg/status: the installed packages, named as their list files are."""
    if data and not data.startswith(b"Package:"):
        raise ParseError("does not begin with a package: not a dpkg status file")
    return PackageVersions(tuple(installed(data)))


def installed(data: bytes) -> Iterator[tuple[str, str]]:
    """(name or name:architecture, version) of each stanza whose files are on the disk."""
    for stanza in data.split(b"\n\n"):
        fields = {match[1]: match[2] for match in FIELD.finditer(stanza)}
        if fields.get(b"Status", b"").endswith((b" not-installed", b" config-files")):
            continue
        name = fields.get(b"Package", b"")
        if fields.get(b"Multi-Arch") == b"same":
            name += b":" + fields.get(b"Architecture", b"")
        if name:
            yield text(name), text(fields.get(b"Version", b""))


def spellings(path: bytes) -> tuple[bytes, ...]:
    """The path, and the other name that a merged /usr gives it."""
    _, first, *rest = path.split(b"/") if path.startswith(b"/") else (b"", b"")
    if first == b"usr" and rest and text(rest[0]) in MERGED:
        return path, path.removeprefix(b"/usr")
    if text(first) in MERGED:
        return path, b"/usr" + path
    return (path,)


def parse_diversions(data: bytes) -> dict[bytes, tuple[bytes, str]]:
    """/var/lib/dpkg/diversions: diverted path -> (where it went, package that took its place).

    The package is ":" for a local diversion.
    """
    lines = data.split(b"\n")
    triples = zip(lines[0::3], lines[1::3], lines[2::3], strict=False)
    return {source: (target, text(package)) for source, target, package in triples}


def lists_path(listing: bytes, path: bytes) -> bool:
    """Whether a dpkg `.list` file names the path."""
    return b"\n" + path + b"\n" in listing or listing.startswith(path + b"\n")


def records_path(record: bytes, relative: bytes) -> bool:
    """Whether a RECORD (CSV) names the path, relative to the directory of its `.dist-info`."""
    quoted = b'"' + relative.replace(b'"', b'""') + b'"' if set(relative) & set(b'",') else relative
    return b"\n" + quoted + b"," in record or record.startswith(quoted + b",")


def parse_wheel_name(metadata: bytes) -> tuple[str, str]:
    """(Name, Version) of a METADATA file; empty where it does not say."""
    head = takewhile(bytes.strip, metadata.split(b"\n"))
    fields = dict(line.split(b": ", 1) for line in head if b": " in line)
    return text(fields.get(b"Name", b"").strip()), text(fields.get(b"Version", b"").strip())


def text(data: bytes) -> str:
    """Foreign bytes as `str`, reversible."""
    return data.decode("utf-8", "surrogateescape")
