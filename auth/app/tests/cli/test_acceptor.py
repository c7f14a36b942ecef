"""Who lets a newcomer in, of several processes on one listener; here each is an acceptor of one loop."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import ExitStack
from itertools import pairwise
from pathlib import Path

import pytest

from app.cli.acceptor import AT_ONCE, Acceptor
from app.cli.seats import Seat
from app.tests.support.process import until
from app.tests.support.server import server_in_this_loop

FOR_EVER = 3600.0


class Door:
    """One process at the listener, and those whom it has let in."""

    def __init__(self, listener: socket.socket, seat: Seat, *, already: int, gives_way: float) -> None:
        self.inside: set[object] = set(range(already))
        self.acceptor = Acceptor(
            [listener.dup()], lambda: Guest(self.inside), connections=self.inside, seat=seat, give_way_seconds=gives_way
        )

    def end(self) -> None:
        self.acceptor.close()
        for each in self.inside:
            if isinstance(each, asyncio.BaseTransport):
                each.close()


class Guest(asyncio.Protocol):
    def __init__(self, inside: set[object]) -> None:
        self._inside = inside

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._inside.add(transport)


class House:
    """A listener, and everything that is to be closed at the end."""

    def __init__(self) -> None:
        self.stack = ExitStack()
        self.listener = self.stack.enter_context(socket.create_server(("127.0.0.1", 0), backlog=100))
        self.listener.setblocking(False)
        self.seats = Seat.several(2)

    def open_door(self, seat: Seat, *, already: int = 0, gives_way: float = FOR_EVER) -> Door:
        door = Door(self.listener, seat, already=already, gives_way=gives_way)
        self.stack.callback(door.end)
        return door

    def knock(self) -> socket.socket:
        return self.stack.enter_context(socket.create_connection(self.listener.getsockname()))


@pytest.fixture
async def house() -> AsyncIterator[House]:
    house = House()
    with house.stack:
        yield house


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
async def test_who_has_more_connections_lets_others_go_first(order: tuple[int, int], house: House) -> None:
    doors = {number: house.open_door(house.seats[number], already=3 * number) for number in order}

    house.knock()
    await until(lambda: len(doors[0].inside) + len(doors[1].inside) == 4)

    assert (len(doors[0].inside), len(doors[1].inside)) == (1, 3)


async def test_nobody_waits_for_a_process_that_does_not_come(house: House) -> None:
    door = house.open_door(house.seats[0], gives_way=0.001)
    house.seats[1].tell(0)

    for _ in range(3):
        house.knock()

    await until(lambda: len(door.inside) == 3)


async def test_of_those_whom_another_process_leaves_few_are_taken_at_first(house: House) -> None:
    """It may be just about to come; a moment later it takes as many as it has fewer."""
    door, entered = house.open_door(house.seats[0], gives_way=0.001), [0]
    house.seats[1].tell(0)

    for _ in range(16):
        house.knock()
    while entered[-1] < 16:
        await asyncio.sleep(0)
        entered.append(len(door.inside))

    steps = [after - before for before, after in pairwise(entered) if after != before]
    assert steps == [1, 1, 2, 4, 8]


async def test_other_processes_know_who_was_let_in_and_who_has_gone(tmp_path: Path) -> None:
    """Who believed the number of a moment ago would take a whole crowd, or nobody."""
    seat, other = Seat.several(2)
    other.tell(0)
    async with server_in_this_loop(tmp_path, seat) as (server, listener):
        rooms = [other.room]
        _, writer = await asyncio.open_connection(*listener.getsockname())
        await until(lambda: bool(server.server_state.connections))
        rooms.append(other.room)
        writer.close()
        await until(lambda: not server.server_state.connections)
        rooms.append(other.room)

    assert rooms == [1, 2, 1]


async def test_who_accepts_no_more_is_given_way_to_no_more(house: House) -> None:
    door, leaving = house.open_door(house.seats[0]), house.open_door(house.seats[1])
    leaving.acceptor.close()

    leaving.acceptor.tell()
    for _ in range(3):
        house.knock()

    await until(lambda: len(door.inside) == 3)


async def test_of_a_crowd_few_enter_in_one_turn_of_the_loop(house: House) -> None:
    for _ in range(5 * AT_ONCE):
        house.knock()
    door, entered = house.open_door(house.seats[0]), [0]

    while entered[-1] < 5 * AT_ONCE:
        await asyncio.sleep(0)
        entered.append(len(door.inside))

    assert max(after - before for before, after in pairwise(entered)) <= AT_ONCE


async def test_a_crowd_at_one_address_keeps_nobody_waiting_at_another(house: House) -> None:
    other = house.stack.enter_context(socket.create_server(("127.0.0.1", 0)))
    other.setblocking(False)
    inside: set[object] = set()
    for _ in range(5 * AT_ONCE):
        house.knock()
    house.stack.enter_context(socket.create_connection(other.getsockname()))

    listeners = [house.listener.dup(), other.dup()]
    acceptor = Acceptor(listeners, lambda: Guest(inside), connections=inside, seat=house.seats[0])
    while not inside:  # noqa: ASYNC110 - the very turn of the loop in which the first ones enter
        await asyncio.sleep(0)

    entered = [each.get_extra_info("sockname") for each in inside if isinstance(each, asyncio.BaseTransport)]
    acceptor.close()
    for each in inside:
        if isinstance(each, asyncio.BaseTransport):
            each.close()
    assert other.getsockname() in entered


async def test_who_knocked_before_the_end_is_let_in(house: House) -> None:
    """With its last listener the system would end his connection."""
    door = house.open_door(house.seats[0])
    house.seats[1].tell(0)
    house.knock()

    await door.acceptor.finish()

    assert len(door.inside) == 1
