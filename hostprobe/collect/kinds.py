"""Which parser makes which kind of fact, and how large a file of that kind may be."""

from collections.abc import Callable
from typing import Any

from hostprobe.facts.elf import Elf
from hostprobe.facts.package import PackageVersions
from hostprobe.parse.package import parse_dpkg_status

PARSERS: dict[type, Callable[[bytes], Any]] = {
    PackageVersions: parse_dpkg_status,
}
"""Fact type -> its parser; a parser returns the fact or raises ParseError."""

DEFAULT_CAP = 16 << 20

CAPS: dict[type, int] = {
    Elf: 2 << 30,
    PackageVersions: 64 << 20,
}
"""Fact type -> largest file in bytes; everything else has DEFAULT_CAP."""
