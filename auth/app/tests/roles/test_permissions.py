"""What a permission is, and who holds it."""

from datetime import timedelta

import pytest

from app.http.permissions import Permission, PermissionDenied, require_permissions
from app.roles.model import is_permission
from app.tests.support.clock import ManualClock
from app.tests.support.people import execute
from app.tests.support.rights import grant, staff, superuser
from app.tests.support.service import Service
from app.tests.support.viewer import Viewer


async def test_a_holder_is_told_yes_and_everybody_else_no(service: Service, anna: Viewer) -> None:
    """`check_permission`."""
    async with staff(service, "clerk@example.ru", "films.edit") as clerk:
        answers = {
            "held": await clerk.get("/me/permissions/films.edit"),
            "another": await clerk.get("/me/permissions/films.read"),
            "part": await clerk.get("/me/permissions/films.edi"),
            "nothing": await anna.get("/me/permissions/films.edit"),
        }

    assert (answers["held"].status, answers["held"].text) == (204, "")
    assert {(answers[name].status, answers[name].code) for name in ("another", "part", "nothing")} == {
        (403, "permission-denied")
    }
    assert answers["another"].json["permissions"] == ["films.read"]


async def test_a_superuser_holds_what_nobody_has_thought_of_yet(service: Service) -> None:
    async with superuser(service) as root:
        assert (await root.get("/me/permissions/popcorn.refill")).status == 204


async def test_what_is_no_permission_is_not_found(service: Service) -> None:
    """AZ-07: by a superuser too, who holds all that there can be."""
    names = ["*", "films", "films.*", "Films.edit", "films.edit%0A", "%00.a", "a..b", "a." * 99]
    async with superuser(service) as root:
        statuses = {name: (await root.get(f"/me/permissions/{name}")).status for name in names}

    assert set(statuses.values()) == {404}, statuses


async def test_a_granted_role_counts_for_living_tokens(service: Service, anna: Viewer) -> None:
    before = (await anna.get("/me/permissions/roles.read")).status
    await grant(service, anna, "superuser")

    assert (before, (await anna.get("/me/permissions/roles.read")).status) == (403, 204)


async def test_a_change_in_another_process_counts_within_a_second(
    service: Service, anna: Viewer, clock: ManualClock
) -> None:
    async with staff(service, "clerk@example.ru", "films.edit") as clerk:
        assert (await clerk.get("/me/permissions/films.edit")).status == 204
        await execute(service, "UPDATE roles SET permissions = '[]' WHERE name = 'of-clerk'")
        clock.advance(timedelta(seconds=1))

        assert (await clerk.get("/me/permissions/films.edit")).status == 403


def test_the_permissions_of_this_service_are_permissions() -> None:
    assert [each for each in Permission if not is_permission(each)] == []


def test_who_lacks_one_of_several_is_told_which() -> None:
    require_permissions({"a.a", "b.b"}, {"a.a"})
    require_permissions({"*"}, {"a.a", "b.b"})
    require_permissions(set(), set())

    with pytest.raises(PermissionDenied) as refusal:
        require_permissions({"a.a"}, {"a.a", "c.c", "b.b"})

    assert refusal.value.extra == {"permissions": ["b.b", "c.c"]}
