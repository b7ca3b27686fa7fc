"""HTTP/1.1 with one client: requests one after the other until either side has enough.

h11 reads and writes the protocol; here are the limits in bytes and seconds.
"""

import asyncio
from asyncio import StreamReader, StreamWriter
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import suppress
from email.utils import formatdate
from http import HTTPStatus

import h11

from hostprobe.exporter.answer import Answer, Request, plain

MOST_HEAD = 16 << 10
"""Bytes of a request line and its header."""

HEAD_SECONDS = 5.0
"""From the first byte of a request to the end of its header; a new connection begins at once."""

IDLE_SECONDS = 90.0
"""Between two requests: longer than a usual scrape interval."""

SEND_SECONDS = 15.0
"""For a client to take what is buffered of an answer."""

LINGER_SECONDS = 1.0
"""For a client to read why it was refused before the connection is cut."""

PIECE = 64 << 10
"""Bytes that one connection buffers for a client that reads slowly."""

MOST_UNREAD = 512 << 10
"""Bytes that a client may still send after its last answer."""

Respond = Callable[[Request], Awaitable[Answer]]


class Conversation:
    """One connection whose handshake is done."""

    def __init__(self, reader: StreamReader, writer: StreamWriter, client: str) -> None:
        self._reader = reader
        self._writer = writer
        self._client = client
        self._http = h11.Connection(h11.SERVER, max_incomplete_event_size=MOST_HEAD)
        self._patience = HEAD_SECONDS

    async def run(self, respond: Respond, served: Callable[[], None]) -> None:
        """Answer until the client is gone, too slow or wrong; `served` after each answer."""
        with suppress(TimeoutError, OSError):
            while request := await self._request():
                await self._send(await respond(request), request)
                served()
                if self._http.our_state is not h11.DONE:
                    break
                self._http.start_next_cycle()
                self._patience = IDLE_SECONDS
            await self._close()

    async def _request(self) -> Request | None:
        """The next one; None when there is none or it was refused."""
        try:
            event = await self._event()
        except h11.RemoteProtocolError as error:
            if self._http.our_state is h11.IDLE:
                await self._send(plain(error.error_status_hint), None)
            return None
        if not isinstance(event, h11.Request):
            return None
        if not event.http_version.startswith(b"1."):
            await self._send(plain(505), None)
            return None
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in event.headers}
        method, target = event.method.decode("latin-1"), event.target.decode("latin-1")
        return Request(method, target, headers, self._client)

    async def _event(self) -> object:
        """What h11 makes of the next bytes; TimeoutError when they come too slowly."""
        async with asyncio.timeout(self._patience) as limit:
            is_first = True
            while (event := self._http.next_event()) is h11.NEED_DATA:
                self._http.receive_data(await self._reader.read(PIECE))
                if is_first:
                    limit.reschedule(asyncio.get_running_loop().time() + HEAD_SECONDS)
                is_first = False
        return event

    async def _send(self, answer: Answer, request: Request | None) -> None:
        """The whole answer; the last one when the request is none or more than a header."""
        header, data = answer.encoded(request)
        if request is not None and request.method == "HEAD":
            data = b""
        header["Date"] = formatdate(usegmt=True)
        if request is None or not self._is_over():
            header["Connection"] = "close"
        for piece in self._pieces(answer.status, header, data):
            self._writer.write(piece)
            async with asyncio.timeout(SEND_SECONDS):
                await self._writer.drain()

    def _pieces(self, status: int, header: Mapping[str, str], data: bytes) -> Iterator[bytes]:
        """The answer in parts that a slow client may take one by one."""
        reason = HTTPStatus(status).phrase.encode()
        response = h11.Response(status_code=status, headers=list(header.items()), reason=reason)
        start = self._http.send(response) or b""
        for begin in range(0, len(data), PIECE):
            yield start + (self._http.send(h11.Data(data=data[begin : begin + PIECE])) or b"")
            start = b""
        yield start + (self._http.send(h11.EndOfMessage()) or b"")

    def _is_over(self) -> bool:
        """The request ends with its header, and no other one came before its answer.

        A hundred requests at once would be answered before anybody else is; clients that do so
        must be ready to repeat them (RFC 9112, 9.3.2).
        """
        try:
            is_over = isinstance(self._http.next_event(), h11.EndOfMessage)
        except h11.RemoteProtocolError:
            return False
        return is_over and not self._http.trailing_data[0]

    async def _close(self) -> None:
        """Let what was written arrive: a reset would take it from the client."""
        async with asyncio.timeout(LINGER_SECONDS):
            if self._writer.can_write_eof():
                self._writer.write_eof()
                for _ in range(MOST_UNREAD // PIECE):
                    if not await self._reader.read(PIECE):
                        break
            self._writer.close()
            await self._writer.wait_closed()
