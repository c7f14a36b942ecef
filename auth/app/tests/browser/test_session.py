"""A viewer keeps, copies and ends a session, by clicking."""

from datetime import timedelta

import pytest
from playwright.async_api import Page, expect

from app.tests.browser.steps import fill_in_credentials, notice, open_page, profile, stored_pair
from app.tests.support.clock import ManualClock
from app.tests.support.service import Service
from app.tests.support.viewer import Viewer

pytestmark = pytest.mark.browser


@pytest.fixture
async def signed_in(service: Service, page: Page, anna: Viewer) -> Page:
    """The development page after Anna has signed in by password."""
    await open_page(page, service)
    await fill_in_credentials(page, "anna@example.ru")
    await page.get_by_role("button", name="Войти", exact=True).click()
    await profile(page, "Id")
    return page


async def test_a_repeated_refresh_gets_the_same_pair_and_a_late_one_ends_the_session(
    signed_in: Page, clock: ManualClock
) -> None:
    page = signed_in
    first = await stored_pair(page)

    await page.get_by_role("button", name="Refresh", exact=True).click()
    await expect(notice(page)).to_contain_text("A new pair")
    second = await stored_pair(page)
    await page.get_by_role("button", name="Refresh with the old token").click()
    await expect(notice(page)).to_contain_text("The very same pair came back")
    clock.advance(timedelta(seconds=11))
    await page.get_by_role("button", name="Refresh with the old token").click()
    await expect(notice(page).get_by_role("link", name="refresh-token-reused")).to_be_visible()

    assert first["refresh_token"] != second["refresh_token"]
    await expect(page.get_by_text("Nobody is signed in here.")).to_be_visible()
    await expect(page.locator("#mails")).to_contain_text("anna@example.ru")


async def test_the_tokens_are_shown_as_what_they_say(signed_in: Page, service: Service) -> None:
    access, refresh = signed_in.locator("#access_token"), signed_in.locator("#refresh_token")

    await expect(access).to_contain_text('"typ":"at+jwt"')
    await expect(access).to_contain_text(f'"iss": "{service.url}"')
    await expect(access).to_contain_text("left")
    await expect(refresh).to_contain_text('"gen": 0')


async def test_logging_out_here_leaves_the_other_device_signed_in(signed_in: Page, anna: Viewer) -> None:
    await signed_in.get_by_role("button", name="Log out", exact=True).click()
    await expect(notice(signed_in)).to_contain_text("This session has ended.")

    assert (await anna.get("/me")).status == 200


async def test_logging_out_everywhere_ends_the_other_device_too(signed_in: Page, anna: Viewer) -> None:
    await signed_in.get_by_role("button", name="Log out everywhere").click()
    await expect(notice(signed_in)).to_contain_text("Every session of the account has ended.")

    assert (await anna.get("/me")).status == 401
