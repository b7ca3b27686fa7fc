import asyncio

import pytest

from hostprobe.exporter import stored as stored_module
from hostprobe.exporter.answer import Request
from hostprobe.exporter.authentication import BasicAuth
from hostprobe.exporter.site import Site
from hostprobe.exporter.stored import LastReport
from tests.exporter.sample import stored
from tests.exporter.test_authentication import USERS, basic


@pytest.fixture
def said():
    return []


@pytest.fixture
def ask(tmp_path, said):
    def ask(target, method="GET", users=(), **headers):
        last = LastReport(str(tmp_path / "report.json"), said.append)
        site = Site(last, BasicAuth(dict(users)), said.append)
        return asyncio.run(site.respond(Request(method, target, headers, "192.0.2.1")))

    return ask


@pytest.mark.parametrize(
    ("target", "status", "kind", "without"),
    [
        ("/", 200, "text/html", 503),
        ("/metrics", 200, "text/plain; version=0.0.4", 200),
        ("/metrics?x=1", 200, "text/plain; version=0.0.4", 200),
        ("/api/v1/report", 200, "application/json", 503),
        ("/-/healthy", 200, "text/plain", 200),
        ("/-/ready", 200, "text/plain", 503),
        ("/etc/passwd", 404, "text/plain", 404),
        ("/metrics/", 404, "text/plain", 404),
        ("/../report.json", 404, "text/plain", 404),
        ("*", 404, "text/plain", 404),
    ],
)
def test_every_path_with_and_without_a_report(ask, tmp_path, target, status, kind, without):
    assert ask(target).status == without
    stored(tmp_path / "report.json")
    answer = ask(target)
    assert answer.status == status
    assert answer.body.kind.startswith(kind)
    assert ask(target, "HEAD").status == status


def test_without_a_report_the_reason_is_told(ask, tmp_path):
    text = f"no report: {tmp_path}/report.json: no such file or directory\n"
    for target in ("/", "/api/v1/report", "/-/ready"):
        assert ask(target).body.data.decode() == text


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS", "TRACE", "CONNECT", "X"])
def test_nothing_can_be_changed(ask, method):
    answer = ask("/metrics", method)
    assert (answer.status, answer.headers["Allow"]) == (405, "GET, HEAD")


def test_prometheus_gets_openmetrics_when_it_asks(ask):
    accept = "application/openmetrics-text;version=1.0.0,text/plain;version=0.0.4;q=0.5,*/*;q=0.1"
    assert ask("/metrics", accept=accept).body.kind.startswith("application/openmetrics-text")
    assert ask("/metrics", accept="text/plain, application/openmetrics-text;q=0").body.kind == (
        ask("/metrics").body.kind
    )


@pytest.mark.parametrize("target", ["/", "/metrics", "/-/healthy", "/nothing"])
def test_everything_is_behind_the_password(ask, said, target):
    nobody = ask(target, users=USERS)
    assert nobody.status == 401
    assert nobody.headers["WWW-Authenticate"] == 'Basic realm="hostprobe"'
    assert ask(target, users=USERS, authorization=basic("ann", "x")).status == 401
    assert said == ["wrong user or password from 192.0.2.1"]
    assert ask(target, users=USERS, authorization=basic("ann", "U*U")).status != 401


def test_a_page_that_cannot_be_made_leaves_the_metrics_alone(ask, tmp_path, said, monkeypatch):
    def broken(_):
        raise LookupError("oh")

    monkeypatch.setattr(stored_module, "page", broken)
    stored(tmp_path / "report.json")
    assert ask("/").status == 500
    assert said == ["internal error: GET /: LookupError('oh')"]
    assert b"hostprobe_report_available 1.0" in ask("/metrics").body.data


def test_an_error_of_hostprobe_is_one_logged_line_and_500(ask, said, monkeypatch):
    async def broken(_):
        raise LookupError("oh")

    monkeypatch.setattr(LastReport, "current", broken)
    assert ask("/metrics").status == 500
    assert said == ["internal error: GET /metrics: LookupError('oh')"]
