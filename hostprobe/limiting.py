"""What a process may take, set by itself for itself."""

import resource
from collections.abc import Mapping


def limit(wanted: Mapping[int, int]) -> None:
    """Soft limits by their number (RLIMIT_*), within the hard ones that there are."""
    for kind, value in wanted.items():
        _, hard = resource.getrlimit(kind)
        within = value if hard == resource.RLIM_INFINITY else min(value, hard)
        resource.setrlimit(kind, (within, hard))
