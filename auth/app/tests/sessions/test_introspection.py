"""SE-23: what a token is worth now, told to the cinema's own services and to nobody else."""

import hashlib
from base64 import b64encode
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import event

from app.sessions.service_clients import NewClient, create_client, revoke_client
from app.settings import Secret
from app.tests.support.clock import ManualClock
from app.tests.support.people import execute, signed_in
from app.tests.support.redis import RedisServer
from app.tests.support.rights import grant, id_of, make_role, staff, superuser
from app.tests.support.service import Service, serving
from app.tests.support.tokens import claims_of
from app.tests.support.viewer import Answer, Viewer

INACTIVE = {"active": False}


@pytest.fixture
async def billing(service: Service) -> AsyncIterator[Viewer]:
    """A service of the cinema."""
    async with service.viewer(Authorization=basic(await make_client(service))) as asking:
        yield asking


async def make_client(service: Service, name: str = "billing") -> NewClient:
    made = await create_client(service.services.storage, name, at=service.clock.now())
    service.clock.advance(timedelta(seconds=1))
    return made


def basic(made: NewClient) -> str:
    return encode(f"{made.client.id}:{made.secret}".encode())


def encode(credentials: bytes) -> str:
    return "Basic " + b64encode(credentials).decode()


async def introspect(viewer: Viewer, token: str, **form: str) -> Answer:
    return await viewer.post("/introspect", data={"token": token, **form})


async def test_a_living_token_is_told_with_all_that_it_says(service: Service, anna: Viewer, billing: Viewer) -> None:
    await make_role(service, "editor", "films.edit", "films.read")
    await grant(service, anna, "editor")
    claims = claims_of(anna.access_token)

    answer = await introspect(billing, anna.access_token, token_type_hint="access_token")

    assert (answer.status, answer.headers["Cache-Control"]) == (200, "no-store")
    assert answer.json == {
        "active": True,
        "sub": str(id_of(anna)),
        "token_type": "Bearer",
        "roles": ["editor"],
        "permissions": ["films.edit", "films.read"],
        **{name: claims[name] for name in ("sid", "iat", "exp", "iss", "aud")},
    }


async def test_roles_and_permissions_are_those_of_now(service: Service, anna: Viewer, billing: Viewer) -> None:
    """JW-18: the token names none."""
    await grant(service, anna, "superuser")

    told = (await introspect(billing, anna.access_token)).json

    assert (claims_of(anna.access_token)["roles"], told["roles"], told["permissions"]) == ([], ["superuser"], ["*"])


async def test_what_opens_nothing_is_inactive_and_no_more_is_told(
    service: Service, anna: Viewer, billing: Viewer
) -> None:
    """Unknown, made up, of another kind, ended, blocked, expired: all alike."""
    tokens = {"refresh": anna.refresh_token, "made up": "x.y.z", "empty": "", "long": "a" * 8000, "odd": "\x00é\n*"}
    async with signed_in(service, "anna@example.ru") as phone, superuser(service) as root:
        async with signed_in(service, "boris@example.ru") as boris:
            await root.call("PATCH", f"/users/{id_of(boris)}", json={"blocked": True})
            tokens["blocked"] = boris.access_token
        await phone.post("/logout")
        tokens["ended"] = phone.access_token
    alive = (await introspect(billing, anna.access_token)).json["active"]
    service.clock.advance(timedelta(minutes=6))
    tokens["expired"] = anna.access_token

    answers = {name: await introspect(billing, token) for name, token in tokens.items()}

    assert alive
    assert {name: (answer.status, answer.json) for name, answer in answers.items()} == dict.fromkeys(
        tokens, (200, INACTIVE)
    )


async def test_nobody_asks_without_credentials_of_a_service(service: Service, anna: Viewer) -> None:
    """Not even who holds every permission; and what is asked about does not matter."""
    made, revoked = await make_client(service), await make_client(service, "old")
    await revoke_client(service.services.storage, revoked.client.id)
    service.clock.advance(timedelta(seconds=1))
    user, secret = str(made.client.id), made.secret
    async with superuser(service) as root:
        headers = {
            "a superuser": f"Bearer {root.access_token}",
            "revoked": basic(revoked),
            "unknown": encode(f"{uuid4()}:{secret}".encode()),
            "another's secret": encode(f"{user}:{revoked.secret}".encode()),
            "no secret": encode(f"{user}:".encode()),
            "no colon": encode(user.encode()),
            "by name": encode(f"billing:{secret}".encode()),
            "capitals": encode(f"{user.upper()}:{secret}".encode()),
            "the hash": encode(f"{user}:{made.client.secret_hash.hex()}".encode()),
            "longer": encode(f"{user}:{secret}x".encode()),
            "not text": encode(b"\xff\xfe:\xff"),
            "no base64": "Basic ***",
            "url-safe base64": "Basic _-_-",
            "nothing": "Basic ",
            "twice": f"{basic(made)}, {basic(made)}",
        }
    async with service.viewer() as viewer:
        answers = [await viewer.post("/introspect", data={"token": anna.access_token})]
        for value in headers.values():
            answer = await viewer.post(
                "/introspect", data={"token": anna.access_token}, headers={"Authorization": value}
            )
            answers.append(answer)

    assert {(answer.status, answer.code) for answer in answers} == {(401, "client-authentication-required")}
    assert {answer.headers["WWW-Authenticate"].partition(" ")[0] for answer in answers} == {"Basic"}


