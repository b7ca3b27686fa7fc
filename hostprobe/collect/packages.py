"""Which package owns a file: dpkg's list files, wheels' RECORDs.

The files are searched as bytes: an index of every path of the host would cost 20 times the few
questions that findings ask.
"""

from collections.abc import Callable, Iterable, Iterator
from functools import cached_property, partial
from operator import ne

from hostprobe.facts.files import Missing
from hostprobe.facts.package import Owner
from hostprobe.parse.error import ParseError
from hostprobe.parse.package import (
    lists_path,
    parse_diversions,
    parse_dpkg_status,
    parse_wheel_name,
    records_path,
    spellings,
)

DPKG = "/var/lib/dpkg"
RPM = ("/usr/lib/sysimage/rpm", "/var/lib/rpm")
DEBIANS_OWN = "/usr/lib/python3/dist-packages/"
"""Metadata of wheels is here too, but pip never installs here (Debian Python policy)."""

LIST_CAP, STATUS_CAP = 8 << 20, 64 << 20
OBJECTS = (b".so", b"bin/")
"""Names of what findings ask for have one of these: libraries and programs. They are a fiftieth of
what dpkg lists; the rest is read again when it is asked for, not kept."""

Lists = tuple[tuple[str, bytes], ...]
"""Package's list name and its lines."""

Name = tuple[bytes, Callable[[str], bool]]
"""A path under which dpkg may list a file, and which packages count then."""


class Packages:
    """The package databases below one root."""

    def __init__(
        self,
        read: Callable[[str, int], bytes | Missing],
        names: Callable[[str], tuple[str, ...] | Missing],
    ) -> None:
        self._read = read
        self._names = names
        self._records: dict[str, tuple[tuple[str, bytes], ...]] = {}

    def owner(self, real: str) -> Owner | Missing:
        """The package that installed the file at a resolved path."""
        wheel = None if real.startswith(DEBIANS_OWN) else self._wheel(real)
        if wheel:
            return wheel
        names = tuple(self._installed_as(real.encode("utf-8", "surrogateescape")))
        is_kept = all(any(mark in path for mark in OBJECTS) for path, _ in names)
        lists = self._lists if is_kept else self._read_lists(bytes)
        if isinstance(lists, Missing):
            return self._without_dpkg(real, lists)
        return self._dpkg(names, lists) or Missing(f"{real}: no package owns it", True)  # noqa: FBT003  one field

    def _without_dpkg(self, real: str, reason: Missing) -> Missing:
        if any(isinstance(self._names(folder), tuple) for folder in RPM):
            return Missing(f"{real}: the rpm database is not readable without librpm")
        return Missing(f"{real}: no package database ({reason.reason})", reason.not_found)

    @cached_property
    def _lists(self) -> Lists | Missing:
        return self._read_lists(object_lines)

    def _read_lists(self, kept: Callable[[bytes], bytes]) -> Lists | Missing:
        names = self._names(f"{DPKG}/info")
        if isinstance(names, Missing):
            return names
        wanted = [name for name in names if name.endswith(".list")]
        found = ((name, self._read(f"{DPKG}/info/{name}", LIST_CAP)) for name in wanted)
        return tuple(
            (name.removesuffix(".list"), kept(data))
            for name, data in found
            if isinstance(data, bytes)
        )

    @cached_property
    def _versions(self) -> dict[str, str]:
        data = self._read(f"{DPKG}/status", STATUS_CAP)
        try:
            return dict(parse_dpkg_status(data).versions) if isinstance(data, bytes) else {}
        except ParseError:
            return {}

    @cached_property
    def _diversions(self) -> dict[bytes, tuple[bytes, str]]:
        data = self._read(f"{DPKG}/diversions", LIST_CAP)
        return parse_diversions(data) if isinstance(data, bytes) else {}

    def _dpkg(self, names: Iterable[Name], lists: Lists) -> Owner | None:
        for path, may_own in names:
            for name, listing in lists:
                package = name.partition(":")[0]
                if lists_path(listing, path) and may_own(package):
                    return Owner("dpkg", package, self._versions.get(name, ""))
        return None

    def _installed_as(self, real: bytes) -> Iterator[Name]:
        """Names under which the list files may have it, each with the packages that count.

        A merged /usr gives it two names. What stands at a diverted path belongs to the package
        that diverts; what was diverted to this path belongs to any other (dpkg-divert(1)).
        """
        for path in spellings(real):
            _, taker = self._diversions.get(path, (b"", ""))
            yield path, partial(is_or_any, taker)
            for source, (target, diverter) in self._diversions.items():
                if target == path:
                    yield source, partial(ne, diverter)

    def _wheel(self, real: str) -> Owner | None:
        folder = real.rpartition("/")[0]
        while folder:
            relative = real[len(folder) + 1 :].encode("utf-8", "surrogateescape")
            for name, record in self._records_in(folder):
                if records_path(record, relative):
                    return self._wheel_owner(f"{folder}/{name}")
            folder = folder.rpartition("/")[0]
        return None

    def _records_in(self, folder: str) -> tuple[tuple[str, bytes], ...]:
        if folder not in self._records:
            names = self._names(folder)
            infos = [] if isinstance(names, Missing) else names
            infos = [name for name in infos if name.endswith(".dist-info")]
            found = ((name, self._read(f"{folder}/{name}/RECORD", LIST_CAP)) for name in infos)
            self._records[folder] = tuple((n, data) for n, data in found if isinstance(data, bytes))
        return self._records[folder]

    def _wheel_owner(self, info: str) -> Owner:
        data = self._read(f"{info}/METADATA", LIST_CAP)
        name, version = parse_wheel_name(data) if isinstance(data, bytes) else ("", "")
        folder = info.rpartition("/")[2].removesuffix(".dist-info").partition("-")
        return Owner("wheel", name or folder[0], version or folder[2])


def object_lines(listing: bytes) -> bytes:
    """The lines that have one of OBJECTS; those that have both twice."""
    found = []
    for mark in OBJECTS:
        position = listing.find(mark)
        while position >= 0:
            end = listing.find(b"\n", position)
            end = len(listing) if end < 0 else end
            found.append(listing[listing.rfind(b"\n", 0, position) + 1 : end])
            position = listing.find(mark, end)
    return b"\n".join([*found, b""])


def is_or_any(wanted: str, package: str) -> bool:
    """Whether the package is the wanted one; an empty wish takes any."""
    return wanted in {"", package}
