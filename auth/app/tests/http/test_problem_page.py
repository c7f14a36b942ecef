"""Problems for people: a browser on the way of a social sign-in gets a page, everybody else JSON."""

from pathlib import Path

import pytest

from app.errors import AppError
from app.http.problem_page import KNOWN
from app.settings import ProviderSettings
from app.tests.support.clock import ManualClock
from app.tests.support.service import Service, free_socket, production_settings, run_service
from app.tests.support.viewer import Viewer
from emulator import Emulator, faults

BROWSER = {
    "Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
    "Accept-Language": "ru,en;q=0.8",
}
CALLBACK = "/oauth/authorize?social=vk&code=x&state=y"


async def test_a_browser_gets_a_page_with_status_and_headers_of_the_problem(social_service: Service) -> None:
    async with social_service.viewer(**BROWSER) as viewer:
        answer = await viewer.get(CALLBACK, headers={"X-Request-Id": "seen-by-me"})

    assert answer.status == 400
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["vary"] == "Accept, Accept-Language"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert "unsafe" not in answer.headers["content-security-policy"]
    assert '<html lang="ru">' in answer.text
    assert "<h1>Ответ соцсети неполон</h1>" in answer.text
    assert "callback-malformed" in answer.text
    assert "seen-by-me" in answer.text


@pytest.mark.parametrize("accept", ["*/*", "application/json", "application/problem+json"])
async def test_a_program_gets_json(accept: str, social_service: Service) -> None:
    async with social_service.viewer(Accept=accept) as viewer:
        answer = await viewer.get(CALLBACK)

    assert answer.code == "callback-malformed"


async def test_other_routes_and_methods_answer_browsers_with_json_too(social_service: Service) -> None:
    async with social_service.viewer(**BROWSER) as viewer:
        other_route = await viewer.get("/me")
        other_method = await viewer.post("/oauth/exchange", {"code": "x", "code_verifier": "y"})

    assert other_route.code == "authentication-required"
    assert other_method.code == "hand-over-code-invalid"


async def test_a_reader_of_english_gets_english(social_service: Service) -> None:
    async with social_service.viewer(**BROWSER | {"Accept-Language": "en-GB"}) as viewer:
        answer = await viewer.get(CALLBACK)

    assert '<html lang="en">' in answer.text
    assert "<h1>The provider&#x27;s answer is incomplete or malformed</h1>" in answer.text


async def test_a_problem_without_russian_words_keeps_its_english_title(social_service: Service) -> None:
    async with social_service.viewer(**BROWSER) as viewer:
        answer = await viewer.depart("vk", return_to="https://evil.example/")

    assert answer.status == 400
    assert "<h1>This return address is not allowed</h1>" in answer.text


async def test_the_way_on_leads_to_the_first_front_end(social_service: Service) -> None:
    async with social_service.viewer(**BROWSER) as viewer:
        answer = await viewer.get(CALLBACK)

    assert 'href="https://cinema.example/welcome"' in answer.text


async def test_without_a_front_end_the_sign_in_can_be_started_again(tmp_path: Path, clock: ManualClock) -> None:
    settings = production_settings(
        tmp_path,
        public_url="https://auth.cinema.example",
        vk=ProviderSettings(client_id="51000000"),
    )
    with free_socket() as listener:
        async with run_service(settings, clock, listener) as service, service.viewer(**BROWSER) as viewer:
            answer = await viewer.get(CALLBACK)

    assert 'href="/auth/api/v1/oauth/login?social=vk"' in answer.text


async def test_nothing_of_the_address_becomes_markup(service: Service, viewer: Viewer) -> None:
    answer = await viewer.get("/oauth/authorize?social=%22%3E%3Cb%3E&code=%3Cb%3E&state=%3Cb%3E", headers=BROWSER)

    assert answer.headers["content-type"].startswith("text/html")
    assert "<b>" not in answer.text


async def test_when_to_come_back_is_told_in_the_header_too(social_service: Service, emulator: Emulator) -> None:
    async with social_service.viewer() as viewer:
        emulator.decide("vk", persona="anna")
        emulator.fault("vk", "token", faults.status(503))
        departure = await viewer.depart("vk")
        answer = await viewer.get(await viewer.visit_provider(departure), headers=BROWSER)

    assert answer.status == 503
    assert int(answer.headers["retry-after"]) > 0
    assert "Соцсеть сейчас не отвечает" in answer.text


def test_every_code_with_russian_words_exists() -> None:
    assert set(KNOWN) <= set(AppError.catalogue)
