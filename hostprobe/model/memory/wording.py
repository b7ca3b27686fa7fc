"""Bytes in words."""


def megabytes(size: int) -> str:
    """`1115 MB`, `0.5 MB`; base 1024."""
    whole = size / (1 << 20)
    return f"{whole:.0f} MB" if whole >= 10 else f"{whole:.1f} MB"
