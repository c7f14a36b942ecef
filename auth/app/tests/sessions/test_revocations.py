"""SE-22: the cinema's services learn which sessions have ended: all of them, within a second, and nobody else does."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import event, insert

from app.errors import TemporarilyUnavailable
from app.ports.conflicts import rerun_on_conflict
from app.sessions.revocations import OVERLAP, PAGE, WINDOW, RevocationFeed
from app.settings_rules import MAX_ACCESS_TTL
from app.tests.sessions.test_introspection import basic, make_client
from app.tests.support.clock import ManualClock
from app.tests.support.people import execute, signed_in
from app.tests.support.rights import superuser
from app.tests.support.service import Service, serving
from app.tests.support.tokens import claims_of
from app.tests.support.viewer import Answer, Viewer

A_SECOND = timedelta(seconds=1)
A_MINUTE = timedelta(minutes=1)


@pytest.fixture
async def player(service: Service) -> AsyncIterator[Viewer]:
    """A service of the cinema."""
    async with service.viewer(Authorization=basic(await make_client(service, "player"))) as asking:
        yield asking


async def ask(viewer: Viewer, after: str | None = None) -> Answer:
    return await viewer.get("/revocations", params={} if after is None else {"after": after})


async def read_round(viewer: Viewer, after: str | None = None) -> tuple[list[str], str]:
    """All pages of a round: the sessions that it tells of, and where the next one begins."""
    told: list[str] = []
    while True:
        page = (await ask(viewer, after)).json
        told += [each["sid"] for each in page["items"]]
        after = str(page["cursor"])
        if not page["more"]:
            return told, after


async def end_a_session(service: Service, email: str = "anna@example.ru") -> str:
    async with signed_in(service, email) as somebody:
        await somebody.post("/logout")
        service.clock.advance(A_SECOND)
        return str(claims_of(somebody.access_token)["sid"])


@rerun_on_conflict
async def add_ends(service: Service, *ages: timedelta) -> list[str]:
    """Sessions that ended so long ago, committed now."""
    from app.storage.sql.tables import sessions  # noqa: PLC0415

    now = service.clock.now()
    rows = [
        {
            "id": uuid4(),
            "user_id": uuid4(),
            "method": "password",
            "address": "127.0.0.1",
            "user_agent": "",
            "created_at": now - WINDOW * 2,
            "expires_at": now + WINDOW * 2,
            "ended_at": now - age,
            "end_reason": "logout",
        }
        for age in ages
    ]
    async with service.services.storage.transaction() as tx:
        await tx._connection.execute(insert(sessions), rows)
    return [str(row["id"]) for row in rows]


async def test_an_end_is_told_with_its_moment_and_nothing_of_the_person(
    service: Service, anna: Viewer, player: Viewer
) -> None:
    session, moment = claims_of(anna.access_token)["sid"], service.clock.now()
    before = (await ask(player)).json
    await anna.post("/logout")
    service.clock.advance(A_SECOND)

    answer = await ask(player, before["cursor"])

    assert (answer.status, answer.headers["Cache-Control"]) == (200, "no-store")
    assert (before["items"], before["more"]) == ([], False)
    assert answer.json["items"] == [{"sid": session, "ended_at": moment.isoformat().replace("+00:00", "Z")}]
    assert (set(answer.json), answer.json["more"]) == ({"items", "cursor", "more", "key_ids"}, False)


async def test_the_keys_that_count_are_named(player: Viewer) -> None:
    shown = (await player.get("/.well-known/jwks.json", headers={"Authorization": ""})).json["keys"]

    assert (await ask(player)).json["key_ids"] == [key["kid"] for key in shown]


async def test_whoever_begins_is_told_all_that_a_living_token_may_belong_to(service: Service, player: Viewer) -> None:
    young, old = await add_ends(service, MAX_ACCESS_TTL + timedelta(seconds=30), WINDOW + A_SECOND)

    told, _ = await read_round(player)

    assert (young in told, old in told) == (True, False)


async def test_an_end_is_told_again_for_half_a_minute_and_then_no_more(service: Service, player: Viewer) -> None:
    _, cursor = await read_round(player)
    session = await end_a_session(service)
    told = []
    for _ in range(4):
        found, cursor = await read_round(player, cursor)
        told.append(session in found)
        service.clock.advance(OVERLAP / 2)

    assert told == [True, True, True, False]


async def test_an_end_that_commits_late_is_told(service: Service, player: Viewer) -> None:
    """Others have ended and been told since the moment that stands in it."""
    _, cursor = await read_round(player)
    await end_a_session(service)
    service.clock.advance(timedelta(seconds=26))
    _, cursor = await read_round(player, cursor)

    [late] = await add_ends(service, timedelta(seconds=26))
    service.clock.advance(A_SECOND)

    assert late in (await read_round(player, cursor))[0]


async def test_who_was_away_catches_up_and_who_was_away_for_too_long_begins_anew(
    service: Service, player: Viewer
) -> None:
    _, cursor = await read_round(player)
    session = await end_a_session(service)

    service.clock.advance(WINDOW - A_MINUTE)
    soon, _ = await read_round(player, cursor)
    service.clock.advance(A_MINUTE * 2)
    [recent] = await add_ends(service, A_MINUTE)
    late, _ = await read_round(player, cursor)

    assert soon == [session]
    assert late == [recent]


async def test_many_ends_come_in_pages_and_none_is_left_out(service: Service, player: Viewer) -> None:
    """Also those of one moment, and those that commit behind the reader's back while it reads."""
    count = PAGE + 10
    same = await add_ends(service, *[A_MINUTE * 3] * count)
    first = (await ask(player)).json
    [behind] = await add_ends(service, A_SECOND)
    spread = await add_ends(service, *(timedelta(milliseconds=each) for each in range(count)))
    service.clock.advance(OVERLAP * 3)  # a slow reader
    told, cursor = await read_round(player, first["cursor"])
    told += [each["sid"] for each in first["items"]]

    service.clock.advance(A_SECOND)
    again, _ = await read_round(player, cursor)

    assert (len(first["items"]), first["more"]) == (PAGE, True)
    assert sorted(told) == sorted({*same, *spread, behind})
    assert {behind, *spread} <= {*again}
    assert not {*same} & {*again}


