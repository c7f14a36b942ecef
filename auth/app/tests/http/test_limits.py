"""Who may ask how often: by network, by account and by mailbox; honest people behind one address go on."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from limits.aio.storage import MemoryStorage

from app.errors import TooManyRequests
from app.http.limits import Limit, RateLimits
from app.settings import Secret
from app.tests.support.clock import ManualClock
from app.tests.support.people import register, signed_in
from app.tests.support.redis import RedisServer
from app.tests.support.service import Service, serving
from app.tests.support.viewer import PASSWORD, Answer, Viewer

EMAIL = "anna@example.ru"
# The windows are aligned to the hour: a test that runs across the turn of one sees one or two more.
SLACK = 2


@pytest.fixture
async def service(tmp_path: Path, clock: ManualClock) -> AsyncIterator[Service]:
    """The service as in production; each test calls from a network of its own choice."""
    async with serving(tmp_path / "data", clock, rate_limits=True, trusted_proxies=("127.0.0.1",)) as running:
        yield running


def from_network(address: str) -> dict[str, str]:
    return {"X-Forwarded-For": address}


async def guess(viewer: Viewer, email: str, address: str = "192.0.2.1", password: str = "wrong") -> Answer:
    return await viewer.post("/login", {"email": email, "password": password}, headers=from_network(address))


def check_limited(answer: Answer) -> None:
    """429+RA: RL-17 wants whole seconds within the window."""
    assert (answer.status, answer.code) == (429, "too-many-requests")
    assert 1 <= int(answer.headers["Retry-After"]) <= 3600


async def test_guessing_one_account_is_limited_known_or_not(service: Service, viewer: Viewer) -> None:
    """EN-06, RL-01: after ten tries from one network, at the same count and with the same answer."""
    await register(service, EMAIL)
    known, unknown = [], []
    for _ in range(14):
        known.append(await guess(viewer, EMAIL))
        unknown.append(await guess(viewer, "nobody@example.ru"))

    assert [answer.status for answer in known] == [answer.status for answer in unknown]
    assert 10 <= [answer.status for answer in known].index(429) <= 10 + SLACK
    check_limited(known[-1])
    check_limited(unknown[-1])
    assert set(known[-1].headers) == set(unknown[-1].headers)


async def test_the_right_password_does_not_open_what_is_limited(service: Service, viewer: Viewer) -> None:
    """RL-12, RL-18: else guessing would go on through the one right try; from elsewhere its owner gets in."""
    await register(service, EMAIL)
    for _ in range(10 + SLACK):
        await guess(viewer, EMAIL)

    from_there = await guess(viewer, EMAIL, password=PASSWORD)
    from_home = await guess(viewer, EMAIL, "198.51.100.7", PASSWORD)

    check_limited(from_there)
    assert from_home.status == 200


async def test_spellings_of_one_address_share_one_count(service: Service, viewer: Viewer) -> None:
    """RL-06."""
    spellings = [
        "anna@example.ru",
        "ANNA@EXAMPLE.RU",
        " anna@example.ru ",
        "Anna@ｅｘａｍｐｌｅ.ru",
        "anna@example。ru",
    ]

    statuses = [(await guess(viewer, spellings[number % 5])).status for number in range(10 + SLACK + 1)]

    assert statuses[:10] == [401] * 10
    assert statuses[-1] == 429


async def test_what_is_no_address_is_counted_too(viewer: Viewer) -> None:
    """RL-06: in whatever case it is typed."""
    statuses = [(await guess(viewer, "No Address" if number % 2 else "no address")).status for number in range(13)]

    assert statuses[-1] == 429


async def test_an_own_success_in_between_clears_no_count(service: Service, viewer: Viewer) -> None:
    """RL-07: neither the victim's nor the network's."""
    await register(service, "mallory@example.ru")
    statuses = []
    for number in range(10 + SLACK + 1):
        statuses.append((await guess(viewer, EMAIL)).status)
        if number % 4 == 3:
            await guess(viewer, "mallory@example.ru", password=PASSWORD)

    assert statuses[-1] == 429


async def test_spraying_many_accounts_from_one_network_is_limited(viewer: Viewer) -> None:
    """RL-02: another network goes on."""
    answers = [await guess(viewer, f"viewer{number}@example.ru") for number in range(100 + SLACK + 1)]

    statuses = [answer.status for answer in answers]
    assert 100 <= statuses.index(429) <= 100 + SLACK
    check_limited(answers[-1])
    assert (await guess(viewer, "viewer0@example.ru", "198.51.100.7")).status == 401


async def test_one_account_guessed_from_many_networks_is_limited(viewer: Viewer) -> None:
    """RL-03: a botnet has addresses, but the account has one count."""
    answers = [await guess(viewer, EMAIL, f"203.0.{n // 200}.{n % 200}") for n in range(100 + SLACK + 1)]

    assert {answer.status for answer in answers[:100]} == {401}
    check_limited(answers[-1])


async def test_the_addresses_of_one_household_count_as_one(viewer: Viewer) -> None:
    """RL-05: a /64 of IPv6, and both spellings of an IPv4 address."""
    of_one_64 = [(await guess(viewer, EMAIL, f"2001:db8:1:1::{number:x}")).status for number in range(13)]
    neighbour = await guess(viewer, EMAIL, "2001:db8:1:2::1")
    mapped = ["192.0.2.9", "::ffff:192.0.2.9", "::FFFF:c000:0209"]
    of_one_v4 = [(await guess(viewer, EMAIL, mapped[number % 3])).status for number in range(13)]

    assert (of_one_64[-1], neighbour.status, of_one_v4[-1]) == (429, 401, 429)


async def test_parallel_guesses_are_counted_exactly(viewer: Viewer) -> None:
    """RL-12: the race gun gets no more tries than patience does."""
    answers = await asyncio.gather(*(guess(viewer, EMAIL) for _ in range(60)))

    tried = [answer.status for answer in answers].count(401)
    assert 10 <= tried <= 10 + SLACK


async def test_one_mailbox_gets_five_mails_an_hour_and_the_answer_stays_the_same(
    service: Service, viewer: Viewer
) -> None:
    """RL-11: registrations and repeats together."""
    await viewer.post("/register", {"email": EMAIL, "password": PASSWORD}, headers=from_network("192.0.2.1"))
    asked = [
        await viewer.post("/email/confirm/resend", {"email": EMAIL}, headers=from_network(f"203.0.113.{number}"))
        for number in range(20)
    ]

    assert {(answer.status, answer.text) for answer in asked} == {(202, asked[0].text)}
    assert 5 <= len(await service.mails(EMAIL)) <= 5 + SLACK


async def test_asking_for_mail_to_many_from_one_network_is_limited(service: Service, viewer: Viewer) -> None:
    """RL-11."""
    answers = [
        await viewer.post(
            "/email/confirm/resend", {"email": f"viewer{n}@example.ru"}, headers=from_network("192.0.2.1")
        )
        for n in range(60 + SLACK + 1)
    ]

    assert {answer.status for answer in answers[:60]} == {202}
    check_limited(answers[-1])


async def test_all_instances_count_together(redis: RedisServer, tmp_path: Path, clock: ManualClock) -> None:
    """RL-15: an attacker who is spread over workers and hosts gains no further tries."""
    shared: dict[str, Any] = {"rate_limits": True, "redis_url": Secret(redis.fresh_database())}
    statuses = []
    async with (
        serving(tmp_path / "one", clock, **shared) as one,
        serving(tmp_path / "two", clock, **shared) as two,
        one.viewer() as here,
        two.viewer() as there,
    ):
        for _ in range(10):
            statuses += [(await guess(viewer, EMAIL)).status for viewer in (here, there)]

    assert 10 <= statuses.index(429) <= 10 + SLACK
    assert set(statuses[10 + SLACK :]) == {429}


async def test_made_up_refresh_tokens_are_limited_and_real_ones_go_on(service: Service) -> None:
    """RL-13: everybody behind one NAT; a thousand guesses log nobody out."""
    async with signed_in(service, EMAIL) as anna, service.viewer() as guesser:
        at = from_network("192.0.2.1")
        guesses = [await guesser.post("/refresh", {"refresh_token": f"x{n}"}, headers=at) for n in range(70)]
        honest = []
        for _ in range(10):
            honest.append(await anna.post("/refresh", {"refresh_token": anna.refresh_token}, headers=at))
            anna.keep(honest[-1])

    statuses = [answer.status for answer in guesses]
    assert 60 <= statuses.index(429) <= 60 + SLACK
    check_limited(guesses[-1])
    assert {answer.status for answer in honest} == {200}


async def test_the_told_wait_is_enough(clock: ManualClock) -> None:
    """RL-10: who waits as long as `Retry-After` says is heard again."""
    limits, limit = RateLimits(clock, MemoryStorage()), Limit("test", "1/second")

    refusal = await first_refusal(limits, limit)
    await asyncio.sleep(int(refusal.headers["Retry-After"]))  # what the row asks for: waiting that long

    assert await limits.hit(limit, "somebody")


async def first_refusal(limits: RateLimits, limit: Limit) -> TooManyRequests:
    """Use up a limit whatever part of its window has passed."""
    while True:
        try:
            await limits.check(limit, "somebody")
        except TooManyRequests as refusal:
            return refusal


async def test_limits_and_subjects_do_not_share_counts(clock: ManualClock) -> None:
    """IN-02: a subject in two parts is not the subject with the parts run together."""
    limits, one, other = RateLimits(clock, MemoryStorage()), Limit("one", "1/hour"), Limit("other", "1/hour")
    subjects = [("a",), ("b",), ("a", "b"), ("ab",), ("a:b",), ("a/b",), ("",), ("a", "")]

    first = [await limits.hit(limit, *subject) for limit in (one, other) for subject in subjects]

    assert first == [True] * len(first)


async def test_limits_can_be_switched_off_for_load_tests(clock: ManualClock) -> None:
    limits, limit = RateLimits(clock, MemoryStorage(), enabled=False), Limit("test", "1/hour")

    assert [await limits.hit(limit, "somebody") for _ in range(5)] == [True] * 5
