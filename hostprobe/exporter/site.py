"""What the exporter serves, and to whom."""

from collections.abc import Awaitable, Callable, Mapping

from hostprobe.exporter.answer import Answer, Body, Request, accepted, plain
from hostprobe.exporter.authentication import BasicAuth, Verdict
from hostprobe.exporter.stored import LastReport

METHODS = ("GET", "HEAD")
REFUSALS = {
    Verdict.ASKED: plain(401, "", {"WWW-Authenticate": 'Basic realm="hostprobe"'}),
    Verdict.REFUSED: plain(401, "", {"WWW-Authenticate": 'Basic realm="hostprobe"'}),
    Verdict.LATER: plain(429, "too many wrong passwords", {"Retry-After": "10"}),
}


class Site:
    """Paths are names, not files: what is not in the table does not exist."""

    def __init__(self, last: LastReport, auth: BasicAuth, log: Callable[[str], None]) -> None:
        self._last = last
        self._auth = auth
        self._log = log
        self._paths: Mapping[str, Callable[[Request], Awaitable[Answer]]] = {
            "/": self._page,
            "/metrics": self._metrics,
            "/api/v1/report": self._report,
            "/-/healthy": self._healthy,
            "/-/ready": self._ready,
        }

    async def respond(self, request: Request) -> Answer:
        """The answer; an error of hostprobe is logged and becomes 500."""
        try:
            verdict = await self._auth.verdict(request.headers.get("authorization"), request.client)
            if verdict is Verdict.REFUSED:
                self._log(f"wrong user or password from {request.client}")
            return REFUSALS.get(verdict) or await self._allowed(request)
        except Exception as error:  # noqa: BLE001  one request must not end the exporter
            self._log(f"internal error: {request.method} {request.target}: {error!r}")
            return plain(500)

    async def _allowed(self, request: Request) -> Answer:
        path = self._paths.get(request.path)
        if path is None:
            return plain(404)
        if request.method not in METHODS:
            return plain(405, "", {"Allow": ", ".join(METHODS)})
        return await path(request)

    async def _page(self, _: Request) -> Answer:
        page = await self._last.page()
        return served(page, (await self._last.current()).problem)

    async def _metrics(self, request: Request) -> Answer:
        stored = await self._last.current()
        kinds = accepted(request.headers.get("accept", ""))
        is_open = "application/openmetrics-text" in kinds
        return Answer(200, stored.open_metrics if is_open else stored.plain_metrics)

    async def _report(self, _: Request) -> Answer:
        stored = await self._last.current()
        return served(stored.report, stored.problem)

    async def _healthy(self, _: Request) -> Answer:
        return plain(200, "healthy")

    async def _ready(self, _: Request) -> Answer:
        problem = (await self._last.current()).problem
        return plain(503, unavailable(problem)) if problem else plain(200, "ready")


def served(body: Body | None, problem: str) -> Answer:
    """A form of the report; 503 with the reason without one."""
    return Answer(200, body) if body else plain(503, unavailable(problem))


def unavailable(problem: str) -> str:
    """For a person who waits for a report."""
    return f"no report: {problem}"
