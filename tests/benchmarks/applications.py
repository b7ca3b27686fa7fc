"""A scan of many virtual hosts with an application and a daemon process group each."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from tests.benchmarks.measure import Cost, measure
from tests.real.httpd import Httpd

COUNTS = (500, 1000, 5000)
SCRIPT = """import os
import sys

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "site{number}.settings")


def application(environ, start_response):
    print("request", file=sys.stderr)
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [b"{number}"]
"""
HOST = """<VirtualHost 127.0.0.1:{port}>
ServerName site{number}.example.org
WSGIDaemonProcess site{number} threads=2
WSGIScriptAlias / {root}/site{number}/app.wsgi process-group=site{number}
<Directory {root}/site{number}>
Require all granted
</Directory>
</VirtualHost>
"""
Row = tuple[str, Cost, str]


def applications(counts: Sequence[int] = COUNTS) -> Iterator[Row]:
    """One row for each number of applications, with what one more costs."""
    before: tuple[Cost, int] | None = None
    for count in counts:
        httpd = host_with(count)
        command = [sys.executable, "-m", "hostprobe", "scan", "--config", str(httpd.config)]
        cost = measure(command, environment=httpd.environment, runs=1 if count > 1000 else 3)
        yield f"hostprobe scan, {count} applications", cost, each(cost, count, before)
        before = cost, count
        httpd.close()


def host_with(count: int) -> Httpd:
    """A configuration of one file for each host."""
    httpd = Httpd(["wsgi"])
    for number in range(count):
        write_site(httpd.root / "sites", number, httpd.port)
    httpd.config.write_text(f"{httpd.config.read_text()}Include {httpd.root}/sites/*.conf\n")
    return httpd


def write_site(root: Path, number: int, port: int) -> None:
    folder = root / f"site{number}"
    folder.mkdir(parents=True)
    (folder / "app.wsgi").write_text(SCRIPT.format(number=number))
    (root / f"{number:05}.conf").write_text(HOST.format(number=number, root=root, port=port))


def each(cost: Cost, count: int, before: tuple[Cost, int] | None) -> str:
    """What one more application cost since the row above."""
    if before is None:
        return ""
    milliseconds = 1000 * (cost.seconds - before[0].seconds) / (count - before[1])
    return f"{milliseconds:.2f} ms each (budget 10 s for 5,000)"
