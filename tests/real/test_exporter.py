"""`hostprobe exporter` against clients that are wrong, slow or malicious."""

from __future__ import annotations

import json
import shutil
import ssl
import statistics
import time
from base64 import b64encode
from collections.abc import Iterator
from pathlib import Path
from urllib.request import Request, urlopen

import pytest

from tests.real.certificates import Certificate, issue, make_authority
from tests.real.exporter import HASH, PASSWORD, Exporter, store_sample
from tests.real.prometheus import wait_for
from tests.soak.crowd import crowd
from tests.soak.exporter import descriptors

pytestmark = pytest.mark.real
USERS = f'[exporter.basic_auth_users]\nprometheus = "{HASH}"\n'


def login(password: str) -> dict[str, str]:
    return {"Authorization": "Basic " + b64encode(f"prometheus:{password}".encode()).decode()}


def tls_settings(served: Certificate, *more: str) -> str:
    lines = ("[exporter.tls_server_config]", f'cert_file = "{served.cert}"')
    return "\n".join((*lines, f'key_file = "{served.key}"', *more, ""))


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("sample") / "state"
    store_sample(folder)
    return folder


@pytest.fixture
def state(sample: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(sample, tmp_path / "state"))


@pytest.fixture
def authority(tmp_path: Path) -> Certificate:
    return make_authority(tmp_path)


def trusting(authority: Certificate, client: Certificate | None = None) -> ssl.SSLContext:
    context = ssl.create_default_context(cafile=str(authority.cert))
    if client:
        context.load_cert_chain(client.cert, client.key)
    return context


@pytest.fixture
def exporter(state: Path) -> Iterator[Exporter]:
    with Exporter(state) as running:
        yield running


def test_a_wrong_password_is_401_and_guessing_costs_no_processor_time(state: Path) -> None:
    with Exporter(state, USERS) as exporter:
        assert exporter.get("/metrics")[0] == 401
        assert exporter.get("/metrics", login("wrong"))[0] == 401
        assert exporter.get("/metrics", login(PASSWORD))[0] == 200
        before = exporter.cpu_seconds()
        answers = [exporter.get("/metrics", login(f"wrong{n}"))[0] for n in range(200)]
        assert set(answers) == {401, 429}
        assert answers.count(401) < 15
        assert exporter.cpu_seconds() - before < 3
        assert exporter.get("/metrics", login(PASSWORD))[0] == 200
        assert PASSWORD not in exporter.said()


def test_without_the_required_client_certificate_nothing_is_served(
    state: Path, authority: Certificate, tmp_path: Path
) -> None:
    more = (
        'client_auth_type = "RequireAndVerifyClientCert"',
        f'client_ca_file = "{authority.cert}"',
    )
    stranger = issue(make_authority(tmp_path, "other"), "stranger")
    settings = tls_settings(issue(authority, "server"), *more)
    with Exporter(state, settings, tls=trusting(authority, issue(authority, "client"))) as exporter:
        assert exporter.get("/metrics")[0] == 200
        for refused in (trusting(authority), trusting(authority, stranger)):
            exporter.tls = refused
            with pytest.raises((ssl.SSLError, ConnectionError)):
                exporter.get("/metrics")


def test_older_tls_than_is_set_and_plain_http_are_refused(
    state: Path, authority: Certificate
) -> None:
    settings = tls_settings(issue(authority, "server"), 'min_version = "TLS13"')
    old = trusting(authority)
    old.maximum_version = ssl.TLSVersion.TLSv1_2
    with Exporter(state, settings, tls=trusting(authority)) as exporter:
        assert exporter.get("/-/ready")[0] == 200
        exporter.tls = old
        with pytest.raises(ssl.SSLError):
            exporter.get("/-/ready")
        exporter.tls = None
        with pytest.raises(ConnectionError):
            exporter.get("/-/ready")


def serial(exporter: Exporter) -> str:
    """Of the certificate that a new connection gets."""
    connection = exporter.connect()
    connection.connect()
    number: str = connection.sock.getpeercert()["serialNumber"]
    connection.close()
    return number


def test_a_renewed_certificate_is_served_without_a_restart_and_a_broken_one_is_not(
    state: Path, authority: Certificate
) -> None:
    served = issue(authority, "server")
    with Exporter(state, tls_settings(served), tls=trusting(authority)) as exporter:
        first = serial(exporter)
        issue(authority, "server")
        second = serial(exporter)
        assert second != first
        served.cert.write_text("-----BEGIN CERTIFICATE-----\nbroken\n")
        assert serial(exporter) == second
        assert "the certificate of before is kept" in exporter.said()
        served.cert.unlink()
        assert serial(exporter) == second


def test_a_crowd_that_does_not_shake_hands_stops_nobody(
    state: Path, authority: Certificate
) -> None:
    settings = tls_settings(issue(authority, "server"))
    with Exporter(state, settings, tls=trusting(authority)) as exporter:
        with crowd(exporter.port, 200, "tls"):
            wait_for("a crowd", lambda: descriptors(exporter) > 60)
            times = list(scrapes(exporter, 20))
        assert statistics.median(times) < 0.5, times
        assert max(times) < 8, times
        assert len(exporter.said().splitlines()) == 1


def scrapes(exporter: Exporter, times: int) -> Iterator[float]:
    """Seconds of each."""
    for _ in range(times):
        begun = time.perf_counter()
        status, _, body = exporter.get("/metrics")
        assert (status, body.count(b"hostprobe_findings{") > 300) == (200, True)
        yield time.perf_counter() - begun
        time.sleep(0.05)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ('{"schema": 2, "hostprobe": "9.0"}', "schema 2"),
        ('{"schema": 1, "hostprobe": "0.1.0", "host": {', "not JSON"),
        ('{"schema": "\\u001b[2J\\u202e\\nx"}', "a report of schema"),
        ("[" * 200_000, "not JSON"),
    ],
)
def test_a_report_that_is_wrong_is_503_and_a_metric_never_half_served(
    exporter: Exporter, text: str, reason: str
) -> None:
    assert exporter.metrics()["hostprobe_report_available"] == 1
    (exporter.state / "report.json").write_text(text)
    for path in ("/", "/api/v1/report", "/-/ready"):
        status, _, body = exporter.get(path)
        assert (status, reason in body.decode()) == (503, True)
        assert body.decode()[:-1].isprintable()
    metrics = exporter.metrics()
    assert metrics["hostprobe_report_available"] == 0
    assert not [name for name in metrics if "finding" in name or "last_scan" in name]
    assert exporter.get("/-/healthy")[0] == 200
    assert all(line.isprintable() for line in exporter.said().split("\n"))
    assert reason in exporter.said()


def test_the_report_is_served_as_it_is_stored_and_compressed_when_asked(exporter: Exporter) -> None:
    status, header, body = exporter.get("/api/v1/report")
    assert (status, header["Content-Type"]) == (200, "application/json")
    assert body == (exporter.state / "report.json").read_bytes()
    request = Request(f"http://127.0.0.1:{exporter.port}/metrics")
    request.add_header("Accept-Encoding", "gzip")
    with urlopen(request, timeout=10) as answer:
        assert answer.headers["Content-Encoding"] == "gzip"
        assert len(answer.read()) < 6000


def test_the_port_is_free_again_after_a_signal(state: Path) -> None:
    with Exporter(state) as exporter:
        exporter.get("/-/ready")
        port = exporter.port
    again = Exporter(state)
    again.port = port
    with again:
        assert json.loads(again.get("/api/v1/report")[2])["schema"] == 1
