"""The error log reader against grep with the same patterns."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from hostprobe.facts.signatures import SIGNATURES
from tests.benchmarks.measure import Cost, measure

SIZE = 256 << 20
FRONT = "[Fri Nov 27 05:22:01.652118 2026] [{1}] [pid 77:tid 140] [client 192.0.2.7:1] "
MESSAGES = (
    (8, "wsgi:error", "INFO django.request GET /shop/items/{0} 200 took 12 ms"),
    (4, "php:warn", "PHP Warning:  Undefined variable $x in /var/www/{0}.php on line 3"),
    (2, "authz_core:error", "AH01630: client denied by server configuration: /var/www/html/{0}"),
    (1, "wsgi:error", "ValueError: invalid literal for int() with base 10: 'x{0}'"),
)
"""How often, module and level, text: what an ordinary host writes, and no signature."""

PROGRAM = """
import sys
from hostprobe.collect import error_log
from hostprobe.collect.root import Root
error_log.MOST_BYTES = 1 << 40
print(error_log.read_error_log(Root("/"), sys.argv[1]))
"""
SPECIAL = ("(?!", r"\d{3}", "]*' on")
"""What grep's extended expressions have no equal for; those few rows are left out."""

Row = tuple[str, Cost, str]


def error_log() -> Iterator[Row]:
    """An ordinary log, once by the reader and once by grep."""
    with tempfile.TemporaryDirectory() as folder:
        log, patterns = Path(folder, "error.log"), Path(folder, "patterns")
        write_log(log)
        patterns.write_text("\n".join(extended()) + "\n")
        ours = measure([sys.executable, "-c", PROGRAM, str(log)], runs=3)
        theirs = measure(["sh", "-c", f"LC_ALL=C grep -cE -f {patterns} {log} || :"], runs=3)
    yield "error log of 256 MB", ours, f"{rate(ours)}, {ours.seconds / theirs.seconds:.1f}"
    yield "grep -cE of the same patterns", theirs, f"{rate(theirs)}, 1.0"


def write_log(path: Path) -> None:
    """Lines that an ordinary host writes; none is a signature."""
    lines = [
        f"{FRONT}{text}\n".format(number, level)
        for number in range(2_000)
        for count, level, text in MESSAGES
        for _ in range(count)
    ]
    piece = "".join(lines)
    with path.open("w") as log:
        for _ in range(SIZE // len(piece) + 1):
            log.write(piece)


def extended() -> Iterator[str]:
    """The texts of all signatures as grep writes them."""
    for text in (text for row in SIGNATURES for text in row.texts):
        if not any(part in text for part in SPECIAL):
            yield text.replace("(?:", "(").replace(r"\d", "[0-9]").replace(r"\s", " ")


def rate(cost: Cost) -> str:
    """Megabytes in a second."""
    return f"{SIZE / cost.seconds / 1e6:.0f} MB/s"
