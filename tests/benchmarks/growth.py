"""How time and memory grow: objects in one simulated process, extensions in one scan."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator
from itertools import cycle, islice
from pathlib import Path

from tests.benchmarks.measure import Cost, measure
from tests.real import stock
from tests.real.build import python_variable
from tests.real.httpd import Httpd

OBJECTS = (50, 100, 250, 500, 1000, 2000)
LIBRARIES = ("/usr/lib/x86_64-linux-gnu", "/usr/lib/apache2", "/usr/lib/php", "/usr/lib/python3*")
LARGEST = 1 << 20
"""Bytes of a library that is opened: many usual ones, not a few large ones."""

Row = tuple[str, Cost, str]


def growth() -> Iterator[Row]:
    """Both tables, every row with what one more object cost."""
    yield from opened()
    yield from scanned()


def opened() -> Iterator[Row]:
    """httpd that opens N different libraries of this host, as Python opens them."""
    httpd = stock.rich_host()
    command = [sys.executable, "-m", "tests.benchmarks.loader", str(httpd.config)]
    start = measure(command, environment=httpd.environment, runs=3)
    yield "httpd alone", start, ""
    folder = httpd.root / "libraries"
    paths = libraries(folder, max(OBJECTS))
    for count in OBJECTS:
        cost = measure([*command, *paths[:count]], environment=httpd.environment, runs=3)
        yield f"httpd that opens {count} libraries", cost, each(cost, start, count)


def libraries(folder: Path, count: int) -> list[str]:
    """Real libraries of this host; where it has fewer, copies of them make up the number."""
    found = [path for top in LIBRARIES for path in sorted(Path("/").glob(f"{top[1:]}/**/*.so*"))]
    real = [path for path in found if path.is_file() and not path.is_symlink()]
    usual = [path for path in real if 8_000 < path.stat().st_size < LARGEST][:count]
    folder.mkdir()
    paths = [str(path) for path in usual]
    for number, path in enumerate(islice(cycle(usual), count - len(usual))):
        paths.append(str(folder / f"{number}-{path.name}"))
        shutil.copyfile(path, paths[-1])
    return paths


def scanned() -> Iterator[Row]:
    """A scan of an application that imports N extensions of the standard library and copies."""
    command = [sys.executable, "-m", "hostprobe", "scan", "--config"]
    httpd = stock.rich_host()
    httpd.config.write_text(f"{httpd.config.read_text()}WSGIPythonPath {httpd.script_dir}\n")
    (httpd.script_dir / "shop.wsgi").write_text("")
    start = scan(command, httpd)
    yield "hostprobe scan, nothing imported", start, ""
    for count in OBJECTS:
        (httpd.script_dir / "shop.wsgi").write_text(imports(httpd, count))
        cost = scan(command, httpd)
        yield f"hostprobe scan, {count} extensions imported", cost, each(cost, start, count)


def imports(httpd: Httpd, count: int) -> str:
    """A script that imports `count` extensions that lie beside it."""
    folder = Path(python_variable("DESTSHARED"))
    suffix = str(python_variable("EXT_SUFFIX"))
    sources = sorted(folder.glob(f"*{suffix}"))
    names = []
    for number, source in enumerate(islice(cycle(sources), count)):
        names.append(f"x{number}")
        target = httpd.script_dir / f"x{number}{suffix}"
        if not target.exists():
            shutil.copyfile(source, target)
    return "".join(f"import {name}\n" for name in names)


def scan(command: list[str], httpd: Httpd) -> Cost:
    """The scan of one httpd; it ends with findings, which is no failure here."""
    return measure([*command, str(httpd.config)], environment=httpd.environment, runs=3)


def each(cost: Cost, start: Cost, count: int) -> str:
    """What one object cost."""
    milliseconds = 1000 * (cost.seconds - start.seconds) / count
    kilobytes = 1024 * (cost.megabytes - start.megabytes) / count
    return f"{milliseconds:.2f} ms, {kilobytes:.0f} KB each"
