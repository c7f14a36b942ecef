"""The page that confirmation mails lead to."""

from app.tests.support.service import Service
from app.tests.support.viewer import PASSWORD, Viewer


async def test_opening_the_page_confirms_nothing(service: Service, viewer: Viewer) -> None:
    await viewer.post("/register", {"email": "anna@example.ru", "password": PASSWORD})
    token = await service.confirmation_token("anna@example.ru")

    page = await viewer.get("/email/confirm", params={"token": token})

    assert page.status == 200
    assert (await viewer.login("anna@example.ru")).code == "email-not-confirmed"


async def test_the_page_runs_its_own_script_alone_and_keeps_out_of_frames(viewer: Viewer) -> None:
    page = await viewer.get("/email/confirm")
    policy = page.headers["content-security-policy"]

    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert "script-src 'self';" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy


async def test_the_page_is_no_part_of_the_documented_api(viewer: Viewer) -> None:
    document = await viewer.get("/openapi.json")

    assert list(document.json["paths"]["/auth/api/v1/email/confirm"]) == ["post"]


async def test_the_icons_of_the_buttons_are_served(social_service: Service) -> None:
    async with social_service.viewer() as viewer:
        providers = await viewer.get("/oauth/providers")
        icons = [await viewer.get(social_service.url + each["icon"]) for each in providers.json]

    assert [icon.status for icon in icons] == [200] * 4
    assert {icon.headers["content-type"].split(";")[0] for icon in icons} == {"image/svg+xml"}
