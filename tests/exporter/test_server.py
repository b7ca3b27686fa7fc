"""Real sockets on the loopback, with limits that tests can wait for."""

import asyncio
import socket
import time
from contextlib import asynccontextmanager

import pytest

from hostprobe.exporter import conversation, server
from hostprobe.exporter.address import Address, listen
from hostprobe.exporter.answer import Answer, Body, plain
from hostprobe.exporter.server import Server

BIG = b"x" * (20 << 20)


async def respond(request):
    if request.path == "/big":
        return Answer(200, Body("text/plain", BIG))
    return plain(200, f"{request.method} {request.path} {request.headers.get('x', '')}")


@asynccontextmanager
async def served():
    with listen(Address("127.0.0.1", 0)) as listener:
        task = asyncio.create_task(Server(respond, lambda: None).serve([listener]))
        try:
            yield listener.getsockname()[1]
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)


@asynccontextmanager
async def clients(port, count):
    """Connections that ask nothing by themselves."""
    held = [await asyncio.open_connection("127.0.0.1", port) for _ in range(count)]
    try:
        yield held
    finally:
        for _, writer in held:
            writer.close()
        await asyncio.gather(*(writer.wait_closed() for _, writer in held), return_exceptions=True)


def is_cut(reader):
    return reader.at_eof() or reader.exception() is not None


