"""What the service says about itself, and how it refuses."""

import json
import re
from pathlib import Path
from uuid import uuid4

import pytest

from app.errors import AppError
from app.tests.live.people import People
from app.tests.live.target import Target
from app.tests.support.viewer import Answer, Viewer

SNAPSHOT = Path(__file__).parents[3] / "openapi.json"
JSON = {"Content-Type": "application/json"}

# method, path, body, headers, expected status and code
REFUSALS = {
    "unknown path": ("GET", "/nope", None, {}, 404, "not-found"),
    "wrong method": ("DELETE", "/login", None, {}, 405, "method-not-allowed"),
    "no token": ("GET", "/me", None, {}, 401, "authentication-required"),
    "not a token": ("GET", "/me", None, {"Authorization": "Bearer nope"}, 401, "authentication-required"),
    "half a body": ("POST", "/login", b'{"email":', JSON, 400, "malformed-request"),
    "another type": ("POST", "/login", b"email=a", {"Content-Type": "text/plain"}, 415, "unsupported-media-type"),
    "too large": ("POST", "/login", b" " * 65_537, JSON, 413, "body-too-large"),
    "a member missing": ("POST", "/login", b'{"email":"a@b.ru"}', JSON, 422, "validation-failed"),
    "a number for text": ("POST", "/refresh", b'{"refresh_token":1}', JSON, 422, "validation-failed"),
    "no provider": ("GET", "/oauth/login", None, {}, 422, "validation-failed"),
    "a foreign token": ("POST", "/refresh", b'{"refresh_token":"a.b.c"}', JSON, 401, "refresh-token-invalid"),
    "an invented link": ("POST", "/email/confirm", b'{"token":"invented"}', JSON, 400, "mail-token-invalid"),
}


async def test_it_lives_and_is_ready(target: Target, visitor: Viewer) -> None:
    live = await visitor.get(f"{target.url}/livez")
    ready = await visitor.get(f"{target.url}/readyz")

    assert (live.status, ready.status) == (200, 200)
    assert ready.json == {"status": "ready", "failing": []}


async def test_swagger_ui_is_served_with_all_that_it_loads(target: Target, visitor: Viewer) -> None:
    """It works without the internet: nothing is loaded from elsewhere."""
    page = await visitor.get("/")

    parts = re.findall(r'(?:src|href)="([^"]+)"', page.text)
    assert (page.status, page.headers["Content-Type"]) == (200, "text/html; charset=utf-8")
    assert len(parts) >= 3
    for part in parts:
        assert part.startswith("/auth/api/v1/assets/")
        assert (await visitor.get(target.url + part)).status == 200


async def test_the_document_is_the_one_of_the_repository(visitor: Viewer) -> None:
    document = await visitor.get("/openapi.json")

    assert document.json == json.loads(SNAPSHOT.read_text(encoding="utf-8"))


@pytest.mark.parametrize("case", REFUSALS)
async def test_a_refusal_is_a_problem_with_a_code(case: str, visitor: Viewer) -> None:
    method, path, body, headers, status, code = REFUSALS[case]

    answer = await visitor.call(method, path, data=body, headers=headers)

    assert (answer.status, answer.code) == (status, code), answer.text
    assert answer.json["type"] == f"/auth/api/v1/problems/{code}"
    assert answer.json["request_id"] == answer.headers["X-Request-Id"]
    assert answer.headers["Cache-Control"] == "no-store"
    assert "Traceback" not in answer.text


async def test_a_problem_is_explained_at_its_address(target: Target, visitor: Viewer) -> None:
    problem = await visitor.get("/me")

    explained = await visitor.get(target.url + problem.json["type"])

    assert explained.json["code"] == problem.code
    assert explained.json["advice"] == AppError.catalogue[problem.code or ""].advice


async def test_a_request_id_is_taken_over(visitor: Viewer) -> None:
    given = str(uuid4())

    answer = await visitor.get("/me", headers={"X-Request-Id": given})

    assert answer.headers["X-Request-Id"] == given


async def test_every_answer_is_protected(target: Target, visitor: Viewer) -> None:
    answers = [await visitor.get(path) for path in ("/", "/nope", "/me", f"{target.url}/livez")]

    for headers in (answer.headers for answer in answers):
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
        assert ("Strict-Transport-Security" in headers) == target.settings.has_https
        assert "Server" not in headers


async def test_the_development_page_is_there_in_development_alone(target: Target, visitor: Viewer) -> None:
    answer = await visitor.get(f"{target.url}/dev/mail", headers={"Host": "localhost"})

    assert answer.status == (404 if target.settings.is_production else 200)


async def test_public_keys_are_public(target: Target, visitor: Viewer) -> None:
    answers: list[Answer] = [
        await visitor.get("/.well-known/jwks.json"),
        await visitor.get(f"{target.url}/.well-known/jwks.json"),
    ]

    assert answers[0].json == answers[1].json
    assert answers[0].headers["Cache-Control"] == "public, max-age=300"
    assert answers[0].json["keys"]
    for key in answers[0].json["keys"]:
        assert not {"d", "p", "q", "k"} & key.keys()


async def test_a_name_with_every_kind_of_letter_comes_back_as_it_was_sent(anna: Viewer, people: People) -> None:
    name = "Анна 安娜 🎬 O'Neil <b>"

    answer = await anna.call("PATCH", "/me", json={"name": name, "locale": "en"})

    assert (answer.status, answer.json["name"], answer.json["locale"]) == (200, name, "en")
