"""A person at the sign-in page, in a real browser."""

import shutil
from collections.abc import AsyncIterator
from dataclasses import replace
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.async_api import Page, async_playwright

from emulator import DEMO_APPS, Emulator, Provider
from emulator.names import PROVIDERS
from emulator.tests.client import Client

CHROMIUM = shutil.which("chromium") or "chromium"

pytestmark = pytest.mark.browser


@pytest.fixture
async def page() -> AsyncIterator[Page]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        context = await browser.new_context(java_script_enabled=False, viewport={"width": 400, "height": 800})
        yield await context.new_page()
        await browser.close()


@pytest.mark.parametrize("provider", PROVIDERS)
async def test_a_person_chooses_and_signs_in_without_scripts(
    emulator: Emulator, client: Client, page: Page, provider: Provider
) -> None:
    home = f"{emulator.url}/"
    emulator.add_app(replace(DEMO_APPS[provider], redirect_uris=(home,)))
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))

    await page.goto(client.authorize_url(provider, redirect_uri=home))
    await page.check("input[name=persona][value=boris]")
    await page.click("button[name=decision][value=allow]")
    returned = parse_qs(urlsplit(page.url).query)

    assert returned["code"]
    assert complaints == []


async def test_a_person_unticks_a_right_or_refuses(emulator: Emulator, client: Client, page: Page) -> None:
    home = f"{emulator.url}/"
    emulator.add_app(replace(DEMO_APPS["google"], redirect_uris=(home,)))

    await page.goto(client.authorize_url("google", redirect_uri=home))
    await page.uncheck("input[name=scope][value=email]")
    await page.click("text=Войти")
    allowed = emulator.requests("google", "consent")[0]
    await page.goto(client.authorize_url("google", redirect_uri=home))
    await page.click("text=Отказать")

    assert allowed.form.getall("scope") == ["profile"]
    assert parse_qs(urlsplit(page.url).query)["error"] == ["access_denied"]
