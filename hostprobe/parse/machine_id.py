"""machine-id(5): the identity of an installation."""

import re

from hostprobe.facts.host import MachineId
from hostprobe.parse.error import ParseError

FORM = re.compile(rb"[0-9a-f]{32}")


def parse_machine_id(data: bytes) -> MachineId:
    """ParseError for an image that gets one at its first start (empty, or `uninitialized`)."""
    text = data.strip()
    if not FORM.fullmatch(text):
        raise ParseError("not a machine id")
    return MachineId(text.decode("ascii"))
