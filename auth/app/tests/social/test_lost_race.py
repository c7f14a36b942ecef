"""Two first sign-ins on two hosts: the database lets one write first, the other looks again."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import replace
from typing import Any

import pytest

from app.accounts.model import User
from app.http.client import Client
from app.ports.storage import Storage, UniqueViolation
from app.social.enter import Entered, enter
from app.social.model import Profile
from app.social.repository import SocialTransaction
from app.social.services import SocialServices
from app.tests.social.scene import Scene
from emulator.names import Provider

pytestmark = pytest.mark.asyncio(loop_scope="module")

HERE = Client(address="192.0.2.1", user_agent="test")


class LosesOnce:
    """`ports.storage.Storage` on a database where somebody else is always first, once.

    SQLite has one writer, so two of our transactions never clash there; on PostgreSQL they do.
    """

    def __init__(self, storage: Storage[SocialTransaction], rival: Callable[[], Awaitable[object]]) -> None:
        self._storage = storage
        self._rivals = [rival]

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[SocialTransaction]:
        if self._rivals:
            await self._rivals.pop()()
            raise UniqueViolation
        async with self._storage.transaction() as tx:
            yield tx

    def single(self) -> AbstractAsyncContextManager[SocialTransaction]:
        return self._storage.single()

    def reading(self) -> AbstractAsyncContextManager[SocialTransaction]:
        return self._storage.reading()


class LooksTooEarly:
    """`ports.storage.Storage` where the first look for an identity comes a moment before somebody writes it."""

    def __init__(self, storage: Storage[SocialTransaction]) -> None:
        self._storage = storage

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Any]:
        async with self._storage.transaction() as tx:
            yield _Early(tx)

    def single(self) -> AbstractAsyncContextManager[SocialTransaction]:
        return self._storage.single()

    def reading(self) -> AbstractAsyncContextManager[SocialTransaction]:
        return self._storage.reading()


class _Early:
    def __init__(self, real: Any) -> None:
        self._real = real
        self._looked = False

    @property
    def social_accounts(self) -> "_Early":
        return self

    async def lock_owner(self, social: str, subject: str) -> User | None:
        is_first, self._looked = not self._looked, True
        return None if is_first else await self._real.social_accounts.lock_owner(social, subject)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._real, name, None) or getattr(self._real.social_accounts, name)


async def _enter_after(
    scene: Scene, social: Provider, profile: Profile, rival: Callable[[], Awaitable[object]]
) -> Entered:
    services = scene.service.services.social
    losing = replace(services, storage=LosesOnce(services.storage, rival))
    return await _enter(losing, social, profile)


async def _enter(services: SocialServices, social: Provider, profile: Profile) -> Entered:
    entered = await enter(services, social, profile, locale="ru", client=HERE)
    assert isinstance(entered, Entered)
    return entered


async def test_lk_17_who_comes_second_finds_the_identity_that_the_first_has_written(shared: Scene) -> None:
    profile = Profile(subject="4711", email="race@gmail.com", email_verified=True)
    first: list[Entered] = []

    async def rival() -> None:
        first.append(await _enter(shared.service.services.social, "google", profile))

    second = await _enter_after(shared, "google", profile, rival)

    assert first[0].is_new_account is True
    assert second.is_new_account is False
    assert second.state.user_id == first[0].state.user_id


async def test_lk_17_who_comes_second_with_the_same_proven_address_joins_the_first(shared: Scene) -> None:
    first: list[Entered] = []
    one = Profile(subject="4712", email="two@gmail.com", email_verified=True)

    async def rival() -> None:
        first.append(await _enter(shared.service.services.social, "google", one))

    second = await _enter_after(shared, "yandex", replace(one, subject="4713"), rival)

    assert second.is_new_account is False
    assert second.state.user_id == first[0].state.user_id


async def test_lk_17_whoever_sees_the_address_sees_the_identity_that_was_written_with_it(shared: Scene) -> None:
    """Otherwise they would be taken for a stranger to the account, and refused."""
    services = shared.service.services.social
    profile = Profile(subject="4713", email="race-early@viewer.example", email_verified=True)
    first = await _enter(services, "google", profile)

    second = await _enter(replace(services, storage=LooksTooEarly(services.storage)), "google", profile)

    assert first.is_new_account is True
    assert second.is_new_account is False
    assert second.state.user_id == first.state.user_id
