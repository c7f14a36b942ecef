"""What a person does on the development page and at a provider."""

from typing import Literal

from playwright.async_api import Locator, Page, expect

from app.tests.support.service import Service
from app.tests.support.viewer import PASSWORD

TITLES = {"yandex": "Яндекс", "vk": "VK ID", "google": "Google", "mail": "Mail.ru"}


async def open_page(page: Page, service: Service) -> None:
    """Open the development page and wait until it can be used."""
    await page.goto(f"{service.url}/")
    await expect(page.get_by_role("heading", name="Sign in")).to_be_visible()


def notice(page: Page) -> Locator:
    """What the page says about the last step."""
    return page.get_by_role("status")


async def sign_in_with(page: Page, social: str, persona: str, decision: Literal["allow", "deny"] = "allow") -> None:
    """Press the provider's button, choose a person there, and agree or refuse."""
    await page.get_by_role("button", name=TITLES[social], exact=True).click()
    await page.wait_for_url(lambda address: f"/{social}/" in address)
    await page.check(f"input[name=persona][value={persona}]")
    await page.click(f"button[name=decision][value={decision}]")
    await page.wait_for_url(lambda address: f"/{social}/" not in address)


async def fill_in_credentials(page: Page, email: str, password: str = PASSWORD) -> None:
    await page.get_by_label("E-mail").fill(email)
    await page.get_by_label("Password").fill(password)


async def profile(page: Page, row: str) -> str:
    """One line of the signed-in person's profile."""
    value = page.locator(f"#profile dt:text-is('{row}') + dd")
    await expect(value).to_be_visible()
    return await value.inner_text()


async def stored_pair(page: Page) -> dict[str, str]:
    """The token pair that the page holds."""
    pair: dict[str, str] = await page.evaluate("JSON.parse(sessionStorage.getItem('pair'))")
    return pair
