"""`hostprobe schema`."""

from argparse import Namespace
from pathlib import Path

import hostprobe
from hostprobe.cli.output import write_text


def schema(options: Namespace) -> int:
    """Print one JSON Schema."""
    folder = Path(hostprobe.__file__).parent / "schemas"
    write_text((folder / f"{options.name}.schema.json").read_text("utf-8"), None)
    return 0