async def everything(port, sent, *, end=False):
    """What comes back until the server closes."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(sent)
    if end:
        writer.write_eof()
    try:
        return await asyncio.wait_for(reader.read(), 10)
    except ConnectionError:
        return b""
    finally:
        writer.close()


def answers(sent, **options):
    async def ask():
        async with served() as port:
            return await everything(port, sent, **options)

    return asyncio.run(ask())


GET = b"GET /%d HTTP/1.1\r\nHost: h\r\n\r\n"


def test_one_connection_takes_many_requests():
    async def ask():
        async with served() as port, clients(port, 1) as [(reader, writer)]:
            for number in range(20):
                writer.write(GET % number)
                assert await reader.readuntil(b"GET /%d \n" % number)
            return True

    assert asyncio.run(ask())


def test_who_asks_before_the_answer_came_gets_one_and_may_come_again():
    got = answers(b"".join(GET % number for number in range(100)))
    assert got.count(b"HTTP/1.1 200 OK\r\n") == 1
    assert b"Connection: close" in got
    assert got.endswith(b"GET /0 \n")


def test_head_has_a_length_and_no_body():
    got = answers(b"HEAD /a HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n")
    head, _, body = got.partition(b"\r\n\r\n")
    assert b"Content-Length: 9" in head
    assert body == b""


@pytest.mark.parametrize(
    "sent",
    [
        b"GET / HTTP/1.0\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n" + GET % 1,
        b"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 9\r\n\r\nabc" + GET % 1,
        b"POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n",
        b"POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\nzzz\r\n",
    ],
)
def test_a_request_that_is_the_last_or_has_a_body_ends_the_connection(sent):
    got = answers(sent)
    assert got.count(b"HTTP/1.1 200 OK") == 1
    assert b"Connection: close" in got


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (b"GARBAGE\r\n\r\n", b"400"),
        (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n", b"400"),
        (b"GET / HTTP/1.1\r\n\r\n", b"400"),
        (b"GET /\x01 HTTP/1.1\r\nHost: h\r\n\r\n", b"400"),
        (b"GET / HTTP/1.1\r\nHost: h\r\nX: a\x00b\r\n\r\n", b"400"),
        (b"GET / HTTP/1.1\r\nHost: h\r\nX : b\r\n\r\n", b"400"),
        (b"GET / HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n", b"400"),
        (b"GET / HTTP/2.7\r\nHost: h\r\n\r\n", b"505"),
        (b"GET / HTTP/1.1\r\nHost: h\r\nX: " + b"a" * 200_000, b"431"),
    ],
)
def test_what_is_no_request_is_refused_with_its_status(sent, status):
    got = answers(sent)
    assert got.startswith(b"HTTP/1.1 " + status)
    assert got.count(b"HTTP/1.1") == 1
    assert b"Connection: close" in got


@pytest.mark.parametrize("sent", [b"", b"GET / HT", b"\r\n"])
def test_a_client_that_goes_away_is_no_error(sent):
    got = answers(sent, end=True)
    assert not got or got.startswith(b"HTTP/1.1 400")


def test_a_request_that_comes_byte_by_byte_ends_in_time(monkeypatch):
    monkeypatch.setattr(conversation, "HEAD_SECONDS", 0.3)

    async def drip():
        async with served() as port, clients(port, 1) as [(reader, writer)]:
            begun = time.monotonic()
            for byte in b"GET / HTTP/1.1\r\n" + b"X: y\r\n" * 100:
                writer.write(bytes((byte,)))
                await asyncio.sleep(0.02)
                if is_cut(reader):
                    break
            return time.monotonic() - begun

    assert asyncio.run(drip()) < 2


def test_a_connection_without_a_request_ends_sooner_than_an_idle_one(monkeypatch):
    monkeypatch.setattr(conversation, "HEAD_SECONDS", 0.1)
    monkeypatch.setattr(conversation, "IDLE_SECONDS", 0.6)

    async def wait(sent):
        async with served() as port:
            begun = time.monotonic()
            await everything(port, sent)
            return time.monotonic() - begun

    assert asyncio.run(wait(b"")) < 0.5
    assert asyncio.run(wait(GET % 1)) >= 0.5


def test_a_client_that_does_not_read_ends_in_time_and_takes_little_memory(monkeypatch):
    monkeypatch.setattr(conversation, "SEND_SECONDS", 0.5)

    async def stall():
        async with served() as port, clients(port, 1) as [(reader, writer)]:
            writer.write(b"GET /big HTTP/1.1\r\nHost: h\r\n\r\n")
            writer.transport.pause_reading()
            await asyncio.sleep(1.5)
            writer.transport.resume_reading()
            try:
                return len(await reader.read(-1))
            except ConnectionError:
                return 0

    assert asyncio.run(stall()) < len(BIG)


def test_at_the_limit_who_holds_a_connection_loses_it_and_who_asks_is_answered(monkeypatch):
    monkeypatch.setattr(server, "MOST_CONNECTIONS", 10)

    async def crowd():
        async with served() as port, clients(port, 50) as held:
            got = await everything(port, b"GET /me HTTP/1.0\r\n\r\n")
            await asyncio.sleep(0.1)
            return got, [is_cut(reader) for reader, _ in held]

    got, cut = asyncio.run(crowd())
    assert got.endswith(b"GET /me \n")
    assert cut == [True] * 41 + [False] * 9


def test_a_crowd_that_waits_to_be_let_in_pushes_nobody_out_unheard(monkeypatch):
    monkeypatch.setattr(server, "MOST_CONNECTIONS", 10)

    async def crowd():
        with listen(Address("127.0.0.1", 0)) as listener:
            port = listener.getsockname()[1]
            async with clients(port, 1) as [(reader, writer)], clients(port, 60):
                writer.write(GET % 1)
                await writer.drain()
                task = asyncio.create_task(Server(respond, lambda: None).serve([listener]))
                got = await reader.readuntil(b"GET /1 \n")
                task.cancel()
                await asyncio.gather(task, return_exceptions=True)
                return got

    assert asyncio.run(crowd()).startswith(b"HTTP/1.1 200 OK")


def test_a_connection_that_was_just_served_outlives_those_that_were_not(monkeypatch):
    monkeypatch.setattr(server, "MOST_CONNECTIONS", 4)

    async def crowd():
        async with served() as port, clients(port, 1) as [(reader, writer)]:
            for _ in range(3):
                async with clients(port, 2):
                    writer.write(GET % 7)
                    assert (await reader.readuntil(b"\n")).startswith(b"HTTP/1.1 200")
                    await reader.readuntil(b"GET /7 \n")
            return True

    assert asyncio.run(crowd())


def test_many_connections_leave_nothing_behind():
    async def many():
        with listen(Address("127.0.0.1", 0)) as listener:
            site = Server(respond, lambda: None)
            task = asyncio.create_task(site.serve([listener]))
            port = listener.getsockname()[1]
            for _ in range(5):
                await asyncio.gather(*(everything(port, GET % 1, end=True) for _ in range(50)))
            await asyncio.sleep(0.1)
            left = len(site._connections), len(asyncio.all_tasks())
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
            return left

    connections, tasks = asyncio.run(many())
    assert connections == 0
    assert tasks <= 3


def test_the_end_of_an_answer_does_not_wait_for_an_acknowledgement():
    with listen(Address("127.0.0.1", 0)) as listener:
        with socket.create_connection(listener.getsockname()):
            listener.settimeout(5)
            accepted, _ = listener.accept()
        with accepted:
            assert accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
