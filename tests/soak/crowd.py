"""A crowd of clients that hold connections, drip bytes or send nonsense."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import ssl
import subprocess
import sys
from asyncio import StreamReader, StreamWriter
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path

HALF = b"GET /metrics HTTP/1.1\r\nHost: h\r\nX: "
Behaviour = Callable[[StreamReader, StreamWriter], Awaitable[None]]


async def hold(reader: StreamReader, _: StreamWriter) -> None:
    """Say nothing."""
    await reader.read()


async def drip(_: StreamReader, writer: StreamWriter) -> None:
    """A header that never ends, a byte at a time."""
    writer.write(HALF)
    while not writer.is_closing():
        writer.write(b"a")
        await asyncio.sleep(0.5)


async def half(reader: StreamReader, writer: StreamWriter) -> None:
    """A request that stops in the middle."""
    writer.write(HALF)
    await reader.read()


async def garbage(reader: StreamReader, writer: StreamWriter) -> None:
    """Bytes that are no HTTP and no TLS."""
    writer.write(b"\x16\x03\x01\xff\xff\x00\x1b[2J\r\n\r\n" + bytes(range(256)))
    await reader.read()


async def huge(reader: StreamReader, writer: StreamWriter) -> None:
    """A header without measure."""
    writer.write(HALF + b"a" * (1 << 20))
    await reader.read()


async def deaf(_: StreamReader, writer: StreamWriter) -> None:
    """Requests whose answers are never read."""
    writer.transport.pause_reading()  # type: ignore[attr-defined]
    writer.write((HALF + b"\r\n\r\n") * 100)
    await asyncio.sleep(60)


BEHAVIOURS: tuple[Behaviour, ...] = (hold, drip, half, garbage, huge, deaf)


async def client(port: int, behaviour: Behaviour, tls: ssl.SSLContext | None) -> None:
    """One of them; whatever the server does with it is right."""
    with contextlib.suppress(OSError, asyncio.IncompleteReadError):
        reader, writer = await asyncio.open_connection("127.0.0.1", port, ssl=tls)
        try:
            await behaviour(reader, writer)
        finally:
            writer.transport.abort()


async def come(port: int, size: int, tls: ssl.SSLContext | None) -> None:
    """So many of them, of every kind; half of them do not even shake hands where there is TLS."""
    kinds = itertools.islice(itertools.cycle(BEHAVIOURS), size)
    async with asyncio.TaskGroup() as group:
        for number, kind in enumerate(kinds):
            group.create_task(again_and_again(port, kind, tls if number % 2 else None))


async def again_and_again(port: int, behaviour: Behaviour, tls: ssl.SSLContext | None) -> None:
    """Who is cut off comes back a little later."""
    while True:
        await client(port, behaviour, tls)
        await asyncio.sleep(5)


def main(port: str, size: str, *tls: str) -> None:
    """Until it is killed: `python -m tests.soak.crowd PORT SIZE [tls]`."""
    context = ssl.create_default_context() if tls else None
    if context:
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    asyncio.run(come(int(port), int(size), context))


@contextlib.contextmanager
def crowd(port: int, size: int, *tls: str) -> Iterator[None]:
    """A crowd in a process of its own, so that it takes no time from who looks on."""
    command = [sys.executable, "-m", "tests.soak.crowd", str(port), str(size), *tls]
    process = subprocess.Popen(command, cwd=Path(__file__).parents[2])
    try:
        yield
    finally:
        process.kill()
        process.wait()


if __name__ == "__main__":
    main(*sys.argv[1:])
