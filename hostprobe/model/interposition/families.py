"""Families of libraries whose clashes have a check of their own.

One line adds a family: its name, and symbols that only a provider of that family defines.
Whatever belongs to no family is left to `symbol-interposed`, so each rebinding is judged once.
"""

from hostprobe.facts.elf import Elf

MARKERS: tuple[tuple[str, tuple[bytes, ...]], ...] = (
    ("libxml2", (b"xmlReadMemory", b"xsltApplyStylesheet", b"exsltRegisterAll")),
)


def family_of(provider: Elf) -> str:
    """Name of the family that an object provides; "" when none claims it."""
    for family, markers in MARKERS:
        if any(marker in provider.definitions for marker in markers):
            return family
    return ""
