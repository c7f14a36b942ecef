"""Afterwards: everything that was acknowledged holds, and nothing that ended is back (security catalogue, 2.3)."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from itertools import count

from app.settings import BASE_PATH
from app.tests.faults.crowd import Crowd, Deviation
from app.tests.faults.installation import Installation
from app.tests.faults.ledger import Device, Person
from app.tests.support.eventually import eventually
from app.tests.support.viewer import PASSWORD, Viewer

_addresses = count(1)


@asynccontextmanager
async def people_in_trouble(
    installation: Installation,
    *allowed: Deviation,
    changes: Mapping[str, str] | None = None,
    redis_forgot: bool = False,
) -> AsyncIterator[Crowd]:
    """Let people work while something happens inside the block; then see whether all is as they were told."""
    async with installation.serving(changes) as services:
        async with Crowd(installation, services).at_work() as crowd, crowd.trouble(*allowed):
            yield crowd
        await reckon(crowd, redis_forgot=redis_forgot)


async def reckon(crowd: Crowd, *, redis_forgot: bool = False) -> None:
    """Walk through the ledger.

    Args:
        redis_forgot: how often a session was refreshed, so that it knows of old tokens after the next refresh only.
    """
    for person in crowd.ledger.people:
        await _one_account(crowd, person)
        await _nothing_that_ended_is_back(crowd, person)
        await _one_living_leaf(crowd, person, redis_forgot=redis_forgot)
    for newcomer in crowd.ledger.newcomers:
        await _one_valid_mail(crowd, newcomer)


async def _one_account(crowd: Crowd, person: Person) -> None:
    """It is there once, its password works, and its history knows every sign-in."""
    if person.social and not person.devices:
        return  # without a session there is no way in but the provider's
    async with _visitor(crowd) as viewer:
        if person.social:
            viewer.access_token = person.devices[0].access_token
        else:
            assert (await viewer.login(person.email)).status == 200, person
        person.ids.add((await viewer.get("/me")).json["id"])
        known = await _acknowledged_sign_ins(viewer)

    assert len(person.ids) == 1, person
    assert known >= person.sign_ins, person


async def _acknowledged_sign_ins(viewer: Viewer) -> int:
    found, cursor = 0, ""
    while True:
        page = (await viewer.get(f"/me/logins?limit=100{cursor}")).json
        found += [event["outcome"] for event in page["items"]].count("succeeded")
        if not page["next_cursor"]:
            return found
        cursor = f"&cursor={page['next_cursor']}"


async def _nothing_that_ended_is_back(crowd: Crowd, person: Person) -> None:
    for device in person.ended:
        async with _visitor(crowd) as viewer:
            statuses = [(await viewer.refresh(token)).status for token in (device.newest, device.refresh_tokens[0])]
            viewer.access_token = device.access_token
            assert [*statuses, (await viewer.get("/me")).status] == [401] * 3, person


async def _one_living_leaf(crowd: Crowd, person: Person, *, redis_forgot: bool) -> None:
    """Of each session the newest refresh token opens it, and an old one ends it."""
    for number, device in enumerate(person.devices):
        async with _visitor(crowd) as viewer:
            if redis_forgot or number % 2 == 0:
                answer = await viewer.refresh(device.newest)
                assert answer.status == 200, (person, answer.text)
                device.refreshed(answer.json)
            if len(device.refresh_tokens) > 2:
                await _is_ended_by_its_old_token(viewer, device)


async def _is_ended_by_its_old_token(viewer: Viewer, device: Device) -> None:
    answers = [await viewer.refresh(token) for token in (device.refresh_tokens[-3], device.newest)]
    assert [answer.code for answer in answers] == ["refresh-token-reused", "refresh-token-invalid"]


async def _one_valid_mail(crowd: Crowd, newcomer: Person) -> None:
    """Whoever was told 202 gets a mail; of all its links at most one works, and then the account is there."""

    async def mailed() -> list[str]:
        return crowd.installation.tokens_mailed_to(newcomer.email)

    tokens = await eventually(mailed, bool)
    async with _visitor(crowd) as viewer:
        statuses = [(await viewer.post("/email/confirm", {"token": token})).status for token in set(tokens)]
        assert statuses.count(204) == (0 if newcomer.is_confirmed else 1), newcomer
        assert (await viewer.login(newcomer.email, PASSWORD)).status == 200, newcomer


@asynccontextmanager
async def _visitor(crowd: Crowd) -> AsyncIterator[Viewer]:
    """Somebody from nowhere, at one of the services after the other."""
    number = next(_addresses)
    service = crowd.services[number % len(crowd.services)]
    headers = {"X-Forwarded-For": f"10.200.{number >> 8 & 255}.{number & 255}"}
    async with Viewer.open(service.url + BASE_PATH, headers) as viewer:
        yield viewer
