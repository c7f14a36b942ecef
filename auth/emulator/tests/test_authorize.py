"""The authorization endpoint refuses what the real ones refuse."""

from urllib.parse import quote

import pytest

from emulator import DEMO_APPS, Emulator, Provider
from emulator.names import PROVIDERS
from emulator.pkce import s256
from emulator.tests.client import STATE, VERIFIER, Client


def is_error_page(status: int, headers: object) -> bool:
    return status == 400 and "Location" not in str(headers) and "text/html" in str(headers)


@pytest.mark.parametrize("provider", PROVIDERS)
@pytest.mark.parametrize(
    "address",
    [
        "https://evil.example/",
        "{good}/",
        "{good}&x=1",
        "{good}#x",
        "HTTP://CINEMA.TEST/auth/api/v1/oauth/authorize?social=yandex",
        "",
    ],
)
async def test_an_unknown_redirect_address_gives_a_page_and_no_redirect(
    emulator: Emulator, client: Client, provider: Provider, address: str
) -> None:
    """GO-6, MR-4, ALL-1."""
    emulator.decide(provider)

    answer = await client.authorize(provider, redirect_uri=address.format(good=client.redirect_uri(provider)))

    assert is_error_page(answer.status, answer.headers)


@pytest.mark.parametrize("provider", PROVIDERS)
async def test_a_mobile_apps_address_is_known_where_there_is_one(
    emulator: Emulator, client: Client, provider: Provider
) -> None:
    """ALL-1: to its own provider alone."""
    emulator.decide(provider)

    answers = {
        link: await client.authorize(provider, redirect_uri=link)
        for app in DEMO_APPS.values()
        for link in app.app_links
    }

    assert len(answers) == 2
    for link, answer in answers.items():
        if link in DEMO_APPS[provider].app_links:
            assert answer.headers["Location"].startswith(f"{link}?code=")
        else:
            assert is_error_page(answer.status, answer.headers)


@pytest.mark.parametrize("provider", PROVIDERS)
async def test_an_unknown_client_gives_a_page_and_no_redirect(
    emulator: Emulator, client: Client, provider: Provider
) -> None:
    emulator.decide(provider)

    answer = await client.authorize(provider, client_id="nobody")

    assert is_error_page(answer.status, answer.headers)


@pytest.mark.parametrize("provider", PROVIDERS)
async def test_a_repeated_redirect_address_is_refused(emulator: Emulator, client: Client, provider: Provider) -> None:
    emulator.decide(provider)

    answer = await client.get(client.authorize_url(provider) + "&redirect_uri=https%3A%2F%2Fevil.example")

    assert is_error_page(answer.status, answer.headers)


@pytest.mark.parametrize("provider", PROVIDERS)
async def test_a_state_comes_back_byte_for_byte(emulator: Emulator, client: Client, provider: Provider) -> None:
    """ALL-4, YA-4."""
    emulator.decide(provider)
    state = "%D1%91+%20%26%3D%23%25%2F%3F%22%3C%FF%00-" + "x" * 32

    url = client.authorize_url(provider, state=None) + f"&state={state}"
    location = (await client.get(url)).headers["Location"]

    canonical = state.replace("+", "%20")
    assert f"state={canonical}" in location


@pytest.mark.parametrize("provider", PROVIDERS)
async def test_the_implicit_flow_is_not_served(emulator: Emulator, client: Client, provider: Provider) -> None:
    emulator.decide(provider)

    answer = await client.authorize(provider, response_type="token")

    assert "access_token" not in answer.headers.get("Location", "")


@pytest.mark.parametrize("provider", PROVIDERS)
async def test_a_verifier_beside_the_challenge_is_refused(
    emulator: Emulator, client: Client, provider: Provider
) -> None:
    emulator.decide(provider)

    answer = await client.authorize(provider, code_verifier=VERIFIER)

    assert "code=" not in answer.headers.get("Location", "")


