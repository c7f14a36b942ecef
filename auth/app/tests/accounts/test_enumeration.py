"""No answer tells whether an address has an account: status, headers and body are the same."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event

from app.accounts.email_address import find_email
from app.accounts.errors import InvalidCredentials
from app.accounts.login import Credentials, login
from app.tests.storage.events import HERE
from app.tests.support.clock import ManualClock
from app.tests.support.people import block, execute, register
from app.tests.support.service import Service, serving
from app.tests.support.viewer import PASSWORD, Answer, Viewer

OF_THE_MOMENT = {"date", "x-request-id"}


async def everybody(service: Service) -> None:
    """One account of each kind, named after what it is."""
    for kind in ("confirmed", "blocked", "social", "corrupt", "empty", "cheap"):
        await register(service, f"{kind}@example.ru")
    await block(service, "blocked@example.ru")
    damage = "UPDATE users SET password_hash = :hash WHERE email_key = :email"
    await execute(service, damage, hash=None, email="social@example.ru")
    await execute(service, damage, hash="$argon2id$v=19$m=8,t=1,p=1$corrupt", email="corrupt@example.ru")
    await execute(service, damage, hash="пароль", email="empty@example.ru")
    async with service.viewer() as viewer:
        await viewer.post("/register", {"email": "unconfirmed@example.ru", "password": PASSWORD})


KINDS = ("unknown", "confirmed", "blocked", "social", "corrupt", "empty", "cheap", "unconfirmed")


def seen(answer: Answer, address: str) -> tuple[int, list[tuple[str, str]], Any]:
    """All that a caller can compare, less the time and the request id."""
    headers = [(name.lower(), value) for name, value in answer.headers.items() if name.lower() not in OF_THE_MOMENT]
    body = {name: value for name, value in (answer.json or {}).items() if name != "request_id"}
    assert address not in answer.text
    return answer.status, headers, body


async def ask_all(viewer: Viewer, path: str, **body: str) -> dict[str, Any]:
    answers = {}
    for kind in KINDS:
        email = f"{kind}@example.ru"
        answers[kind] = seen(await viewer.post(path, {"email": email, **body}), email)
    return answers


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("/register", {"password": "seven quiet blue boats"}, 202),
        ("/register", {"password": "short"}, 422),
        ("/email/confirm/resend", {}, 202),
        ("/login", {"password": "not the right one"}, 401),
        ("/login", {"password": ""}, 401),
    ],
    ids=["EN-02 register", "EN-02 weak password", "EN-03 resend", "EN-01 login", "EN-11 empty password"],
)
async def test_every_kind_of_account_answers_alike(
    path: str, body: dict[str, str], status: int, service: Service, viewer: Viewer
) -> None:
    """EN-01 to EN-03, EN-09, EN-11: a corrupt hash and an account without a password included."""
    await everybody(service)

    answers = await ask_all(viewer, path, **body)

    assert answers["unknown"][0] == status
    assert answers == dict.fromkeys(KINDS, answers["unknown"])


async def test_a_wrong_password_asks_the_database_the_same_whosever_address_it_is(service: Service) -> None:
    """EN-10: what is asked of known addresses alone would tell them by its time, the more so the longer it takes."""
    await everybody(service)
    asked: dict[str, list[str]] = {kind: [] for kind in KINDS}

    for kind in KINDS:
        credentials = Credentials(email=find_email(f"{kind}@example.ru"), password="not the right one")
        with statements_of(service, asked[kind]), pytest.raises(InvalidCredentials):
            await login(service.services.accounts, credentials, HERE)

    assert asked == dict.fromkeys(KINDS, asked["unknown"])
    assert len([each for each in asked["unknown"] if each.startswith(("SELECT", "INSERT"))]) == 2


@contextmanager
def statements_of(service: Service, asked: list[str]) -> Iterator[None]:
    """Notes what is asked by the service's second door."""
    engine = service.services.storage._engine.sync_engine

    def note(*seen: Any) -> None:
        asked.append(seen[2])

    event.listen(engine, "before_cursor_execute", note)
    yield
    event.remove(engine, "before_cursor_execute", note)


@pytest.mark.parametrize(
    "text", ["", "no address", "a@b", "a@@example.ru", "@example.ru", "a@example.ru ;", "\u0000@a.ru"]
)
async def test_a_login_by_what_is_no_address_is_answered_as_an_unknown_one(text: str, viewer: Viewer) -> None:
    """EN-01: so that whoever mistypes learns as little as whoever guesses."""
    unknown = await viewer.post("/login", {"email": "unknown@example.ru", "password": PASSWORD})

    answer = await viewer.post("/login", {"email": text, "password": PASSWORD})

    assert seen(answer, "\ufffe") == seen(unknown, "\ufffe")


async def test_the_state_of_an_account_shows_only_after_its_password(service: Service, viewer: Viewer) -> None:
    await everybody(service)

    codes = {
        kind: (await viewer.post("/login", {"email": f"{kind}@example.ru", "password": PASSWORD})).code
        for kind in KINDS
    }

    wrong = "invalid-credentials"
    told = {"confirmed": None, "cheap": None, "blocked": "account-blocked", "unconfirmed": "email-not-confirmed"}
    assert codes == dict.fromkeys(KINDS, wrong) | told


async def test_no_account_opens_by_the_decoy(tmp_path: Path, clock: ManualClock) -> None:
    """EN-11: an account without a hash is compared with a decoy, whose password must open nothing."""
    async with serving(tmp_path / "data", clock) as service, service.viewer() as viewer:
        await register(service, "anna@example.ru")
        decoys = ["a password that nobody has", "", "None"]
        for stored in (None, ""):
            await execute(service, "UPDATE users SET password_hash = :hash", hash=stored)

            answers = [await viewer.login("anna@example.ru", decoy) for decoy in decoys]

            assert [answer.status for answer in answers] == [401, 401, 401]


async def test_a_failed_confirmation_tells_no_address(service: Service, viewer: Viewer) -> None:
    """EN-14: used, expired, unknown and malformed tokens answer alike, without an address."""
    await register(service, "anna@example.ru")
    used = await service.confirmation_token("anna@example.ru")

    answers = [await viewer.post("/email/confirm", {"token": token}) for token in (used, "x" * 43, "", "\u0000", "ё")]

    assert {(answer.status, answer.code) for answer in answers} == {(400, "mail-token-invalid")}
    assert len({str(seen(answer, "anna")) for answer in answers}) == 1


async def test_every_failure_is_written_down_without_what_was_typed(service: Service, viewer: Viewer) -> None:
    """HI-01, HI-02: known and unknown alike; neither the password nor an unknown address is stored."""
    await register(service, "anna@example.ru")
    headers = {"User-Agent": "Телевизор\x85/1.0".encode().decode("latin-1")}

    for email in ("anna@example.ru", "unknown@example.ru"):
        await viewer.post("/login", {"email": email, "password": "not the right one"}, headers=headers)

    rows = await execute(service, "SELECT * FROM login_history ORDER BY id")
    assert [(row["outcome"], row["method"], row["user_id"] is None) for row in rows] == [
        ("wrong-password", "password", False),
        ("wrong-password", "password", True),
    ]
    assert {row["address"] for row in rows} == {"127.0.0.1"}
    assert "unknown@" not in str(rows)
    assert "right one" not in str(rows)
