"""The service stops without being noticed: balancers are told first, what has begun is finished."""

import asyncio
import os
import signal
import socket
from pathlib import Path

import pytest

from app.tests.support.process import KEYS, OPEN, PATIENCE_SECONDS, started, until
from app.tests.support.server import server_in_this_loop
from emulator import Emulator, faults

REQUEST = f"GET {KEYS} HTTP/1.1\r\nHost: auth.example\r\n\r\n".encode()

pytestmark = pytest.mark.timeout(300)  # a service starts, beside whatever else runs


@pytest.mark.parametrize("workers", [1, 2])
async def test_while_it_drains_it_serves_and_tells_balancers_to_go(
    workers: int, tmp_path: Path, stores: dict[str, str]
) -> None:
    """FS-01: `/readyz` first, the address later; a second signal waits for nothing."""
    async with started(tmp_path, AUTH_WORKERS=str(workers), AUTH_DRAIN_SECONDS="300", **OPEN, **stores) as process:
        await process.logged("service.started", times=workers)
        before = await process.status("/readyz")

        process.tell(signal.SIGTERM)
        async with asyncio.timeout(PATIENCE_SECONDS):
            while (ready := await process.status("/readyz"))[0] == 200:
                pass
        others = [await process.status(path) for path in ("/livez", KEYS)]
        process.tell(signal.SIGTERM)
        await process.end()

    assert (before, ready) == ((200, ""), (503, "close"))
    assert others == [(200, "close"), (200, "close")]


@pytest.mark.parametrize(
    ("workers", "number"),
    [(1, signal.SIGTERM), (2, signal.SIGTERM), (2, signal.SIGINT)],
    ids=["one process", "several", "Ctrl-C, which reaches all of several"],
)
async def test_a_stop_finishes_what_has_begun(
    workers: int, number: signal.Signals, tmp_path: Path, stores: dict[str, str]
) -> None:
    """FS-01: somebody is on the way back from a provider that takes its time; nobody new is let in."""
    async with Emulator() as emulator:
        variables = {**stores, **emulator.environment(), "AUTH_WORKERS": str(workers), "AUTH_DRAIN_SECONDS": "1"}
        async with started(tmp_path, **variables) as process, process.viewer() as viewer:
            await process.logged("service.started", times=workers)
            emulator.allow_redirects(f"{viewer.api}/oauth/authorize")
            emulator.decide("yandex", persona="anna")
            emulator.fault("yandex", "token", faults.hang())
            back = asyncio.create_task(viewer.sign_in_with("yandex"))
            await emulator.wait_for_requests("yandex", "token", within=PATIENCE_SECONDS)

            process.tell(number)
            for pid in process.pids("service.started") if number == signal.SIGINT else []:
                os.kill(pid, number)
            async with asyncio.timeout(PATIENCE_SECONDS):
                while not await process.refuses_connections():
                    pass
            emulator.release()
            answer = await back
            code = await process.end()

    assert (answer.status, answer.headers.get("Connection"), code) == (200, "close", 0)


async def test_whoever_has_connected_and_not_spoken_yet_is_still_answered(tmp_path: Path) -> None:
    """A proxy has sent the request already: it could not send it again to another instance."""
    async with server_in_this_loop(tmp_path) as (server, listener):
        reader, writer = await asyncio.open_connection(*listener.getsockname())
        await until(lambda: bool(server.server_state.connections))

        server.stop()
        await until(lambda: listener.fileno() == -1)
        writer.write(REQUEST)
        answer = await reader.read()
        writer.close()

    assert (answer.count(b"200 OK"), b"connection: close" in answer) == (1, True)


async def test_whoever_was_let_in_by_the_system_alone_is_still_answered(tmp_path: Path) -> None:
    """Connections wait in a queue of the system, which closes them together with the listener."""
    async with server_in_this_loop(tmp_path) as (server, listener):
        with socket.create_connection(listener.getsockname()) as connection:  # the loop stands still meanwhile
            connection.sendall(REQUEST)
            await server.shutdown([listener])
            connection.setblocking(False)
            answer = await asyncio.wait_for(_read(connection), PATIENCE_SECONDS)

    assert answer.count(b"200 OK") == 1


async def _read(connection: socket.socket) -> bytes:
    """Everything until the other side closes."""
    pieces = []
    while piece := await asyncio.get_running_loop().sock_recv(connection, 65536):
        pieces.append(piece)
    return b"".join(pieces)
