"""Many at once: exactly one wins, nobody gets an internal error, no account is doubled."""

import asyncio
from collections import Counter

import pytest

from app.tests.social.accounts import my_id, register
from app.tests.social.problems import assert_refused
from app.tests.social.scene import Scene, way_back
from app.tests.support.viewer import Answer, Viewer
from emulator.names import PROVIDERS, Provider

pytestmark = pytest.mark.asyncio(loop_scope="module")

ROUNDS = 3


def _added(before: tuple[int, ...], after: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(new - old for old, new in zip(before, after, strict=True))


@pytest.mark.parametrize("social", PROVIDERS)
async def test_oa_09_of_fifty_identical_callbacks_one_reaches_the_provider(social: Provider, shared: Scene) -> None:
    async with shared.browser() as browser:
        for _ in range(ROUNDS):
            shared.arrives(social)
            shared.emulator.clear_requests()
            back = await way_back(browser, social)
            cookies = {each.key: each.value for each in browser.session.cookie_jar}
            before = await shared.footprint()
            answers = await asyncio.gather(*(browser.get(back, cookies=cookies) for _ in range(50)))
            winners = [answer for answer in answers if answer.status == 200]

            assert len(winners) == 1
            assert len(shared.emulator.requests(social, "token")) == 1
            assert _added(before, await shared.footprint()) == (1, 1, 1)
            for loser in answers:
                if loser is not winners[0]:
                    assert_refused(loser, "login-state-invalid")


@pytest.mark.parametrize("social", PROVIDERS)
async def test_lk_17_fifty_first_sign_ins_of_one_person_at_once_make_one_account(
    social: Provider, shared: Scene
) -> None:
    async with shared.browser() as browser:
        for _ in range(ROUNDS):
            shared.arrives(social)
            backs = [await way_back(browser, social) for _ in range(50)]
            before = await shared.footprint()
            answers = await asyncio.gather(*(browser.get(back) for back in backs))

            assert Counter(answer.status for answer in answers) == {200: 50}
            assert Counter(answer.json["is_new_account"] for answer in answers) == {True: 1, False: 49}
            assert _added(before, await shared.footprint()) == (1, 1, 50)


async def test_lk_17_two_providers_with_one_proven_address_at_once_make_one_account(shared: Scene) -> None:
    """One mailbox that two providers prove: Google as its Workspace, Mail.ru as its host."""
    for number in range(8):
        somebody = shared.newcomer(email=f"twice-{number}@mail.ru", hd="mail.ru")
        before = await shared.footprint()
        answers, ids = await _at_once(shared, somebody, ["google", "mail"])

        assert [answer.status for answer in answers] == [200, 200]
        assert Counter(answer.json["is_new_account"] for answer in answers) == {True: 1, False: 1}
        assert len(ids) == 1
        assert _added(before, await shared.footprint()) == (1, 2, 2)


async def test_lk_17_two_people_of_one_provider_with_one_proven_address_at_once_share_nothing(shared: Scene) -> None:
    for number in range(8):
        people = [shared.newcomer(email=f"contested-{number}@gmail.com") for _ in range(2)]
        before = await shared.footprint()
        async with shared.browser() as one, shared.browser() as other:
            backs = []
            for browser, somebody in zip((one, other), people, strict=True):
                shared.emulator.decide("google", persona=somebody)
                backs.append(await way_back(browser, "google"))
            answers = await asyncio.gather(one.get(backs[0]), other.get(backs[1]))

        assert sorted(answer.status for answer in answers) == [200, 409]
        assert _added(before, await shared.footprint()) == (1, 1, 1)


async def test_a_registration_and_a_proven_sign_in_at_once_leave_one_account_of_that_address(shared: Scene) -> None:
    for _ in range(8):
        somebody = shared.arrives("google")
        address = shared.emulator.persona(somebody).accounts["google"].email
        before = await shared.footprint()
        async with shared.browser() as one, shared.browser() as other:
            back = await way_back(one, "google")
            body = {"email": address, "password": "four slow green trams"}
            signed_in, registered = await asyncio.gather(one.get(back), other.post("/register", body))

        assert (signed_in.status, registered.status) == (200, 202)
        assert _added(before, await shared.footprint()) == (1, 1, 1)


async def test_lk_07_many_first_sign_ins_at_once_take_an_unconfirmed_address_once(shared: Scene) -> None:
    for _ in range(ROUNDS):
        somebody = shared.arrives("google")
        address = shared.emulator.persona(somebody).accounts["google"].email or ""
        await register(shared, address, confirmed=False)
        before = await shared.footprint()
        async with shared.browser() as browser:
            backs = [await way_back(browser, "google") for _ in range(12)]
            answers = await asyncio.gather(*(browser.get(back) for back in backs))

        assert Counter(answer.status for answer in answers) == {200: 12}
        assert Counter(answer.json["is_new_account"] for answer in answers) == {True: 1, False: 11}
        assert _added(before, await shared.footprint()) == (0, 1, 12)


async def _at_once(scene: Scene, somebody: str, socials: list[Provider]) -> tuple[list[Answer], set[str]]:
    async with scene.browser() as one, scene.browser() as other:
        browsers: list[Viewer] = [one, other]
        backs = []
        for browser, social in zip(browsers, socials, strict=True):
            scene.emulator.decide(social, persona=somebody)
            backs.append(await way_back(browser, social))
        answers = await asyncio.gather(*(browser.get(back) for browser, back in zip(browsers, backs, strict=True)))
        for browser, answer in zip(browsers, answers, strict=True):
            browser.keep(answer)
        return list(answers), {my_id(browser) for browser in browsers}
