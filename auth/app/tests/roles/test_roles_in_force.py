"""Roles as tokens and the profile show them."""

import pytest

from app.ports.storage import UniqueViolation
from app.tests.support.people import execute
from app.tests.support.rights import grant, make_role
from app.tests.support.service import Service
from app.tests.support.tokens import claims_of
from app.tests.support.viewer import Viewer


async def test_a_sign_in_carries_the_roles_of_the_account(service: Service, anna: Viewer) -> None:
    await make_role(service, "editor", "films.edit", "films.read")
    await make_role(service, "critic", "reviews.edit", "films.read")
    for role in ("editor", "critic"):
        await grant(service, anna, role)

    await anna.login("anna@example.ru")
    me = (await anna.get("/me")).json

    assert claims_of(anna.access_token)["roles"] == ["critic", "editor"]
    assert me["roles"] == ["critic", "editor"]
    assert me["permissions"] == ["films.edit", "films.read", "reviews.edit"]


async def test_granting_a_role_again_changes_nothing(service: Service, anna: Viewer) -> None:
    """IN-16."""
    await make_role(service, "editor")

    for _ in range(3):
        await grant(service, anna, "editor")

    assert (await anna.get("/me")).json["roles"] == ["editor"]


@pytest.mark.parametrize("role", ["nobody", "", "Editor", "editor "])
async def test_a_role_that_does_not_exist_is_not_granted(role: str, service: Service, anna: Viewer) -> None:
    """AZ-09: no dangling grant that a later role of that name would fill with rights."""
    await make_role(service, "editor")

    with pytest.raises(UniqueViolation):
        await grant(service, anna, role)

    assert (await anna.get("/me")).json["roles"] == []


async def test_no_deletion_past_the_service_leaves_a_grant_behind(service: Service, anna: Viewer) -> None:
    """AZ-09: a later role of that name would fill it with rights."""
    await make_role(service, "editor", "films.edit")
    await grant(service, anna, "editor")

    with pytest.raises(UniqueViolation):
        await execute(service, "DELETE FROM roles WHERE name = 'editor'")

    assert (await anna.get("/me")).json["roles"] == ["editor"]


async def test_a_change_is_in_force_for_living_sessions(service: Service, anna: Viewer) -> None:
    """JW-18: the old access token acts with the rights of now, not with those that it names."""
    await make_role(service, "editor", "films.edit")
    user_id = await grant(service, anna, "editor")
    with_role = (await service.services.authenticate(anna.access_token)).roles
    await service.services.sessions.tokens.set_roles(user_id, (), version=2)

    without = (await service.services.authenticate(anna.access_token)).roles

    assert (with_role, without) == (("editor",), ())
    assert claims_of(anna.access_token)["roles"] == []
