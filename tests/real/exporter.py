"""A real `hostprobe exporter` over a state directory that a real scan filled."""

from __future__ import annotations

import http.client
import json
import os
import signal
import ssl
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from hostprobe.writing import replace_file
from tests.real.httpd import find_free_port

START_SECONDS = 30.0
PASSWORD = "correct horse"
HASH = "$2y$05$QFMu.AnIm33KIe8FmB/g/usBWGW0Iedjq2pFQr8GNsjw/FP0Q30Q2"


def store_sample(state: Path) -> None:
    """The report of the bundled host, critical finding included, as a timer would leave it."""
    command = [sys.executable, "-m", "hostprobe", "scan", "--snapshot", "sample", "-q"]
    done = subprocess.run(
        [*command, "--state", str(state)], capture_output=True, timeout=60, check=False
    )
    assert done.returncode == 1, done.stderr


def change(state: Path, **values: Any) -> dict[str, Any]:
    """The last report with other values, replaced as a scan replaces it."""
    document: dict[str, Any] = json.loads((state / "report.json").read_text()) | values
    replace_file(str(state / "report.json"), json.dumps(document).encode(), 0o640)
    return document


class Exporter:
    """`with Exporter(state) as exporter: exporter.get("/metrics")`."""

    def __init__(self, state: Path, settings: str = "", *, tls: ssl.SSLContext | None = None):
        self.state = state
        self.port = find_free_port()
        self.tls = tls
        self.log = state.parent / f"{state.name}.log"
        self.settings = state.parent / f"{state.name}.toml"
        self.settings.write_text(settings)

    def __enter__(self) -> Self:
        command = [sys.executable, "-m", "hostprobe", "exporter", "--settings", str(self.settings)]
        command += ["--state", str(self.state), "--web.listen-address", f"127.0.0.1:{self.port}"]
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(command, stdout=log, stderr=log)
        deadline = time.monotonic() + START_SECONDS
        while "listening on" not in self.said():
            assert self.process.poll() is None, self.said()
            assert time.monotonic() < deadline, self.said()
            time.sleep(0.02)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None
    ) -> None:
        self.process.send_signal(signal.SIGTERM)
        try:
            status = self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            raise
        if error is None:
            assert status == 0, self.said()

    def said(self) -> str:
        return self.log.read_text()

    def connect(self) -> http.client.HTTPConnection:
        if self.tls is None:
            return http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        return http.client.HTTPSConnection("127.0.0.1", self.port, timeout=20, context=self.tls)

    def get(
        self, path: str, headers: Mapping[str, str] | None = None
    ) -> tuple[int, Mapping[str, str], bytes]:
        connection = self.connect()
        try:
            connection.request("GET", path, headers=dict(headers or {}))
            answer = connection.getresponse()
            return answer.status, answer.headers, answer.read()
        finally:
            connection.close()

    def metrics(self) -> dict[str, float]:
        """Sample -> value."""
        _, _, text = self.get("/metrics")
        lines = [line for line in text.decode().splitlines() if not line.startswith("#")]
        return {name: float(value) for name, _, value in (line.rpartition(" ") for line in lines)}

    def resident(self) -> int:
        """Bytes."""
        pages = Path(f"/proc/{self.process.pid}/statm").read_text().split()[1]
        return int(pages) * os.sysconf("SC_PAGE_SIZE")

    def cpu_seconds(self) -> float:
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
