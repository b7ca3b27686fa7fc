"""Real Prometheus, Alertmanager and node exporter of Debian, each for one block."""

from __future__ import annotations

import json
import subprocess
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.real.httpd import find_free_port

RULES = Path(__file__).parents[2] / "packaging/prometheus"
WAIT_SECONDS = 40.0


def fetched(url: str) -> bytes:
    with urllib.request.urlopen(url, timeout=10) as answer:
        body: bytes = answer.read()
        return body


def wait_for(what: str, ask: Callable[[], Any]) -> Any:
    """The first answer that is not empty."""
    deadline = time.monotonic() + WAIT_SECONDS
    while time.monotonic() < deadline:
        try:
            if answer := ask():
                return answer
        except (urllib.error.URLError, ConnectionError):
            pass
        time.sleep(0.1)
    raise AssertionError(f"{what}: not within {WAIT_SECONDS:.0f} s")


@contextmanager
def server(folder: Path, *command: str) -> Iterator[str]:
    """Runs until the block ends; the base URL. `{port}` in the command is a free port."""
    port = find_free_port()
    words = [word.replace("{port}", str(port)) for word in command]
    with (folder / f"{command[0]}.log").open("wb") as log:
        process = subprocess.Popen(words, cwd=folder, stdout=log, stderr=log)
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(20)


class Prometheus:
    def __init__(self, url: str) -> None:
        self.url = url

    def api(self, path: str, **parameters: str) -> Any:
        query = urllib.parse.urlencode(parameters)
        answer = json.loads(fetched(f"{self.url}/api/v1/{path}?{query}"))
        assert answer["status"] == "success", answer
        return answer["data"]

    def query(self, expression: str) -> list[dict[str, Any]]:
        result: list[dict[str, Any]] = self.api("query", query=expression)["result"]
        return result

    def firing(self) -> set[tuple[str, str]]:
        """Name and instance of each alert that fires."""
        alerts = self.api("alerts")["alerts"]
        return {
            (alert["labels"]["alertname"], alert["labels"]["instance"])
            for alert in alerts
            if alert["state"] == "firing"
        }

    def health(self) -> dict[str, str]:
        """Address of a target -> up, down or unknown, with the last error."""
        targets = self.api("targets")["activeTargets"]
        return {
            target["labels"]["instance"]: f"{target['health']} {target['lastError']}".strip()
            for target in targets
        }


@contextmanager
def prometheus(folder: Path, configuration: str) -> Iterator[Prometheus]:
    (folder / "prometheus.yml").write_text(configuration)
    command = ("prometheus", "--config.file=prometheus.yml", "--storage.tsdb.path=data")
    with server(folder, *command, "--web.listen-address=127.0.0.1:{port}") as url:
        wait_for("Prometheus", lambda: fetched(f"{url}/-/ready"))
        yield Prometheus(url)


@contextmanager
def alertmanager(folder: Path) -> Iterator[str]:
    (folder / "alertmanager.yml").write_text("route: {receiver: none}\nreceivers: [{name: none}]\n")
    command = ("prometheus-alertmanager", "--config.file=alertmanager.yml", "--storage.path=alerts")
    command += ("--cluster.listen-address=", "--web.listen-address=127.0.0.1:{port}")
    with server(folder, *command) as url:
        wait_for("Alertmanager", lambda: fetched(f"{url}/-/ready"))
        yield url


@contextmanager
def node_exporter(folder: Path, textfiles: Path) -> Iterator[str]:
    command = ("prometheus-node-exporter", "--collector.disable-defaults", "--collector.textfile")
    command += (f"--collector.textfile.directory={textfiles}",)
    with server(folder, *command, "--web.listen-address=127.0.0.1:{port}") as url:
        wait_for("node exporter", lambda: fetched(f"{url}/metrics"))
        yield url


def promtool(*arguments: str | Path, text: str | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["promtool", *arguments], input=text, capture_output=True, text=True, check=False
    )
