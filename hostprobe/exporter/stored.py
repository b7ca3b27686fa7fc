"""The report in the state directory, read again whenever it was replaced."""

import asyncio
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from hostprobe.agent.state import MAX_REPORT
from hostprobe.exporter.answer import Body
from hostprobe.exporter.metrics import Counts, encoded
from hostprobe.exporter.page import page
from hostprobe.parse.error import ParseError
from hostprobe.parse.report import parse_report
from hostprobe.reading import read_file, reason


@dataclass(frozen=True, slots=True)
class Stored:
    """Everything that is served of one state of the file."""

    problem: str
    """Why there is no report; empty when there is one."""

    report: Body | None
    plain_metrics: Body
    open_metrics: Body


class LastReport:
    """What is served now; what takes time is done in threads, once for all who wait."""

    def __init__(self, path: str, log: Callable[[str], None]) -> None:
        self._path = path
        self._log = log
        # One for each work, as every thread has a malloc arena that a large report fills.
        self._reader, self._printer = ThreadPoolExecutor(1, "read"), ThreadPoolExecutor(1, "page")
        self._counts = Counts()
        self._seen: object = None
        self._stored: Stored | None = None
        self._renewal: asyncio.Future[Stored] | None = None
        self._page: tuple[Stored, asyncio.Future[Body]] | None = None

    async def current(self) -> Stored:
        """The report as the file is now, or why there is none."""
        if self._stored is not None and self._seen == self._stamp():
            return self._stored
        if self._renewal is None:
            self._renewal = asyncio.ensure_future(self._renew())
        # A client that goes away must not take the report of the others with it.
        return await asyncio.shield(self._renewal)

    async def page(self) -> Body | None:
        """The report as HTML, made when it is first asked for; None without a report."""
        stored = await self.current()
        if stored.report is None:
            return None
        if self._page is None or self._page[0] is not stored:
            loop = asyncio.get_running_loop()
            self._page = stored, loop.run_in_executor(self._printer, page_of, stored.report.data)
        return await asyncio.shield(self._page[1])

    def _stamp(self) -> object:
        """What is different after each replacement of the file."""
        try:
            status = os.stat(self._path)  # noqa: PTH116
        except OSError as error:
            return error.errno
        return status.st_ino, status.st_mtime_ns, status.st_ctime_ns, status.st_size

    async def _renew(self) -> Stored:
        seen = self._stamp()
        try:
            loop = asyncio.get_running_loop()
            self._stored = await loop.run_in_executor(self._reader, self._read)
        finally:
            self._renewal = None
        self._seen = seen
        return self._stored

    def _read(self) -> Stored:
        try:
            data = read_file(self._path, MAX_REPORT)
            document = parse_report(data)
            counts = self._counts.after(document)
            stored = Stored("", Body.of("application/json", data), *encoded(document, counts))
        except Exception as error:  # noqa: BLE001  whatever a report holds, the exporter goes on
            return self._without(error)
        self._counts = counts
        return stored

    def _without(self, error: Exception) -> Stored:
        """Nothing of a file that is wrong is served; one that is not there yet is no error."""
        problem = f"{self._path}: {in_words(error)}"
        self._log(problem)
        if not isinstance(error, FileNotFoundError):
            self._counts = self._counts.after(None)
        return Stored(problem, None, *encoded(None, self._counts))


def page_of(data: bytes) -> Body:
    """The page of a report that was read before."""
    return page(parse_report(data))


def in_words(error: Exception) -> str:
    """Why; of what only an error of hostprobe's own can be also its kind."""
    is_expected = isinstance(error, OSError | ParseError) or type(error) is ValueError
    return reason(error) if is_expected else f"{type(error).__name__}: {error}"
