"""A viewer signs in with an account at a provider, by clicking."""

import pytest
from playwright.async_api import Browser, Page, expect

from app.tests.browser.steps import fill_in_credentials, notice, open_page, profile, sign_in_with, stored_pair
from app.tests.browser.watched import Watched
from app.tests.support.service import Service
from app.tests.support.viewer import PASSWORD
from emulator import Emulator

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("social", ["yandex", "vk", "google", "mail"])
async def test_the_first_sign_in_makes_an_account_and_the_second_finds_it(
    social: str, social_service: Service, page: Page, browser: Browser
) -> None:
    await open_page(page, social_service)
    await sign_in_with(page, social, "boris")
    await expect(notice(page)).to_contain_text("A new account was made.")
    account = await profile(page, "Id")
    name = await profile(page, "Name")
    another = await (await browser.new_context()).new_page()
    await open_page(another, social_service)
    await sign_in_with(another, social, "boris")
    await expect(notice(another)).to_contain_text("The account was there already.")
    account_again = await profile(another, "Id")

    assert name == "Boris Ivanov"
    assert account == account_again


async def test_no_token_and_no_code_stays_in_any_address(social_service: Service, page: Page, watched: Watched) -> None:
    await open_page(page, social_service)
    await sign_in_with(page, "yandex", "anna")
    await expect(notice(page)).to_contain_text("Signed in")

    pair = await stored_pair(page)

    assert page.url == f"{social_service.url}/"
    assert not [each for each in watched.addresses if pair["access_token"] in each or pair["refresh_token"] in each]


async def test_a_refusal_at_the_provider_is_explained(social_service: Service, page: Page) -> None:
    await open_page(page, social_service)

    await sign_in_with(page, "vk", "anna", "deny")

    await expect(notice(page)).to_contain_text("The sign-in was cancelled at the provider")
    await expect(notice(page).get_by_role("link", name="login-denied")).to_be_visible()
    await expect(page.get_by_text("Nobody is signed in here.")).to_be_visible()


async def test_a_provider_that_fails_is_explained_and_the_next_try_succeeds(
    social_service: Service, page: Page, emulator: Emulator
) -> None:
    emulator.override("anna", "mail", {"id": ""}, remove=())
    await open_page(page, social_service)

    await sign_in_with(page, "mail", "anna")
    await expect(notice(page).get_by_role("link", name="provider-answer-invalid")).to_be_visible()
    emulator.reset()
    await sign_in_with(page, "mail", "anna")

    await expect(notice(page)).to_contain_text("A new account was made.")


async def test_an_address_that_the_provider_does_not_prove_opens_nobodys_account(
    social_service: Service, page: Page
) -> None:
    address = "ella@everywhere.example"
    async with social_service.viewer() as owner:
        await owner.post("/register", {"email": address, "password": PASSWORD})
        await owner.post("/email/confirm", {"token": await social_service.confirmation_token(address)})
    await open_page(page, social_service)

    await sign_in_with(page, "vk", "everywhere")
    await expect(notice(page).get_by_role("link", name="account-exists")).to_be_visible()
    await expect(page.get_by_text("Nobody is signed in here.")).to_be_visible()
    await fill_in_credentials(page, address)
    await page.get_by_role("button", name="Войти", exact=True).click()

    assert await profile(page, "E-mail") == f"{address} (confirmed)"


async def test_without_a_front_end_a_refusal_is_a_page_for_people(social_service: Service, page: Page) -> None:
    await page.goto(f"{social_service.api}/oauth/login?social=google")
    async with page.expect_response(lambda answer: "/oauth/authorize" in answer.url) as waiting:
        await page.get_by_role("button", name="Отказать").click()
    answer = await waiting.value

    assert answer.status == 403
    await expect(page.get_by_role("heading", name="Вход отменён")).to_be_visible()
    await expect(page.get_by_text("login-denied")).to_be_visible()
