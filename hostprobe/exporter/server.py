"""Connections: how many, in which order they give way, and their handshake."""

import asyncio
import socket
import ssl
from asyncio import StreamReader, StreamReaderProtocol, StreamWriter, Task
from collections.abc import Callable, Iterable
from contextlib import suppress
from functools import partial

from hostprobe.exporter.conversation import MOST_HEAD, Conversation, Respond

MOST_CONNECTIONS = 512
HANDSHAKE_SECONDS = 5.0
PAUSE_SECONDS = 0.1
"""After accept(2) failed: the process is out of descriptors, or the client is gone."""


class Server:
    """Answers on every listener; at its limit the connection served longest ago gives way.

    So clients that only hold connections lose them to those that ask something: a request is
    answered long before its connection is the oldest.
    """

    def __init__(self, respond: Respond, context: Callable[[], ssl.SSLContext | None]) -> None:
        self._respond = respond
        self._context = context
        self._connections: dict[Task[None], None] = {}

    async def serve(self, listeners: Iterable[socket.socket]) -> None:
        """Until it is cancelled; then every connection is cut."""
        try:
            async with asyncio.TaskGroup() as group:
                for listener in listeners:
                    group.create_task(self._accept(listener))
        finally:
            for task in list(self._connections):
                task.cancel()

    async def _accept(self, listener: socket.socket) -> None:
        loop = asyncio.get_running_loop()
        while True:
            try:
                connection, (client, *_) = await loop.sock_accept(listener)
            except OSError:
                await asyncio.sleep(PAUSE_SECONDS)
                continue
            if len(self._connections) >= MOST_CONNECTIONS:
                self._give_way()
            task = loop.create_task(self._converse(connection, client))
            self._connections[task] = None
            task.add_done_callback(partial(self._ended, connection))
            # sock_accept does not wait while others do; let in at once they would push each other
            # out before anybody is heard.
            await asyncio.sleep(0)

    def _give_way(self) -> None:
        oldest = next(iter(self._connections))
        del self._connections[oldest]
        oldest.cancel()

    def _ended(self, connection: socket.socket, task: Task[None]) -> None:
        self._connections.pop(task, None)
        connection.close()

    def _served(self, task: Task[None]) -> None:
        """Now it is the youngest."""
        if task in self._connections:
            del self._connections[task]
            self._connections[task] = None

    async def _converse(self, connection: socket.socket, client: str) -> None:
        """The handshake and every request; whatever the client does ends here."""
        loop, reader = asyncio.get_running_loop(), StreamReader(limit=MOST_HEAD)
        context = self._context()
        with suppress(OSError):  # ssl.SSLError is one
            transport, protocol = await loop.connect_accepted_socket(
                lambda: StreamReaderProtocol(reader),
                connection,
                ssl=context,
                ssl_handshake_timeout=HANDSHAKE_SECONDS if context else None,
            )
            try:
                writer = StreamWriter(transport, protocol, reader, loop)
                task = asyncio.current_task()
                assert task is not None
                talk = Conversation(reader, writer, client)
                await talk.run(self._respond, partial(self._served, task))
            finally:
                transport.abort()