async def test_an_end_behind_a_slow_reader_is_told_in_the_next_round(service: Service, player: Viewer) -> None:
    """Longer ago than the overlap when the round ends, but not when it began."""
    await add_ends(service, *(timedelta(milliseconds=each) for each in range(PAGE + 10)))
    first = (await ask(player)).json
    [behind] = await add_ends(service, timedelta(seconds=6))
    service.clock.advance(OVERLAP * 3)

    told, cursor = await read_round(player, first["cursor"])

    assert behind not in told
    assert behind in (await read_round(player, cursor))[0]


async def test_a_clock_that_was_ahead_hides_nothing(service: Service, player: Viewer) -> None:
    service.clock.advance(timedelta(hours=1))
    _, from_ahead = await read_round(player)
    service.clock.advance(timedelta(hours=-1))
    session = await end_a_session(service)
    service.clock.advance(A_MINUTE * 5)

    assert session in (await read_round(player, from_ahead))[0]


async def test_another_process_goes_on_where_one_ended(tmp_path: Path, clock: ManualClock) -> None:
    """A restart changes nothing, nor does another worker behind the same address."""
    async with serving(tmp_path / "data", clock) as service:
        made = await make_client(service)
        async with service.viewer(Authorization=basic(made)) as player:
            _, cursor = await read_round(player)
            session = await end_a_session(service)
            clock.advance(A_MINUTE)
    async with (
        serving(tmp_path / "data", clock) as service,
        service.viewer(Authorization=basic(made)) as player,
    ):
        assert (await read_round(player, cursor))[0] == [session]


CURSORS = ["", "x", "-1", "1.2", "1.2.3", "9" * 18, "١", "1.2." + "G" * 32, "1" + "0" * 15 + "\n", "0" * 600]


@pytest.mark.parametrize("cursor", CURSORS, ids=[str(number) for number in range(len(CURSORS))])
async def test_a_cursor_of_nobody_is_refused(cursor: str, player: Viewer) -> None:
    assert (await ask(player, cursor)).status in {400, 422}


async def test_only_a_service_is_told(service: Service, anna: Viewer) -> None:
    """Not even who holds every permission."""
    async with superuser(service) as root, service.viewer() as nobody:
        wrong = {"Authorization": "Basic eDp5"}
        answers = [
            await ask(root), await ask(anna), await ask(nobody), await nobody.get("/revocations", headers=wrong),
        ]  # fmt: skip

    assert {(each.status, each.code) for each in answers} == {(401, "client-authentication-required")}


async def test_many_who_ask_cost_the_database_two_looks_a_second(service: Service, player: Viewer) -> None:
    _, cursor = await read_round(player)
    feed = service.services.sessions.revocations
    statements: list[str] = []
    engine = service.services.storage._engine.sync_engine
    event.listen(engine, "before_cursor_execute", lambda *seen: statements.append(seen[2]))
    await feed.after(cursor)
    asked_once = len(statements)

    for _ in range(50):
        await feed.after(cursor)
    service.clock.advance(A_SECOND / 2)
    for _ in range(50):
        await feed.after(cursor)

    assert len(statements) == asked_once * 2 > 0


class Away:
    """A database that is not there, and how often it was asked."""

    def __init__(self) -> None:
        self.asked = 0

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Any]:
        self.asked += 1
        if self.asked:
            raise TemporarilyUnavailable
        yield None

    single = reading = transaction


async def test_a_database_that_is_away_is_asked_once_a_second(clock: ManualClock) -> None:
    """Else those who wait for it, each in its turn, would grow more and more."""
    storage = Away()
    feed = RevocationFeed(storage, clock)

    for _ in range(10):
        with pytest.raises(TemporarilyUnavailable):
            await feed.after(None)

    assert storage.asked == 1


@pytest.mark.embedded
async def test_an_index_alone_answers(service: Service) -> None:
    """Twice a second it reads what has ended in the last minute."""
    question = "SELECT id, ended_at FROM sessions WHERE ended_at >= '2026' ORDER BY ended_at, id LIMIT 5001"

    [plan] = await execute(service, f"EXPLAIN QUERY PLAN {question}")

    assert "USING COVERING INDEX ix_sessions_ended_at" in str(plan["detail"])
