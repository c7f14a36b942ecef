"""A developer tries the API on its own documentation page."""

import pytest
from playwright.async_api import Page, expect

from app.tests.browser.watched import Watched
from app.tests.support.service import Service
from app.tests.support.viewer import Viewer

pytestmark = pytest.mark.browser


async def test_an_authorized_request_is_executed_without_a_complaint_or_a_foreign_host(
    service: Service, page: Page, anna: Viewer, watched: Watched
) -> None:
    await page.goto(f"{service.api}/")

    await page.get_by_role("button", name="Authorize").first.click()
    viewers = page.locator(".auth-container").first  # the second one is of services
    await viewers.locator("input").fill(anna.access_token)
    await viewers.get_by_role("button", name="Apply credentials").click()
    await viewers.get_by_role("button", name="Close").click()
    operation = page.locator("#operations-Accounts-get_me")
    await operation.locator(".opblock-summary-control").click()
    await operation.get_by_role("button", name="Execute").click()

    await expect(operation.locator(".live-responses-table .response-col_status").last).to_contain_text("200")
    await expect(operation.locator(".live-responses-table")).to_contain_text("anna@example.ru")
    assert watched.complaints == []