@pytest.mark.parametrize("provider", ["yandex", "google", "mail"])
async def test_a_refusal_names_the_error_and_the_state(emulator: Emulator, client: Client, provider: Provider) -> None:
    emulator.refuse(provider)

    callback = (await client.authorize(provider)).callback

    assert callback["error"] == "access_denied"
    assert callback["state"] == STATE
    assert "code" not in callback


async def test_counted_decisions_come_before_the_standing_one(emulator: Emulator, client: Client) -> None:
    emulator.decide("yandex", persona="anna")
    emulator.refuse("yandex", times=1)
    emulator.decide("yandex", persona="boris", times=1)

    answers = [(await client.authorize("yandex")).callback for _ in range(3)]

    assert [("error" in answer) for answer in answers] == [True, False, False]


@pytest.mark.parametrize("provider", PROVIDERS)
async def test_without_a_decision_a_page_asks_and_its_form_signs_in(
    emulator: Emulator, client: Client, provider: Provider
) -> None:
    url = client.authorize_url(provider)

    shown = await client.get(url)
    answer = await client.post(url, [("persona", "boris"), ("scope", "email"), ("decision", "allow")])

    assert 'name="persona" value="anna"' in shown.text
    assert 'name="decision" value="deny"' in shown.text
    assert "script" not in shown.headers["Content-Security-Policy"]
    assert answer.status == 303
    assert answer.callback["state"] == STATE
    assert [entry.endpoint for entry in emulator.requests(provider)] == ["authorize", "consent"]


async def test_unticked_rights_are_not_granted(emulator: Emulator, client: Client) -> None:
    """GO-10."""
    url = client.authorize_url("google")
    form = [("persona", "anna"), ("scope", "profile"), ("decision", "allow")]

    callback = (await client.post(url, form)).callback
    token = (await client.token("google", client.exchange_form("google", callback))).json

    assert token["scope"] == "openid profile"


async def test_the_deny_button_refuses(emulator: Emulator, client: Client) -> None:
    url = client.authorize_url("google")

    answer = await client.post(url, {"decision": "deny"})

    assert answer.callback["error"] == "access_denied"


async def test_the_page_preselects_whom_the_client_hints_at(client: Client) -> None:
    page = await client.authorize("yandex", login_hint="boris.emulated@yandex.ru")

    assert 'value="boris" required checked' in page.text


async def test_the_page_escapes_names(emulator: Emulator, client: Client) -> None:
    emulator.change("anna", "yandex", first_name="<script>alert(1)</script>")

    page = await client.authorize("yandex")

    assert "<script>" not in page.text


@pytest.mark.parametrize("method", ["S384", "s256"])
async def test_an_unknown_challenge_method_is_refused(emulator: Emulator, client: Client, method: str) -> None:
    emulator.decide("google")

    answer = await client.authorize("google", code_challenge=s256(VERIFIER), code_challenge_method=method)

    assert is_error_page(answer.status, answer.headers)


async def test_mail_tells_the_client_about_a_bad_request(emulator: Emulator, client: Client) -> None:
    emulator.decide("mail")

    callback = (await client.authorize("mail", scope="everything")).callback

    assert callback["error"] == "invalid_scope"
    assert callback["state"] == STATE


async def test_a_state_is_quoted_whatever_it_is(emulator: Emulator, client: Client) -> None:
    emulator.decide("mail")
    state = "a&code=stolen#\r\nSet-Cookie: x"

    answer = await client.authorize("mail", state=state)

    assert quote(state, safe="") in answer.headers["Location"]
    assert answer.callback["state"] == state


async def test_bytes_that_are_no_text_do_no_harm(emulator: Emulator, client: Client) -> None:
    client_id = client.setting("yandex", "CLIENT_ID")
    address = await client.get(f"{emulator.url}/yandex/authorize?client_id={client_id}&redirect_uri=%FF%00%0d")
    token = await client.post(f"{emulator.url}/vk/oauth2/auth?state=%FF", {"code": "x"})
    emulator.override("anna", "yandex", {"first_name": "\ud800"})
    profile = await client.profile("yandex", emulator.mint_token("yandex"))

    assert [address.status, token.status, profile.status] == [400, 200, 200]
    assert profile.json["first_name"] == "\ud800"
