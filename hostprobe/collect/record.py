"""Every answer that a scan got through the `Files` door: what a snapshot holds."""

from dataclasses import dataclass, field
from typing import Any

from hostprobe.facts.elf import Elf
from hostprobe.facts.files import Missing, Stat


@dataclass(slots=True)
class Record:
    """Answers by the path that was asked; filled while the scan goes on."""

    stats: dict[str, Stat | Missing] = field(default_factory=dict)
    lists: dict[str, tuple[str, ...] | Missing] = field(default_factory=dict)
    facts: dict[type, dict[str, Any]] = field(default_factory=dict)
    """Fact type -> path -> fact or Missing."""

    objects: dict[str, Elf | Missing] = field(default_factory=dict)
