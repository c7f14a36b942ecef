"""A forgotten password, from the page's button over the mail to the new sign-in."""

import pytest
from playwright.async_api import Page, expect

from app.tests.browser.steps import fill_in_credentials, notice, open_page, profile
from app.tests.support.people import register
from app.tests.support.service import Service

pytestmark = pytest.mark.browser

ADDRESS = "vera@example.ru"
NEW = "seven quiet blue boats"


async def open_reset_page(page: Page, service: Service) -> Page:
    """Ask for the mail and press its button; it opens a window of its own."""
    await register(service, ADDRESS)
    await open_page(page, service)
    await page.get_by_label("E-mail").fill(ADDRESS)
    await page.get_by_role("button", name="Forgot the password").click()
    await expect(notice(page)).to_contain_text("A mail is on its way")
    link = page.frame_locator("#mails iframe").first.get_by_role("link", name="Задать новый пароль")
    async with page.expect_popup() as opening:
        await link.click()
    return await opening.value


async def test_a_forgotten_password_is_replaced_by_clicking(service: Service, page: Page) -> None:
    resetting = await open_reset_page(page, service)
    await resetting.get_by_label("Новый пароль").fill(NEW)
    await resetting.get_by_role("button", name="Сохранить").click()
    await expect(resetting.get_by_role("heading", name="Пароль изменён")).to_be_visible()

    await fill_in_credentials(page, ADDRESS, NEW)
    await page.get_by_role("button", name="Войти", exact=True).click()

    assert await profile(page, "E-mail") == f"{ADDRESS} (confirmed)"
    assert "token" not in resetting.url


async def test_a_weak_password_is_explained_and_can_be_corrected(service: Service, page: Page) -> None:
    resetting = await open_reset_page(page, service)
    await resetting.get_by_label("Новый пароль").fill("password1")
    await resetting.get_by_role("button", name="Сохранить").click()
    await expect(resetting.get_by_role("alert").first).to_be_visible()

    await resetting.get_by_label("Новый пароль").fill(NEW)
    await resetting.get_by_role("button", name="Сохранить").click()

    await expect(resetting.get_by_role("heading", name="Пароль изменён")).to_be_visible()


async def test_without_a_token_the_page_asks_where_to_send_the_mail(service: Service, page: Page) -> None:
    """Mails about a new device lead here."""
    await register(service, ADDRESS)
    await page.goto(f"{service.api}/password/reset")

    await page.get_by_label("Адрес почты").fill("vera@example")
    await page.get_by_role("button", name="Прислать ссылку").click()
    await expect(page.get_by_role("alert").first).to_be_visible()
    await page.get_by_label("Адрес почты").fill(ADDRESS)
    await page.get_by_role("button", name="Прислать ссылку").click()

    await expect(page.get_by_role("heading", name="Проверьте почту")).to_be_visible()
    assert (await service.mails(ADDRESS))[0].subject == "Новый пароль"


async def test_a_dead_link_leads_to_a_new_one(service: Service, page: Page) -> None:
    await page.goto(f"{service.api}/password/reset?lang=en#token=dead")
    await page.get_by_label("New password").fill(NEW)
    await page.get_by_role("button", name="Save").click()

    await page.get_by_role("button", name="Ask for a new one").click()

    await expect(page.get_by_label("E-mail address")).to_be_visible()
