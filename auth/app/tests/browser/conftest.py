"""A real Chromium that reaches nothing but what the test serves."""

import shutil
from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Browser, BrowserContext, Page, async_playwright, expect

from app.tests.browser.watched import Watched, watch

CHROMIUM = shutil.which("chromium")
ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
PATIENCE_MILLISECONDS = 15_000

expect.set_options(timeout=PATIENCE_MILLISECONDS)


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        await browser.close()


@pytest.fixture
async def context(browser: Browser) -> BrowserContext:
    """The browser of a viewer in Russia."""
    context = await browser.new_context(locale="ru-RU", viewport={"width": 1100, "height": 900})
    context.set_default_timeout(PATIENCE_MILLISECONDS)
    return context


@pytest.fixture
async def watched(context: BrowserContext) -> AsyncIterator[Watched]:
    """What all tabs asked for and complained about; a script that fails fails the test."""
    watched = watch(context)
    yield watched
    assert watched.script_errors == []
    assert watched.foreign_hosts == set()


@pytest.fixture
async def page(context: BrowserContext, watched: Watched) -> Page:
    return await context.new_page()
