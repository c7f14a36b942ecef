"""The token store forgets or cannot be read: nobody is logged out, and nothing is allowed by mistake."""

from datetime import timedelta

import pytest

from app.tests.support.clock import ManualClock
from app.tests.support.people import execute, signed_in
from app.tests.support.service import Service
from app.tests.support.tokens import claims_of
from app.tests.support.viewer import Viewer

PAST_THE_WINDOW = timedelta(seconds=11)


async def lose_everything(service: Service) -> None:
    await execute(service, "DELETE FROM token_states")


async def test_nobody_is_logged_out_by_an_empty_store(service: Service, anna: Viewer, clock: ManualClock) -> None:
    """FS-08: neither by the access token nor by the refresh token."""
    anna.keep(await anna.refresh())

    await lose_everything(service)
    me = await anna.get("/me")
    await lose_everything(service)
    refreshed = anna.keep(await anna.refresh())

    assert (me.status, refreshed.status) == (200, 200)
    assert claims_of(anna.refresh_token)["gen"] == 2
    clock.advance(PAST_THE_WINDOW)
    assert (await anna.refresh()).status == 200


@pytest.mark.parametrize("path", ["/logout", "/logout/all"])
async def test_what_was_revoked_does_not_return_from_an_empty_store(path: str, service: Service, anna: Viewer) -> None:
    """FS-08, rule 2.1-2: the row in SQL says that the session has ended."""
    await anna.post(path)

    await lose_everything(service)
    me, refreshed = await anna.get("/me"), await anna.refresh()

    assert (me.status, refreshed.status) == (401, 401)
    assert await execute(service, "SELECT 1 FROM token_states") == []


async def test_a_stolen_session_does_not_return_from_an_empty_store(
    service: Service, anna: Viewer, clock: ManualClock
) -> None:
    stolen = anna.refresh_token
    anna.keep(await anna.refresh())
    clock.advance(PAST_THE_WINDOW)
    await anna.refresh(stolen)

    await lose_everything(service)

    assert [(await anna.get("/me")).status, (await anna.refresh()).status] == [401, 401]


async def test_a_session_past_its_absolute_end_is_not_restored(
    service: Service, anna: Viewer, clock: ManualClock
) -> None:
    for _ in range(2):
        clock.advance(timedelta(days=13))
        anna.keep(await anna.refresh())
    clock.advance(timedelta(days=4, seconds=1))

    await lose_everything(service)

    assert (await anna.refresh()).code == "refresh-token-invalid"
    assert await execute(service, "SELECT 1 FROM token_states") == []


async def test_a_generation_ahead_of_the_store_moves_it_forward(
    service: Service, anna: Viewer, clock: ManualClock
) -> None:
    """FS-09: the store lost its last second; the token that it forgot is not mistaken for a replay."""
    for _ in range(3):
        anna.keep(await anna.refresh())
        clock.advance(PAST_THE_WINDOW)
    await execute(service, "UPDATE token_states SET generation = 1")

    newest, answer = anna.refresh_token, await anna.refresh()

    assert answer.status == 200
    assert claims_of(answer.json["refresh_token"])["gen"] == 4
    clock.advance(PAST_THE_WINDOW)
    assert (await anna.refresh(newest)).code == "refresh-token-reused"


async def test_roles_come_back_with_a_restored_session(service: Service, anna: Viewer) -> None:
    await execute(service, "INSERT INTO roles VALUES ('editor', 'Editor', '[]')")
    await execute(service, "INSERT INTO user_roles SELECT id, 'editor' FROM users")

    await lose_everything(service)
    answer = await anna.refresh()

    assert claims_of(answer.json["access_token"])["roles"] == ["editor"]


BROKEN = {
    "roles are no JSON": "UPDATE token_states SET roles = '{['",
    "roles are no list": "UPDATE token_states SET roles = '7'",
    "the owner is no identifier": "UPDATE token_states SET user_id = 'nobody'",
    "the end is no moment": "UPDATE token_states SET expires_at = 'never'",
    "the rotation is no moment": "UPDATE token_states SET rotated_at = ''",
    "the generation is no number": "UPDATE token_states SET generation = 'many'",
    "the end mark is no truth": "UPDATE token_states SET ended = 'perhaps'",
    "the owner is somebody else": "UPDATE token_states SET user_id = '00000000000000000000000000000000'",
}


@pytest.mark.embedded
@pytest.mark.parametrize("damage", BROKEN.values(), ids=BROKEN.keys())
async def test_a_state_that_cannot_be_read_allows_nothing(damage: str, service: Service, anna: Viewer) -> None:
    """SE-25: 503 or 401, never "allowed because the look-up failed"."""
    await execute(service, damage)

    answers = [await anna.get("/me"), await anna.refresh()]

    assert {answer.status for answer in answers} <= {401, 503}
    assert all("Retry-After" in answer.headers for answer in answers if answer.status == 503)


@pytest.mark.embedded
async def test_a_client_that_was_told_503_goes_on_when_the_state_can_be_read_again(
    service: Service, anna: Viewer
) -> None:
    """Rule 2.1-3: the token that was refused with 503 still works later."""
    await execute(service, "UPDATE token_states SET roles = '{['")
    during = await anna.refresh()
    await execute(service, "UPDATE token_states SET roles = '[]'")

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

        rows = await execute(service, "SELECT * FROM token_states")

        assert len(rows) == 2
        assert not any(secret in str(value) for row in rows for value in row.values() for secret in secrets)
