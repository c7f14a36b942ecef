"""Thousands who come in one moment do not keep those waiting who ask for something else."""

import asyncio
from functools import partial
from itertools import pairwise

import pytest
from litestar.types import Receive, Scope, Send
from uvicorn.server import ServerState

from app.cli.crowd import OTHERS_FIRST, Crowd
from app.cli.protocol import Protocol
from app.cli.server import configure
from app.settings import BASE_PATH
from app.tests.support.process import until
from app.tests.support.raw import request

COMING_BACK = request("GET", f"{BASE_PATH}/oauth/authorize?code=1&state=2")
LOGIN = request("POST", f"{BASE_PATH}/login")
REGISTRATION = request("POST", f"{BASE_PATH}/register")


class Connection(asyncio.Transport):
    """Puts itself and a status into the queue of all answers."""

    def __init__(self, answers: "asyncio.Queue[tuple[Connection, bytes]]") -> None:
        super().__init__()
        self._answers = answers
        self.is_lost = False
        self.is_paused = False

    def write(self, data: bytes | bytearray | memoryview) -> None:
        self._answers.put_nowait((self, bytes(data)[9:12]))

    def is_closing(self) -> bool:
        return self.is_lost

    def close(self) -> None:
        self.is_lost = True

    def pause_reading(self) -> None:
        self.is_paused = True

    def resume_reading(self) -> None:
        self.is_paused = False


class Process:
    """What the connections of one process share, with a service whose only answer is 200."""

    def __init__(self) -> None:
        self._config = configure(self)
        self._crowd = Crowd()
        self.asked = 0
        self.answers: asyncio.Queue[tuple[Connection, bytes]] = asyncio.Queue()

    def connect(self) -> tuple[Protocol, Connection]:
        connection = Connection(self.answers)
        protocol = Protocol(self._crowd, config=self._config, server_state=ServerState(), app_state={})
        protocol.connection_made(connection)
        return protocol, connection

    async def __call__(self, _: Scope, __: Receive, send: Send) -> None:
        self.asked += 1
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"0")]})
        await send({"type": "http.response.body", "body": b"", "more_body": False})


@pytest.fixture
async def process() -> Process:
    return Process()


async def test_before_each_one_of_a_crowd_others_have_some_turns_of_the_loop() -> None:
    crowd, heard = Crowd(), list[int]()
    for each in range(9):
        crowd.wait(partial(heard.append, each))

    counts = [0]
    while counts[-1] < 9:
        await asyncio.sleep(0)
        counts.append(len(heard))

    turns = [counts.index(count) for count in range(1, 10)]  # in which the first, the second, … was heard
    assert {later - earlier for earlier, later in pairwise(turns)} == {1 + OTHERS_FIRST}
    assert heard == list(range(9))


@pytest.mark.parametrize("crowded", [COMING_BACK, LOGIN, REGISTRATION], ids=["callback", "login", "register"])
async def test_who_asks_for_something_else_does_not_wait_for_a_crowd(process: Process, crowded: bytes) -> None:
    for _ in range(100):
        process.connect()[0].data_received(crowded)
    other, connection = process.connect()

    other.data_received(request("GET", "/nowhere"))
    order = [(await process.answers.get())[0] for _ in range(101)]

    assert order.index(connection) < 50


async def test_while_somebody_waits_nothing_more_is_read_of_him(process: Process) -> None:
    """It would go first, or pile up."""
    protocol, connection = process.connect()

    protocol.data_received(COMING_BACK[:-10])
    paused = connection.is_paused
    await until(lambda: not connection.is_paused)
    protocol.data_received(COMING_BACK[-10:])

    assert paused
    assert await process.answers.get() == (connection, b"200")


async def test_who_is_gone_before_his_turn_costs_nothing(process: Process) -> None:
    gone, connection = process.connect()
    gone.data_received(COMING_BACK)
    connection.is_lost = True

    process.connect()[0].data_received(COMING_BACK)
    await process.answers.get()

    assert process.asked == 1


@pytest.mark.parametrize("crowded", [COMING_BACK, LOGIN, REGISTRATION], ids=["callback", "login", "register"])
async def test_at_a_stop_who_still_waits_is_answered_first(process: Process, crowded: bytes) -> None:
    """Nobody sends a login again to another instance; others of this connection have been answered before."""
    protocol, connection = process.connect()
    protocol.data_received(request("GET", "/nowhere"))
    await process.answers.get()

    protocol.data_received(crowded)
    protocol.shutdown()
    connection.pause_reading()  # as for a large body; his turn, when it comes, changes nothing

    assert await process.answers.get() == (connection, b"200")
    await until(connection.is_closing)
    assert (process.asked, connection.is_paused) == (2, True)