async def test_two_headers_are_none(service: Service, anna: Viewer) -> None:
    made = await make_client(service)
    twice = [("Authorization", basic(made)), ("Authorization", basic(made))]
    async with service.viewer() as viewer:
        url = viewer.api + "/introspect"
        async with viewer.session.post(url, data={"token": anna.access_token}, headers=twice) as answer:
            assert answer.status == 401


async def test_a_question_is_a_form_with_one_token(anna: Viewer, billing: Viewer) -> None:
    """RFC 7662, section 2.1; what two readers could read differently is refused."""
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    token = anna.access_token
    bodies: dict[str, tuple[bytes, dict[str, str], int]] = {
        "right": (f"token={token}".encode(), form, 200),
        "with a charset": (f"token={token}".encode(), {"Content-Type": form["Content-Type"] + "; charset=UTF-8"}, 200),
        "twice": (f"token={token}&token={token}".encode(), form, 400),
        "twice, hidden": (f"token={token}&tok%65n={token}".encode(), form, 400),
        "no form": (b"token", form, 400),
        "broken": (b"token=%ff", form, 400),
        "not ASCII": (b"token=\xff", form, 400),
        "another member": (b"access_token=x", form, 422),
        "too long": (b"token=" + b"a" * 8193, form, 422),
        "far too long": (b"token=" + b"a" * 70_000, form, 413),
        "nothing": (b"", form, 422),
        "JSON": (b'{"token":"x"}', {"Content-Type": "application/json"}, 415),
        "multipart": (b"token=x", {"Content-Type": "multipart/form-data; boundary=x"}, 415),
    }

    statuses = {
        name: (await billing.post("/introspect", data=body, headers=headers)).status
        for name, (body, headers, _) in bodies.items()
    }
    by_query = await billing.call("POST", f"/introspect?token={token}")

    assert statuses == {name: status for name, (_, _, status) in bodies.items()}
    assert by_query.status == 422


async def test_forms_are_taken_nowhere_else(viewer: Viewer) -> None:
    """They would open every route to plain pages of other sites."""
    assert (await viewer.post("/login", data={"email": "anna@example.ru", "password": "x"})).status == 415


async def test_a_revoked_client_asks_no_more_within_a_second(service: Service, anna: Viewer) -> None:
    made = await make_client(service)
    async with service.viewer(Authorization=basic(made)) as asking:
        before = (await introspect(asking, anna.access_token)).status
        await revoke_client(service.services.storage, made.client.id)
        service.clock.advance(timedelta(seconds=1))

        assert (before, (await introspect(asking, anna.access_token)).status) == (200, 401)


async def test_the_database_holds_no_secret(service: Service) -> None:
    made = await make_client(service)

    [row] = await execute(service, "SELECT * FROM service_clients")

    assert len(made.secret) == 43
    assert row["secret_hash"] == hashlib.sha256(made.secret.encode()).digest()
    assert made.secret not in repr(row) + repr(made)


async def test_guessing_is_limited_and_asking_is_not(tmp_path: Path, clock: ManualClock) -> None:
    """RL-13: also while others guess from the same network."""
    async with serving(tmp_path / "data", clock, rate_limits=True) as service:
        made = await make_client(service)
        async with service.viewer(Authorization=basic(made)) as asking, service.viewer() as guessing:
            wrong = {"Authorization": encode(f"{made.client.id}:guess".encode())}
            guesses = [await guessing.post("/introspect", data={"token": "x"}, headers=wrong) for _ in range(80)]
            answers = [await introspect(asking, "x") for _ in range(80)]

    assert guesses[0].status == 401
    assert guesses[-1].status == 429
    assert int(guesses[-1].headers["Retry-After"]) > 0
    assert {answer.status for answer in answers} == {200}


async def test_with_redis_a_question_costs_the_database_nothing(
    redis: RedisServer, tmp_path: Path, clock: ManualClock
) -> None:
    """Clients, keys and roles are at hand, and Redis has the session."""
    statements: list[Any] = []
    async with (
        serving(tmp_path / "data", clock, redis_url=Secret(redis.fresh_database())) as service,
        staff(service, "clerk@example.ru", "films.edit") as clerk,
    ):
        made = await make_client(service)
        async with service.viewer(Authorization=basic(made)) as asking:
            await introspect(asking, clerk.access_token)
            engine = service.services.storage._engine.sync_engine
            event.listen(engine, "before_cursor_execute", lambda *seen: statements.append(seen[2]))

            answers = [await introspect(asking, clerk.access_token) for _ in range(20)]

    assert {tuple(answer.json["permissions"]) for answer in answers} == {("films.edit",)}
    assert statements == []
