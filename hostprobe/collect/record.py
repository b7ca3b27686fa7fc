"""Every answer that a scan got through the `Files` door: what a snapshot holds."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import chain
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

    def unread(self) -> Iterator[str]:
        """What was asked for, is there and could not be had: a path and why.

        Each path once, and nothing for what lies below another one.

        What a snapshot leaves out on purpose does not name its path and is not among them.
        """
        tables: tuple[dict[str, Any], ...] = (
            self.stats,
            self.lists,
            *self.facts.values(),
            self.objects,
        )
        reasons: dict[str, str] = {}
        for path, answer in chain.from_iterable(table.items() for table in tables):
            if not isinstance(answer, Missing) or answer.not_found:
                continue
            if answer.reason.startswith(f"{path}: "):
                reasons.setdefault(path, answer.reason)
        for path, reason in reasons.items():
            if not any(above in reasons for above in parents(path)):
                yield reason


def parents(path: str) -> Iterator[str]:
    """The directories above an absolute path, the nearest first, without the root."""
    while path := path.rpartition("/")[0]:
        yield path
