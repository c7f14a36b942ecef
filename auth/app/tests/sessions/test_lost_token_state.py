"""The token store forgets or cannot be read: nobody is logged out, and nothing is allowed by mistake."""

from datetime import timedelta
from uuid import UUID

import pytest

from app.tests.support.clock import ManualClock
from app.tests.support.people import execute, signed_in
from app.tests.support.service import Service
from app.tests.support.token_states import dump_token_states, lose_token_states, overwrite_token_states
from app.tests.support.tokens import claims_of
from app.tests.support.viewer import Viewer

PAST_THE_WINDOW = timedelta(seconds=11)


async def test_nobody_is_logged_out_by_an_empty_store(service: Service, anna: Viewer, clock: ManualClock) -> None:
    """FS-08: neither by the access token nor by the refresh token."""
    anna.keep(await anna.refresh())

    await lose_token_states(service)
    me = await anna.get("/me")
    await lose_token_states(service)
    refreshed = anna.keep(await anna.refresh())

    assert (me.status, refreshed.status) == (200, 200)
    assert claims_of(anna.refresh_token)["gen"] == 2
    clock.advance(PAST_THE_WINDOW)
    assert (await anna.refresh()).status == 200


@pytest.mark.parametrize("path", ["/logout", "/logout/all"])
async def test_what_was_revoked_does_not_return_from_an_empty_store(path: str, service: Service, anna: Viewer) -> None:
    """FS-08, rule 2.1-2: the row in SQL says that the session has ended."""
    await anna.post(path)

    await lose_token_states(service)
    me, refreshed = await anna.get("/me"), await anna.refresh()

    assert (me.status, refreshed.status) == (401, 401)
    assert await dump_token_states(service) == []


async def test_a_stolen_session_does_not_return_from_an_empty_store(
    service: Service, anna: Viewer, clock: ManualClock
) -> None:
    stolen = anna.refresh_token
    anna.keep(await anna.refresh())
    clock.advance(PAST_THE_WINDOW)
    await anna.refresh(stolen)

    await lose_token_states(service)

    assert [(await anna.get("/me")).status, (await anna.refresh()).status] == [401, 401]


async def test_a_session_past_its_absolute_end_is_not_restored(
    service: Service, anna: Viewer, clock: ManualClock
) -> None:
    for _ in range(2):
        clock.advance(timedelta(days=13))
        anna.keep(await anna.refresh())
    clock.advance(timedelta(days=4, seconds=1))

    await lose_token_states(service)

    assert (await anna.refresh()).code == "refresh-token-invalid"
    assert await dump_token_states(service) == []


async def test_a_generation_ahead_of_the_store_moves_it_forward(
    service: Service, anna: Viewer, clock: ManualClock
) -> None:
    """FS-09: the store lost its last second; the token that it forgot is not mistaken for a replay."""
    for _ in range(3):
        anna.keep(await anna.refresh())
        clock.advance(PAST_THE_WINDOW)
    await overwrite_token_states(service, "generation", 1)

    newest, answer = anna.refresh_token, await anna.refresh()

    assert answer.status == 200
    assert claims_of(answer.json["refresh_token"])["gen"] == 4
    clock.advance(PAST_THE_WINDOW)
    assert (await anna.refresh(newest)).code == "refresh-token-reused"


async def test_roles_come_back_with_a_restored_session(service: Service, anna: Viewer) -> None:
    await execute(service, "INSERT INTO roles VALUES ('editor', 'Editor', '[]')")
    async with service.services.storage.transaction() as tx:
        await tx.roles.grant(UUID(claims_of(anna.access_token)["sub"]), "editor")

    await lose_token_states(service)
    answer = await anna.refresh()

    assert claims_of(answer.json["access_token"])["roles"] == ["editor"]


BROKEN = {
    "roles are no JSON": ("roles", "{["),
    "roles are no list": ("roles", "7"),
    "the end is no moment": ("expires_at", "never"),
    "the rotation is no moment": ("rotated_at", ""),
    "the generation is no number": ("generation", "many"),
    "the end mark is no truth": ("ended", "perhaps"),
}


@pytest.mark.parametrize(("name", "value"), BROKEN.values(), ids=BROKEN.keys())
async def test_a_state_that_cannot_be_read_allows_nothing(
    name: str, value: str, service: Service, anna: Viewer
) -> None:
    """SE-25: 503 or 401, never "allowed because the look-up failed"."""
    await overwrite_token_states(service, name, value)

    answers = [await anna.get("/me"), await anna.refresh()]

    assert {answer.status for answer in answers} <= {401, 503}
    assert all("Retry-After" in answer.headers for answer in answers if answer.status == 503)


async def test_a_client_that_was_told_503_goes_on_when_the_state_can_be_read_again(
    service: Service, anna: Viewer
) -> None:
    """Rule 2.1-3: the token that was refused with 503 still works later."""
    await overwrite_token_states(service, "roles", "{[")
    during = await anna.refresh()
    await overwrite_token_states(service, "roles", "[]")

    after = await anna.refresh()

    assert (during.status, after.status) == (503, 200)


async def test_a_session_whose_account_is_gone_opens_nothing(service: Service, anna: Viewer) -> None:
    """SE-11: the sessions go with the account."""
    await execute(service, "DELETE FROM users")

    assert (await anna.get("/me")).status == 401


async def test_the_store_holds_no_token(service: Service, anna: Viewer) -> None:
    """SE-06: reading it gives nothing that could be presented."""
    anna.keep(await anna.refresh())
    async with signed_in(service, "anna@example.ru") as other:
        secrets = {part for token in (anna.refresh_token, other.refresh_token) for part in token.split(".")[1:]}

        states = await dump_token_states(service)

        assert len(states) == 2
        assert not any(secret in state for state in states for secret in secrets)
