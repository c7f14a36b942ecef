"""A viewer registers, reads the mail, confirms the address and signs in, by clicking."""

import pytest
from playwright.async_api import Page, expect

from app.tests.browser.steps import fill_in_credentials, notice, open_page, profile
from app.tests.support.service import Service

pytestmark = pytest.mark.browser

ADDRESS = "vera@example.ru"


async def register(page: Page, service: Service) -> None:
    await open_page(page, service)
    await fill_in_credentials(page, ADDRESS)
    await page.get_by_role("button", name="Зарегистрироваться").click()
    await expect(notice(page)).to_contain_text("A mail is on its way")


async def open_mailed_link(page: Page) -> Page:
    """Press the button of the newest mail; it opens a window of its own."""
    link = page.frame_locator("#mails iframe").first.get_by_role("link", name="Подтвердить адрес")
    async with page.expect_popup() as opening:
        await link.click()
    return await opening.value


async def test_registration_leads_over_the_mail_to_the_first_sign_in(service: Service, page: Page) -> None:
    await register(page, service)
    await page.get_by_role("button", name="Войти", exact=True).click()
    await expect(notice(page).get_by_role("link", name="email-not-confirmed")).to_be_visible()

    confirming = await open_mailed_link(page)
    await confirming.get_by_role("button", name="Подтвердить").click()
    await expect(confirming.get_by_role("heading", name="Адрес подтверждён")).to_be_visible()
    await page.get_by_role("button", name="Войти", exact=True).click()

    assert await profile(page, "E-mail") == f"{ADDRESS} (confirmed)"
    assert "token" not in confirming.url


async def test_opening_the_mailed_link_alone_confirms_nothing(service: Service, page: Page) -> None:
    await register(page, service)
    confirming = await open_mailed_link(page)
    await expect(confirming.get_by_role("heading", name="Подтвердите адрес почты")).to_be_visible()

    async with service.viewer() as somebody:
        refused = await somebody.login(ADDRESS)

    assert refused.code == "email-not-confirmed"


async def test_a_used_link_says_so_in_the_language_that_was_asked_for(service: Service, page: Page) -> None:
    async with service.viewer() as somebody:
        await somebody.post("/register", {"email": ADDRESS, "password": "four slow green trams"})
        token = await service.confirmation_token(ADDRESS)
        await somebody.post("/email/confirm", {"token": token})

    await page.goto(f"{service.api}/email/confirm?lang=en#token={token}")
    await page.get_by_role("button", name="Confirm").click()

    await expect(page.get_by_role("heading", name="This link is no longer valid")).to_be_visible()


async def test_a_refused_password_is_explained_where_it_was_typed(service: Service, page: Page) -> None:
    await open_page(page, service)
    await fill_in_credentials(page, ADDRESS, "12345678")
    await page.get_by_role("button", name="Зарегистрироваться").click()

    await expect(notice(page).get_by_role("link", name="invalid-input")).to_be_visible()
    await expect(notice(page)).to_contain_text("password:")
