"""The graph library that hostprobe ships is byte for byte the one that npm delivers."""

import subprocess
from pathlib import Path

import pytest

pytestmark = pytest.mark.real

ROOT = Path(__file__).parent.parent.parent
SHIPPED = ROOT / "hostprobe/report/html"


def test_the_shipped_library_is_what_npm_delivers(tmp_path: Path) -> None:
    subprocess.run([ROOT / "packaging/bundle", tmp_path], check=True, timeout=120)
    delivered = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    assert delivered == {name: (SHIPPED / name).read_bytes() for name in delivered}
    assert sorted(delivered) == ["cytoscape.LICENSE", "cytoscape.min.js"]
