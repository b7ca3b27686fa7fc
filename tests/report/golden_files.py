"""Expected outputs as files; `HOSTPROBE_GOLDEN=write pytest tests/report` writes them anew."""

import os
from pathlib import Path

FOLDER = Path(__file__).parent / "golden"


def assert_golden(name, text):
    path = FOLDER / name
    if os.environ.get("HOSTPROBE_GOLDEN") == "write":
        path.write_text(text)
    assert text == path.read_text(), f"differs from {path}"


def assert_no_surprise(text):
    """Nothing that moves a cursor, hides, or is not UTF-8; line breaks only at line ends."""
    assert text.encode("utf-8")
    odd = {char for char in text if not char.isprintable()} - {"\n"}
    assert not odd
