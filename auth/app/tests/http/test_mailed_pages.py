"""The pages that mails lead to."""

import pytest

from app.tests.support.changes import asked, confirm
from app.tests.support.service import Service
from app.tests.support.viewer import PASSWORD, Viewer

PATHS = ["/email/confirm", "/email/undo", "/login/deny", "/password/reset"]


async def test_opening_the_page_confirms_nothing(service: Service, viewer: Viewer) -> None:
    await viewer.post("/register", {"email": "anna@example.ru", "password": PASSWORD})
    token = await service.confirmation_token("anna@example.ru")

    page = await viewer.get("/email/confirm", params={"token": token})

    assert page.status == 200
    assert (await viewer.login("anna@example.ru")).code == "email-not-confirmed"


async def test_opening_the_page_takes_no_address_back(service: Service, anna: Viewer, viewer: Viewer) -> None:
    """EM-13: scanners open every link."""
    await confirm(anna, await asked(service, anna))
    token = await service.confirmation_token("anna@example.ru")

    page = await viewer.get("/email/undo", params={"token": token})

    assert (page.status, (await anna.get("/me")).status) == (200, 200)


@pytest.mark.parametrize("path", PATHS)
async def test_the_page_runs_its_own_script_alone_and_keeps_out_of_frames(viewer: Viewer, path: str) -> None:
    page = await viewer.get(path)
    policy = page.headers["content-security-policy"]

    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert "script-src 'self';" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy


@pytest.mark.parametrize("path", PATHS)
async def test_the_page_is_no_part_of_the_documented_api(viewer: Viewer, path: str) -> None:
    document = await viewer.get("/openapi.json")

    assert list(document.json["paths"]["/auth/api/v1" + path]) == ["post"]


async def test_the_icons_of_the_buttons_are_served(social_service: Service) -> None:
    async with social_service.viewer() as viewer:
        providers = await viewer.get("/oauth/providers")
        icons = [await viewer.get(social_service.url + each["icon"]) for each in providers.json]

    assert [icon.status for icon in icons] == [200] * 4
    assert {icon.headers["content-type"].split(";")[0] for icon in icons} == {"image/svg+xml"}
