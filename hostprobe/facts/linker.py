"""What configures the dynamic linker of the inspected root (ld.so(8), ldconfig(8))."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class CacheEntry:
    """One library of ld.so.cache."""

    soname: bytes
    path: bytes
    flags: int
    """FLAG_* of glibc's ldconfig.h: 0x0303 x86-64, 0x0003 i386, 0x0a03 AArch64 ..."""

    hwcap: str
    """glibc-hwcaps subdirectory name ("x86-64-v3"), "" for the base entry; "legacy-0x..." is an
    entry that asks for hardware bits as before glibc 2.37."""


@dataclass(frozen=True, slots=True)
class LinkerCache:
    """/etc/ld.so.cache, entries in file order."""

    entries: tuple[CacheEntry, ...]


@dataclass(frozen=True, slots=True)
class PreloadFile:
    """/etc/ld.so.preload: paths in order."""

    paths: tuple[str, ...]
