"""The proxy does to a connection what its names say."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from app.tests.support.proxy import Proxy

Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]


class Echo:
    """A server that says everything back, behind its own name, and remembers it."""

    def __init__(self, name: bytes) -> None:
        self.name = name
        self.heard = asyncio.Event()

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while line := await reader.readline():
                self.heard.set()
                writer.write(self.name + line)
        except ConnectionResetError:
            pass
        finally:
            writer.close()


@asynccontextmanager
async def echo(name: bytes = b"") -> AsyncIterator[tuple[Echo, tuple[str, int]]]:
    answering = Echo(name)
    server = await asyncio.start_server(answering.answer, "127.0.0.1", 0)
    try:
        yield answering, server.sockets[0].getsockname()
    finally:
        server.close()


@pytest.fixture
async def server() -> AsyncIterator[tuple[Echo, tuple[str, int]]]:
    async with echo() as running:
        yield running


@pytest.fixture
async def proxy(server: tuple[Echo, tuple[str, int]]) -> AsyncIterator[Proxy]:
    async with Proxy.before(server[1]) as standing:
        yield standing


@asynccontextmanager
async def client(proxy: Proxy) -> AsyncIterator[Streams]:
    reader, writer = await asyncio.open_connection("127.0.0.1", proxy.port)
    try:
        yield reader, writer
    finally:
        writer.close()


async def say(streams: Streams, words: bytes) -> bytes:
    streams[1].write(words)
    return await streams[0].readline()


async def test_what_is_said_passes_both_ways(proxy: Proxy) -> None:
    async with client(proxy) as one, client(proxy) as other:
        assert (await say(one, b"a\n"), await say(other, b"b\n")) == (b"a\n", b"b\n")

    assert proxy.accepted == 2


async def test_a_farewell_passes_too(proxy: Proxy) -> None:
    async with client(proxy) as streams:
        streams[1].write_eof()

        assert await streams[0].read() == b""


async def test_a_cut_resets_who_is_connected_and_welcomes_who_comes_next(proxy: Proxy) -> None:
    async with client(proxy) as streams:
        await say(streams, b"a\n")
        proxy.cut()

        with pytest.raises(ConnectionResetError):
            await streams[0].readline()

    async with client(proxy) as streams:
        assert await say(streams, b"b\n") == b"b\n"


async def test_nobody_gets_in_until_it_is_healed(proxy: Proxy) -> None:
    proxy.refuse()
    with pytest.raises(ConnectionRefusedError):
        await asyncio.open_connection("127.0.0.1", proxy.port)

    await proxy.heal()

    async with client(proxy) as streams:
        assert await say(streams, b"a\n") == b"a\n"


async def test_a_black_hole_keeps_everything_until_it_is_healed(proxy: Proxy, server: tuple[Echo, object]) -> None:
    async with client(proxy) as streams:
        proxy.black_hole()
        answer = asyncio.create_task(say(streams, b"a\n"))
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(server[0].heard.wait(), 0.05)

        await proxy.heal()

        assert await answer == b"a\n"


async def test_an_answer_may_get_lost_after_the_server_has_heard(proxy: Proxy, server: tuple[Echo, object]) -> None:
    async with client(proxy) as streams:
        proxy.lose_answers()
        answer = asyncio.create_task(say(streams, b"a\n"))
        await server[0].heard.wait()
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(asyncio.shield(answer), 0.05)

        proxy.cut()

        with pytest.raises(ConnectionResetError):
            await answer


async def test_a_slow_way_delays_each_direction(proxy: Proxy) -> None:
    loop = asyncio.get_running_loop()
    async with client(proxy) as streams:
        proxy.delay_seconds = 0.05
        begun = loop.time()
        await say(streams, b"a\n")

    assert loop.time() - begun >= 0.09  # a lower bound: no load can break it


async def test_new_connections_follow_to_another_server(proxy: Proxy) -> None:
    async with echo(b"second: ") as (_, address), client(proxy) as before:
        await say(before, b"a\n")
        proxy.lead_to(address)
        async with client(proxy) as after:
            assert (await say(before, b"a\n"), await say(after, b"b\n")) == (b"a\n", b"second: b\n")


async def test_a_client_of_a_server_that_is_away_is_reset(proxy: Proxy) -> None:
    proxy.lead_to(("127.0.0.1", 1))

    async with client(proxy) as streams:
        assert await streams[0].read() == b""


async def test_nothing_stays_open_of_whoever_came_last(server: tuple[Echo, tuple[str, int]]) -> None:
    """Else some later test is blamed for it."""
    for turns in range(8):
        async with Proxy.before(server[1]) as proxy:
            _, writer = await asyncio.open_connection("127.0.0.1", proxy.port)
            for _ in range(turns):
                await asyncio.sleep(0)
        writer.close()
        assert not proxy.is_working
