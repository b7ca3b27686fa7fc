"""What others wrote is listed, and is what the list says."""

import re
from hashlib import sha256
from pathlib import Path

ROOT = Path(__file__).parent.parent
ROW = re.compile(
    r"^\| (?P<name>\S+) \| (?P<version>\S+) \| .* \| `(?P<file>\S+)` \| `(?P<digest>\w+)` \|$",
    re.MULTILINE,
)


def listed():
    return list(ROW.finditer((ROOT / "THIRD-PARTY.md").read_text()))


def test_every_listed_file_has_its_checksum_its_version_and_its_licence():
    assert listed()
    for row in listed():
        file = ROOT / row["file"]
        assert sha256(file.read_bytes()).hexdigest() == row["digest"]
        assert f'version="{row["version"]}"' in file.read_text()
        assert (
            "Permission is hereby granted" in file.with_name(f"{row['name']}.LICENSE").read_text()
        )


def test_every_minified_file_is_listed():
    minified = {str(path.relative_to(ROOT)) for path in (ROOT / "hostprobe").rglob("*.min.*")}
    assert minified == {row["file"] for row in listed()}
