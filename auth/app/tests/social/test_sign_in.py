"""The main job: sign in with an account at a provider, the first time and the second."""

import pytest

from app.tests.support.service import Service
from emulator import Emulator
from emulator.names import PROVIDERS, Provider


@pytest.mark.parametrize("social", PROVIDERS)
async def test_the_first_sign_in_makes_an_account_and_the_second_finds_it(
    social: Provider, social_service: Service, emulator: Emulator
) -> None:
    emulator.decide(social, persona="anna")

    async with social_service.viewer() as browser:
        first = await browser.sign_in_with(social)
        me = await browser.get("/me")
    async with social_service.viewer() as another:
        second = await another.sign_in_with(social)
        me_again = await another.get("/me")

    assert (first.status, first.json["is_new_account"]) == (200, True)
    assert (second.status, second.json["is_new_account"]) == (200, False)
    assert me.json["id"] == me_again.json["id"]
