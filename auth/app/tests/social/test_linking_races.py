"""Many link at once: an identity gets one account, an account one identity of each network (LK-18)."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import replace
from uuid import UUID

import pytest

from app.accounts.errors import AccountBlocked, CurrentPasswordWrong
from app.errors import AppError
from app.ports.storage import Storage
from app.social import pending_link
from app.social.complete_link import complete_link
from app.social.repository import SocialTransaction
from app.tests.social.accounts import my_id, sign_in, signed_in_with
from app.tests.social.colliding import by_front_end, collide, waiting_link
from app.tests.social.linking import leave
from app.tests.social.scene import Scene
from app.tests.support.people import execute
from app.tests.support.viewer import PASSWORD
from emulator.names import PROVIDERS, Provider

pytestmark = pytest.mark.asyncio(loop_scope="module")

ROUNDS = 8


@pytest.mark.parametrize("social", PROVIDERS)
async def test_lk_18_of_two_accounts_that_link_one_identity_exactly_one_gets_it(
    social: Provider, shared: Scene
) -> None:
    other: Provider = "vk" if social != "vk" else "yandex"
    for _ in range(ROUNDS):
        wanted = shared.newcomer()
        async with (
            signed_in_with(shared, other, shared.newcomer()) as one,
            signed_in_with(shared, other, shared.newcomer()) as two,
        ):
            shared.emulator.decide(social, persona=wanted)
            backs = [await leave(one, social), await leave(two, social)]
            answers = await asyncio.gather(one.get(backs[0]), two.get(backs[1]))
            ids = [my_id(each) for each in (one, two)]

        assert Counter((answer.status, answer.code) for answer in answers) == {
            (200, None): 1, (409, "identity-in-use"): 1,
        }  # fmt: skip
        winner = ids[[answer.status for answer in answers].index(200)]
        assert (await sign_in(shared, social, wanted)).id == winner


async def test_lk_18_of_a_first_sign_in_and_a_link_at_once_one_gets_the_identity(shared: Scene) -> None:
    for _ in range(ROUNDS):
        wanted = shared.newcomer()
        async with signed_in_with(shared, "vk", shared.newcomer()) as owner, shared.browser() as stranger:
            shared.emulator.decide("yandex", persona=wanted)
            linking = await leave(owner, "yandex")
            signing_in = await stranger.visit_provider(await stranger.depart("yandex"))
            linked, signed_in = await asyncio.gather(owner.get(linking), stranger.get(signing_in))
            mine = my_id(owner)

        assert signed_in.status == 200
        found = await sign_in(shared, "yandex", wanted)
        assert (linked.status, found.id == mine) in {(200, True), (409, False)}
        assert signed_in.json["is_new_account"] is (linked.status == 409)


async def test_of_two_people_of_one_network_at_once_an_account_is_linked_with_one(shared: Scene) -> None:
    for _ in range(ROUNDS):
        async with signed_in_with(shared, "vk", shared.newcomer()) as owner:
            backs = []
            for _ in range(2):
                shared.arrives("mail")
                backs.append(await leave(owner, "mail"))
            answers = await asyncio.gather(*(owner.get(back) for back in backs))
            listed = (await owner.get("/me/social-accounts")).json

        assert Counter((answer.status, answer.code) for answer in answers) == {
            (200, None): 1, (409, "provider-linked-already"): 1,
        }  # fmt: skip
        assert {each["social"] for each in listed} == {"vk", "mail"}


class Meanwhile:
    """`ports.storage.Storage` where something happens just before one of our transactions."""

    def __init__(
        self, storage: Storage[SocialTransaction], before: int, happens: Callable[[], Awaitable[object]]
    ) -> None:
        self._storage = storage
        self._before = before
        self._happens = happens

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[SocialTransaction]:
        self._before -= 1
        if self._before == 0:
            await self._happens()
        async with self._storage.transaction() as tx:
            yield tx

    def single(self) -> AbstractAsyncContextManager[SocialTransaction]:
        return self._storage.single()

    def reading(self) -> AbstractAsyncContextManager[SocialTransaction]:
        return self._storage.reading()


@pytest.mark.parametrize(
    ("change", "refusal"),
    [
        ("UPDATE users SET password_hash = 'another' WHERE email_key = :email", CurrentPasswordWrong),
        ("UPDATE users SET blocked_at = created_at WHERE email_key = :email", AccountBlocked),
    ],
    ids=["another password", "blocked"],
)
async def test_se_11_an_account_that_changed_while_its_password_was_checked_is_not_opened(
    change: str, refusal: type[AppError], shared: Scene
) -> None:
    async with shared.browser() as browser:
        met = await collide(shared, browser)
    services = shared.service.services.social
    pending = waiting_link("vk", f"meanwhile-{refusal.__name__}", UUID(met.owner_id), now=services.clock.now())

    async def rival() -> None:
        await execute(shared.service, change, email=met.email)

    racing = replace(services, storage=Meanwhile(services.storage, 1, rival))
    token = await pending_link.put(services, pending)
    async with shared.nothing_written():
        with pytest.raises(refusal):
            await complete_link(racing, shared.service.services.limits, token, by_front_end(password=PASSWORD))
