"""Many refreshes, logins and logouts at once: one successor, and nothing rises from the dead."""

import asyncio
from datetime import timedelta
from uuid import UUID

from app.tests.support.clock import ManualClock
from app.tests.support.people import execute, hex_id, signed_in
from app.tests.support.service import Service
from app.tests.support.tokens import claims_of
from app.tests.support.viewer import PASSWORD, Answer, Viewer

PAST_THE_WINDOW = timedelta(seconds=11)


async def test_a_hundred_refreshes_of_one_token_give_one_successor(
    service: Service, anna: Viewer, clock: ManualClock
) -> None:
    """SE-03: in every round one pair, one live leaf, and the client that uses it stays signed in."""
    for round_number in range(5):
        answers = await asyncio.gather(*(anna.refresh() for _ in range(100)))

        assert {answer.status for answer in answers} == {200}
        assert len({answer.text for answer in answers}) == 1
        anna.keep(answers[0])
        assert claims_of(anna.refresh_token)["gen"] == round_number + 1
        clock.advance(PAST_THE_WINDOW)

    claims = claims_of(anna.refresh_token)
    state = await service.services.sessions.tokens.find(UUID(claims["sub"]), UUID(claims["sid"]))
    assert state is not None
    assert (state.generation, state.ended) == (5, False)
    assert (await anna.get("/me")).status == 200
    assert (await anna.refresh()).status == 200


async def test_of_parallel_replays_every_one_is_refused_and_one_mail_is_written(
    service: Service, anna: Viewer, clock: ManualClock
) -> None:
    """SE-01, SE-03: theft is recorded once, however often the token comes back."""
    stolen = anna.refresh_token
    anna.keep(await anna.refresh())
    clock.advance(PAST_THE_WINDOW)

    answers = await asyncio.gather(*(anna.refresh(stolen) for _ in range(50)))

    assert {answer.status for answer in answers} == {401}
    assert [answer.code for answer in answers].count("refresh-token-reused") == 1
    events = await execute(service, "SELECT id FROM login_history WHERE outcome = 'token-reused'")
    warnings = [mail for mail in await service.mails("anna@example.ru") if "сеанс" in mail.subject.lower()]
    assert (len(events), len(warnings)) == (1, 1)


async def test_a_descendant_used_while_its_ancestor_is_replayed_is_dead_afterwards(
    anna: Viewer, clock: ManualClock
) -> None:
    """SE-02: R1 → R2 → R3; R1 comes back while R3 is used; whatever R3 still got, it is worth nothing."""
    for _ in range(5):
        await anna.login("anna@example.ru")
        first = anna.refresh_token
        anna.keep(await anna.refresh())
        clock.advance(PAST_THE_WINDOW)
        anna.keep(await anna.refresh())

        replay, *others = await asyncio.gather(anna.refresh(first), *(anna.refresh() for _ in range(10)))

        assert replay.status == 401
        late = [await anna.refresh(answer.json["refresh_token"]) for answer in others if answer.status == 200]
        assert {answer.status for answer in [*late, await anna.refresh()]} == {401}
        alive = [each for each in others if each.status == 200 and await opens(anna, each)]
        assert alive == []


async def test_logout_everywhere_leaves_no_refreshed_zombie(service: Service, anna: Viewer) -> None:
    """SE-10: in one burst with 50 refreshes and 20 logins, only sessions begun later live on."""
    async with signed_in(service, "anna@example.ru") as other, service.viewer() as newcomer:
        burst = [anna.post("/logout/all")]
        burst += [other.refresh() for _ in range(25)] + [anna.refresh() for _ in range(25)]
        logins = [newcomer.post("/login", {"email": "anna@example.ru", "password": PASSWORD}) for _ in range(20)]
        logout, *answers = await asyncio.gather(*burst, *logins)

        assert logout.status == 204
        refreshed, begun = answers[:50], [each for each in answers[50:] if each.status == 200]
        late = [await newcomer.refresh(each.json["refresh_token"]) for each in refreshed if each.status == 200]
        assert {each.status for each in late} <= {401}
        assert [each for each in refreshed if each.status == 200 and await opens(newcomer, each)] == []
        for each in begun:
            assert await opens(newcomer, each) == await is_open(service, each)


async def test_every_session_gets_its_own_tokens_back(service: Service, clock: ManualClock) -> None:
    """SE-21, scaled down: 20 sessions of 4 people refresh 10 times each, all at once."""
    emails = [f"viewer{number}@example.ru" for number in range(4)]
    pairs: list[Answer] = []
    for email in emails:
        async with signed_in(service, email) as somebody:
            pairs += [await somebody.login(email) for _ in range(5)]

    async with service.viewer() as crowd:
        given = await asyncio.gather(*(refresh_often(crowd, pair, times=10) for pair in pairs))

    assert sum(given) == 200


async def test_many_logins_in_one_second_differ(service: Service, anna: Viewer) -> None:
    """JW-19: `jti` is unique and `sid` present, though the clock stands still."""
    body = {"email": "anna@example.ru", "password": PASSWORD}

    answers = await asyncio.gather(*(anna.post("/login", body) for _ in range(50)))

    claims = [claims_of(answer.json["access_token"]) for answer in answers]
    assert len({each["jti"] for each in claims}) == 50
    assert len({each["sid"] for each in claims}) == 50


async def refresh_often(viewer: Viewer, pair: Answer, *, times: int) -> int:
    """Refresh one session again and again; give how often the answer was of the same session."""
    expected, token = claims_of(pair.json["access_token"]), pair.json["refresh_token"]
    same = 0
    for _ in range(times):
        answer = await viewer.refresh(token)
        found, token = claims_of(answer.json["access_token"]), answer.json["refresh_token"]
        same += (found["sub"], found["sid"]) == (expected["sub"], expected["sid"])
    return same


async def opens(viewer: Viewer, pair: Answer) -> bool:
    """Whether the access token of an answer still opens the profile."""
    answer = await viewer.get("/me", headers={"Authorization": f"Bearer {pair.json['access_token']}"})
    return answer.status == 200


async def is_open(service: Service, pair: Answer) -> bool:
    """Whether the session of an answer has not ended, by its row."""
    session_id = hex_id(claims_of(pair.json["access_token"])["sid"])
    rows = await execute(service, "SELECT ended_at FROM sessions WHERE id = :id", id=session_id)
    return rows[0]["ended_at"] is None
