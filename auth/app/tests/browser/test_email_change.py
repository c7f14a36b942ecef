"""Another address, confirmed by clicking; and the account taken back from the former one."""

import pytest
from playwright.async_api import Page, expect

from app.tests.browser.steps import open_page
from app.tests.support.changes import NEW, ask
from app.tests.support.people import stored_user
from app.tests.support.service import Service
from app.tests.support.viewer import Viewer

pytestmark = pytest.mark.browser

ANNA = "anna@example.ru"


async def press_in_mail(page: Page, service: Service, to: str, button: str) -> Page:
    """Look at the mails and press the button of the newest one to an address; it opens a window of its own."""
    await page.bring_to_front()
    await open_page(page, service)
    mail = page.locator("#mails > details").filter(has_text=to).first
    await mail.locator("summary").first.click()
    link = mail.frame_locator("iframe").get_by_role("link", name=button)
    async with page.expect_popup() as opening:
        await link.click()
    return await opening.value


async def test_a_new_address_is_confirmed_and_taken_back_by_clicking(
    service: Service, page: Page, anna: Viewer
) -> None:
    await ask(anna)

    confirming = await press_in_mail(page, service, NEW, "Подтвердить адрес")
    await confirming.get_by_role("button", name="Подтвердить").click()
    await expect(confirming.get_by_role("heading", name="Адрес подтверждён")).to_be_visible()
    assert await stored_user(service, NEW) is not None

    undoing = await press_in_mail(page, service, ANNA, "Вернуть аккаунт")
    await expect(undoing.get_by_role("heading", name="Адрес меняли не вы?")).to_be_visible()
    assert await stored_user(service, ANNA) is None
    await undoing.get_by_role("button", name="Вернуть аккаунт").click()
    await expect(undoing.get_by_role("heading", name="Аккаунт снова ваш")).to_be_visible()

    assert await stored_user(service, ANNA) is not None
    assert "token" not in undoing.url
    await undoing.reload()
    await expect(undoing.get_by_role("heading", name="Ссылка больше не действует")).to_be_visible()
