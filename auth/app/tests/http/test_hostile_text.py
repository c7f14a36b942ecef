"""Text that breaks parsers, stores and logs, in every field of every body: refused or kept, never a crash."""

import json
from pathlib import Path
from typing import Any

import pytest

from app.tests.support.people import execute
from app.tests.support.process import Process, started
from app.tests.support.service import Service
from app.tests.support.viewer import PASSWORD, Viewer

HOSTILE = {
    "NUL": r'"a\u0000b"',
    "a high surrogate": r'"a\ud800b"',
    "a low surrogate": r'"a\udc00b"',
    "a pair": r'"a\ud83d\ude00b"',
    "a non-character": r'"a\uffffb"',
    "four bytes": '"a😀b"',
    "right to left": '"a\u202eb"',
    "line ends": r'"a\r\nb"',
    "an escape sequence": r'"a\u001b[31mb"',
    "SQL": "\"a' OR '1'='1' --\"",
    "a glob": '"*"',
    "Redis": r'"a\r\nFLUSHALL\r\n"',
    "a hash tag": '"{tag}:a:b"',
    "a template": '"{{7*7}}${7*7}"',
    "a path": '"../../etc/passwd"',
    "percent signs": '"%s%00%n%"',
    "empty": '""',
    "long": json.dumps("я" * 30_000),
    "a number": "1e308",
    "nothing": "null",
    "a list": "[]",
    "an object": "{}",
}

BODIES: dict[str, dict[str, str]] = {
    "/register": {"email": '"a@example.ru"', "password": '"slow green trams"', "name": '"a"', "locale": '"ru"'},
    "/login": {"email": '"a@example.ru"', "password": '"x"'},
    "/email/confirm": {"token": '"x"'},
    "/email/confirm/resend": {"email": '"a@example.ru"'},
    "/refresh": {"refresh_token": '"x"'},
    "/logout": {"refresh_token": '"x"'},
}


@pytest.mark.parametrize("path", BODIES)
async def test_no_text_in_any_field_crashes_a_route(path: str, service: Service, viewer: Viewer) -> None:
    """IN-02, IN-07, SE-20."""
    statuses: dict[str, int] = {}
    for field in BODIES[path]:
        for name, value in HOSTILE.items():
            body = ",".join(f'"{each}":{value if each == field else text}' for each, text in BODIES[path].items())

            answer = await viewer.post(path, data=f"{{{body}}}".encode(), headers={"Content-Type": "application/json"})

            statuses[f"{field}: {name}"] = answer.status
            assert answer.status < 400 or answer.code, answer.text

    assert set(statuses.values()) <= {202, 400, 401, 413, 422}, statuses


async def test_hostile_names_of_an_own_profile_are_refused_or_kept(anna: Viewer) -> None:
    """IN-07: what was accepted comes back as it was sent."""
    for value in HOSTILE.values():
        answer = await anna.call(
            "PATCH", "/me", data=f'{{"name":{value}}}'.encode(), headers={"Content-Type": "application/json"}
        )

        assert answer.status in {200, 400, 413, 422}
        if answer.status == 200:
            assert (await anna.get("/me")).json["name"] == json.loads(value)


@pytest.mark.parametrize(
    "code", ["%00", "%ff", "..%2f..%2fetc", "*", "{{7*7}}", "%0d%0aX-A:b", "a" * 5000, "%F0%9F%98%80"]
)
async def test_hostile_paths_are_not_found(code: str, viewer: Viewer) -> None:
    """AZ-07, IN-12."""
    answer = await viewer.get(f"/problems/{code}")

    assert (answer.status, answer.code) == (404, "not-found")
    assert "X-A" not in answer.headers


async def test_the_agent_that_calls_is_data(service: Service, anna: Viewer) -> None:
    """IN-07, IN-12: whatever a header says is stored as text, or cut."""
    agents = [b"\xff\xfe\xfd", "Телевизор".encode(), b"'; DROP TABLE users;--", b"{{7*7}}", b"x" * 8000]

    for agent in agents:
        body = {"email": "anna@example.ru", "password": "wrong"}
        answer = await anna.post("/login", body, headers={"User-Agent": agent.decode("latin-1")})
        assert answer.status == 401

    stored = [row["user_agent"] for row in await execute(service, "SELECT user_agent FROM login_history")]
    assert len(stored) == len(agents) + 1
    assert all(len(str(each)) <= 512 for each in stored)


async def exercise(process: Process) -> list[str]:
    """Use the service rightly and wrongly; give what must never be in its log."""
    nasty = {"User-Agent": 'a"}\u001b[31m{"event":"forged"'.replace("\u001b", ""), "X-Request-Id": 'x"}{"a":"b'}
    secrets: list[Any] = [PASSWORD, "wr0ng-pa55word", "secret-in-query", "anna@example.ru", "mail-t0ken-value"]
    async with process.viewer(**nasty) as viewer:
        await viewer.post("/register", {"email": "anna@example.ru", "password": PASSWORD, "name": "Эмма\u2028Ли"})
        await viewer.login("anna@example.ru", "wr0ng-pa55word")
        await viewer.login("anna@example.ru")
        secrets += [viewer.access_token.split(".")[2], viewer.refresh_token.split(".")[2]]
        await viewer.refresh()
        await viewer.get("/me?token=secret-in-query")
        await viewer.get("/oauth/authorize?social=yandex&code=secret-in-query&state=secret-in-query")
        await viewer.get("/secret-in-query")
        await viewer.post("/email/confirm", {"token": "mail-t0ken-value"})
        await viewer.post("/login", {"email": 'a"}\n{"event":"forged"}', "password": "wr0ng-pa55word"})
        await viewer.call("PUT", "/me")
        await viewer.post("/logout")
        await viewer.get(f"{process.url}/livez")  # a line follows its answer; this answer follows all those lines
    return secrets


async def test_one_line_of_json_for_each_event_and_no_secret_in_any(tmp_path: Path) -> None:
    """IN-12, HT-08: at the level of most words, in production's form."""
    production = {"AUTH_ENVIRONMENT": "production", "AUTH_PUBLIC_URL": "https://auth.cinema.example"}
    production |= {"AUTH_EMAIL_HOST": "127.0.0.1", "AUTH_EMAIL_PORT": "9", "AUTH_EMAIL_FROM": "auth@cinema.example"}
    variables = {**production, "AUTH_LOG_LEVEL": "debug", "AUTH_REQUIRE_CONFIRMED_EMAIL": "false"}
    async with started(tmp_path, **variables) as process:
        secrets = await exercise(process)

    lines = process.lines()
    requests = [line for line in lines if line["event"] == "request.finished"]
    paths = [line["path"] for line in requests if line["path"] != "/livez"]
    assert len(paths) == 11
    assert "/auth/api/v1/oauth/authorize" in paths
    assert not any("?" in path for path in paths)
    assert not any(line["event"] in {"forged", "request.crashed"} for line in lines)
    assert {"method", "status", "problem", "milliseconds", "request_id", "level", "timestamp"} <= set(requests[0])
    written = process.output.read_text(encoding="utf-8")
    assert [secret for secret in secrets if secret in written] == []
