"""Signing in with Yandex, VK, Google and Mail.ru, as far as this installation offers them."""

from urllib.parse import parse_qs, urlsplit

import pytest

from app.settings import PROVIDERS, Social
from app.tests.live.people import People
from app.tests.live.target import Target
from app.tests.support.viewer import Viewer

every_provider = pytest.mark.parametrize("social", PROVIDERS)
STATE = "A" * 43


def is_offered(target: Target, social: Social) -> bool:
    return social in target.settings.social_order and bool(target.settings.provider(social).client_id)


async def test_the_buttons_are_those_of_the_settings(target: Target, visitor: Viewer) -> None:
    answer = await visitor.get("/oauth/providers")

    expected = [social for social in target.settings.social_order if is_offered(target, social)]
    assert [each["social"] for each in answer.json] == expected
    for each in answer.json:
        assert (await visitor.get(target.url + each["icon"])).status == 200


@every_provider
async def test_a_sign_in_begins_at_the_provider_or_says_that_it_is_not_offered(
    social: Social, target: Target, visitor: Viewer
) -> None:
    answer = await visitor.depart(social)

    if not is_offered(target, social):
        assert (answer.status, answer.code) == (404, "provider-unknown")
    elif answer.status != 302:  # discovery needs the provider, which may be away
        assert (answer.code, "Retry-After" in answer.headers) == ("provider-unavailable", True)
    else:
        query = parse_qs(urlsplit(answer.location).query)
        assert query["client_id"] == [target.settings.provider(social).client_id]
        assert query["redirect_uri"][0].startswith(f"{target.settings.api_url}/oauth/authorize")
        assert len(query["state"][0]) == 43
        assert "HttpOnly" in answer.headers["Set-Cookie"]
        assert ("Secure" in answer.headers["Set-Cookie"]) == target.settings.has_https


async def test_mail_ru_has_two_names(visitor: Viewer) -> None:
    answers = [await visitor.depart(social) for social in ("mail", "mailru")]

    assert answers[0].status == answers[1].status


async def test_nobody_is_sent_to_a_stranger(target: Target, visitor: Viewer) -> None:
    unknown = await visitor.depart("myspace")
    astray = await visitor.depart("yandex", return_to="https://evil.example/", code_challenge=STATE)

    assert (unknown.status, unknown.code) == (404, "provider-unknown")
    assert astray.code == ("return-address-refused" if is_offered(target, "yandex") else "provider-unknown")


@every_provider
@pytest.mark.parametrize("way_back", ["?social={social}&code=x&state={state}", "/{social}?code=x&state={state}"])
async def test_an_invented_way_back_signs_nobody_in(
    social: Social, way_back: str, target: Target, visitor: Viewer
) -> None:
    answer = await visitor.get("/oauth/authorize" + way_back.format(social=social, state=STATE))

    if is_offered(target, social):
        assert answer.status == 400
        assert answer.code in {"login-state-invalid", "callback-malformed"}
    else:
        assert (answer.status, answer.code) == (404, "provider-unknown")


@pytest.mark.emulated
@every_provider
async def test_a_viewer_signs_in_and_is_known_the_next_time(
    social: Social, target: Target, people: People, visitor: Viewer
) -> None:
    accounts = []
    for _ in range(2):
        await visitor.post(f"{target.emulator}/control/decide", standing_decision(social))

        way_back = await visitor.visit_provider(await visitor.depart(social))
        answer = await visitor.get(target.reached(way_back))

        assert answer.status == 200, answer.text
        visitor.keep(answer)
        accounts.append((await visitor.get("/me")).json["id"])
        if answer.json["is_new_account"]:
            people.remove_later(accounts[0])
        await visitor.post("/logout")
        visitor.access_token = ""

    assert accounts[0] == accounts[1]


def standing_decision(social: Social) -> dict[str, object]:
    """Somebody without an address agrees, once: nobody else's account can be met."""
    return {"provider": social, "persona": "no-email", "times": 1}


@pytest.mark.emulated
@every_provider
async def test_a_viewer_who_refuses_is_told_so(social: Social, target: Target, visitor: Viewer) -> None:
    await visitor.post(f"{target.emulator}/control/refuse", {"provider": social, "times": 1})

    way_back = await visitor.visit_provider(await visitor.depart(social))
    answer = await visitor.get(target.reached(way_back))

    assert (answer.status, answer.code) == (403, "login-denied")
