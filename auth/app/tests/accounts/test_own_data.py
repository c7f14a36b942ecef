"""All own data to take along, and the erasure of the account."""

from datetime import timedelta
from typing import Any

import pytest

from app.accounts.export_words import ENGLISH, RUSSIAN
from app.sessions.model import LoginOutcome, SignInMethod
from app.settings import PROVIDERS
from app.tests.support.clock import ManualClock
from app.tests.support.people import execute, signed_in
from app.tests.support.service import Service
from app.tests.support.tokens import claims_of
from app.tests.support.viewer import PASSWORD, Answer, Viewer


async def erase(viewer: Viewer) -> Answer:
    return await viewer.call("DELETE", "/me")


async def test_the_export_has_everything_and_no_secret(service: Service, anna: Viewer) -> None:
    await anna.post("/login", {"email": "anna@example.ru", "password": "not this one"})

    answer = await anna.get("/me/export")

    assert answer.json["account"] == (await anna.get("/me")).json
    assert [each["outcome"] for each in answer.json["logins"]] == ["wrong-password", "succeeded"]
    assert [each["address"] for each in answer.json["sessions"]] == ["127.0.0.1"]
    assert answer.headers["Content-Disposition"].startswith("attachment;")
    assert "argon2" not in answer.text


@pytest.mark.parametrize("locale", ["ru", "en"])
async def test_the_export_can_be_a_page_to_read(anna: Viewer, locale: str) -> None:
    """152-FZ, article 14: in an understandable form. What callers have made up is shown and does nothing."""
    await anna.call("PATCH", "/me", json={"name": "<b>Анна</b>", "locale": locale})
    await anna.post("/login", {"email": "anna@example.ru", "password": "x"}, headers={"User-Agent": "<script>"})

    answer = await anna.get("/me/export", headers={"Accept": "text/html"})

    words = {"ru": ("Мои данные", "неверный пароль"), "en": ("My data", "wrong-password")}[locale]
    assert answer.headers["Content-Type"].startswith("text/html")
    assert (answer.headers["Cache-Control"], answer.headers["Content-Disposition"][-6:]) == ("no-store", '.html"')
    assert all(word in answer.text for word in (*words, "anna@example.ru", "&lt;b&gt;Анна&lt;/b&gt;", "127.0.0.1"))
    assert "<b>" not in answer.text
    assert "<script" not in answer.text


def test_the_page_has_words_for_everything() -> None:
    """The codes of the document are English already."""
    outcomes, methods = ({each.value for each in kind} for kind in (LoginOutcome, SignInMethod))

    assert {name: set(words) for name, words in RUSSIAN.codes.items()} == {
        "locale": {"ru", "en"},
        "social": set(PROVIDERS),
        "method": methods,
        "outcome": outcomes,
    }
    assert set(RUSSIAN.names) == set(ENGLISH.names)


async def test_the_export_is_the_caller_s_alone(service: Service, anna: Viewer) -> None:
    async with signed_in(service, "boris@example.ru") as boris:
        assert "anna@example.ru" not in (await boris.get("/me/export")).text


async def test_after_the_erasure_nothing_is_left(service: Service, anna: Viewer) -> None:
    """SE-11, LK-28: tokens, password, address and history are gone; the address is told, and free again."""
    user_id = claims_of(anna.access_token)["sub"]
    async with signed_in(service, "anna@example.ru") as elsewhere:
        erased = await erase(anna)

        assert erased.status == 204
        for viewer in (anna, elsewhere):
            assert [(await viewer.get("/me")).status, (await viewer.refresh()).status] == [401, 401]
        assert (await elsewhere.login("anna@example.ru")).code == "invalid-credentials"
    left = [await service.count(table) for table in ("users", "login_history", "user_roles", "mail_tokens")]
    assert left == [0, 1, 0, 0]  # the failed sign-in of just now, of nobody
    assert user_id not in str(await rows(service, "login_history"))
    assert {(row["address"], row["user_agent"]) for row in await rows(service, "sessions")} == {("0.0.0.0", "")}
    assert (await service.mails("anna@example.ru"))[0].subject == "Аккаунт удалён"
    async with service.viewer() as newcomer:
        assert (await newcomer.post("/register", {"email": "anna@example.ru", "password": PASSWORD})).status == 202


async def test_a_session_left_open_cannot_erase_the_account(service: Service, anna: Viewer, clock: ManualClock) -> None:
    for _ in range(3):
        clock.advance(timedelta(minutes=4))
        anna.keep(await anna.refresh())

    refused = await erase(anna)

    assert refused.code == "recent-sign-in-needed"
    assert (await anna.get("/me")).status == 200


async def test_of_two_erasures_the_second_finds_nobody(anna: Viewer) -> None:
    assert [(await erase(anna)).status for _ in range(2)] == [204, 401]


async def rows(service: Service, table: str) -> list[dict[str, Any]]:
    return [dict(row) for row in await execute(service, f"SELECT * FROM {table}")]
