"""ausearch of the audit project and AppArmor's parser of records, from Debian's packages."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from tests.real.build import PYTHON
from tests.real.debs import unpacked

LIBRARIES = ("lib/x86_64-linux-gnu", "usr/lib/x86_64-linux-gnu")
PARSE = """
import json, sys
sys.path.insert(0, sys.argv[1])
import LibAppArmor
WORDS = "profile operation name denied_mask comm event".split()
for line in sys.stdin.buffer:
    record = LibAppArmor.parse_record(line.decode("utf-8", "surrogateescape").rstrip("\\n"))
    print(json.dumps([getattr(record, word) for word in WORDS]))
"""


def ausearch(path: Path) -> list[str]:
    """The command that prints all records of events with a denial."""
    program = unpacked("auditd") / "sbin/ausearch"
    return [str(program), "-if", str(path), "-m", "AVC,USER_AVC", "--raw"]


def environment() -> dict[str, str]:
    """ausearch finds its libraries there."""
    path = ":".join(str(unpacked("libauparse0") / folder) for folder in LIBRARIES)
    return dict(os.environ) | {"LD_LIBRARY_PATH": path, "LC_ALL": "C"}


def events(path: Path) -> dict[bytes, list[bytes]]:
    """Identity of each event that ausearch finds -> its records, sorted."""
    done = subprocess.run(ausearch(path), env=environment(), capture_output=True, check=False)
    found: dict[bytes, list[bytes]] = {}
    for line in done.stdout.splitlines():
        identity = line.partition(b"):")[0].rpartition(b"(")[2]
        if identity:
            found.setdefault(identity, []).append(line.partition(b"\x1d")[0])
    return {identity: sorted(lines) for identity, lines in found.items()}


def apparmor_records(lines: Iterable[bytes]) -> list[list[Any]]:
    """profile, operation, name, denied mask, comm and event (3: allowed, 4: denied) of each."""
    packages = unpacked("python3-libapparmor") / "usr/lib/python3/dist-packages"
    text = b"".join(line + b"\n" for line in lines)
    done = subprocess.run(
        [PYTHON, "-c", PARSE, str(packages)], input=text, capture_output=True, check=True
    )
    return [json.loads(line) for line in done.stdout.splitlines()]
