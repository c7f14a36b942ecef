"""The development page: there while developing, never in production."""

import re
from pathlib import Path

import pytest

from app.settings import ProviderSettings
from app.tests.support.clock import ManualClock
from app.tests.support.service import Service, free_socket, production_settings, run_service
from app.tests.support.viewer import PASSWORD, Viewer

CHALLENGE = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"


@pytest.mark.parametrize("path", ["/", "/dev"])
async def test_the_page_runs_no_script_but_its_own(path: str, service: Service, viewer: Viewer) -> None:
    answer = await viewer.get(service.url + path)

    assert answer.status == 200
    assert "script-src 'self';" in answer.headers["content-security-policy"]
    assert "unsafe" not in answer.headers["content-security-policy"]
    assert re.findall(r"<script(?![^>]* src=)|<style|style=|\son\w+=", answer.text) == []


@pytest.mark.parametrize("path", ["/", "/dev", "/dev/surroundings", "/dev/mail", "/dev/assets/page.js"])
async def test_nothing_of_it_is_there_in_production(path: str, tmp_path: Path, clock: ManualClock) -> None:
    settings = production_settings(tmp_path)
    with free_socket() as listener:
        async with run_service(settings, clock, listener) as service, service.viewer() as viewer:
            answer = await viewer.get(service.url + path)

    assert (answer.status, answer.code) == (404, "not-found")


async def test_in_production_no_sign_in_returns_to_the_service_itself(tmp_path: Path, clock: ManualClock) -> None:
    own = "https://auth.cinema.example"
    settings = production_settings(tmp_path, public_url=own, vk=ProviderSettings(client_id="51000000"))
    with free_socket() as listener:
        async with run_service(settings, clock, listener) as service, service.viewer() as viewer:
            answer = await viewer.depart("vk", return_to=f"{own}/", code_challenge=CHALLENGE)

    assert answer.code == "return-address-refused"


async def test_in_development_a_sign_in_returns_to_the_page(social_service: Service) -> None:
    async with social_service.viewer() as viewer:
        answer = await viewer.depart("vk", return_to=f"{social_service.url}/", code_challenge=CHALLENGE)

    assert answer.status == 302


async def test_mails_are_shown_newest_first_as_people_read_them(service: Service, viewer: Viewer) -> None:
    for name in ("first", "second"):
        await viewer.post("/register", {"email": f"{name}@example.ru", "password": PASSWORD})

    listed = await viewer.get(f"{service.url}/dev/mail")
    newest = await viewer.get(f"{service.url}/dev/mail/{listed.json[0]['id']}")

    assert [mail["to"] for mail in listed.json] == ["second@example.ru", "first@example.ru"]
    assert listed.json[0]["subject"] == "Подтвердите адрес почты"
    assert "#token=" in listed.json[0]["text"]
    assert "Подтвердить адрес" in newest.text


async def test_a_mail_on_the_page_runs_and_loads_nothing(service: Service, viewer: Viewer) -> None:
    await viewer.post("/register", {"email": "anna@example.ru", "password": PASSWORD})
    listed = await viewer.get(f"{service.url}/dev/mail")

    answer = await viewer.get(f"{service.url}/dev/mail/{listed.json[0]['id']}")
    policy = answer.headers["content-security-policy"]

    assert policy.startswith("default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'self'")
    assert "sandbox" in policy
    assert "allow-scripts" not in policy


async def test_a_mail_that_does_not_exist_is_not_found(service: Service, viewer: Viewer) -> None:
    answer = await viewer.get(f"{service.url}/dev/mail/01997b2e-7c1f-7d54-b1f4-5a3c5d0b7e11")

    assert answer.code == "not-found"


async def test_a_strangers_name_for_this_machine_sees_no_mail(service: Service, viewer: Viewer) -> None:
    answer = await viewer.get(f"{service.url}/dev/mail", headers={"Host": "rebound.example"})

    assert answer.code == "not-found"


async def test_the_emulator_is_named_when_the_providers_live_there(social_service: Service) -> None:
    async with social_service.viewer() as viewer:
        told = await viewer.get(f"{social_service.url}/dev/surroundings")

    emulator = social_service.settings.vk.authorize_url.removesuffix("/vk/authorize")
    assert told.json == {"origin": social_service.url, "emulator": emulator, "reuse_window_seconds": 10}
