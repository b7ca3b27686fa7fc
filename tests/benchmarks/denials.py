"""Counting the denials of one log in a process of its own."""

from __future__ import annotations

import sys

from hostprobe.collect.denials import collect_denials
from hostprobe.collect.root import Root
from hostprobe.facts.denial import DenialLog


def main(path: str) -> None:
    """Print how many records there are of httpd."""
    log = collect_denials(Root("/"), path)
    assert isinstance(log, DenialLog)
    sys.stdout.write(f"{sum(one.count for one in log.selinux)}\n")


if __name__ == "__main__":
    main(sys.argv[1])
