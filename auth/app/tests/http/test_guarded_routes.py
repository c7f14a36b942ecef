"""AZ-01: what needs a caller, or a permission of theirs, opens to nobody else.

Run from the OpenAPI document, so that new routes are covered.
"""

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from app.http.permissions import Permission
from app.main import describe_api
from app.ports.fresh import MAX_AGE
from app.roles.model import Role
from app.settings import Settings
from app.tests.support.people import execute
from app.tests.support.rights import id_of, make_role, staff, superuser
from app.tests.support.service import Service
from app.tests.support.viewer import Viewer

Operation = tuple[str, str]


@pytest.fixture(scope="module")
def operations() -> list[tuple[Operation, list[str]]]:
    """Every guarded operation with the permissions that it needs."""
    return list(guarded(describe_api(Settings())))


def guarded(document: dict[str, Any]) -> Iterator[tuple[Operation, list[str]]]:
    for path, item in document["paths"].items():
        for method, operation in item.items():
            requirements = operation.get("security", [])
            for requirement in requirements if {} not in requirements else []:  # with an empty one, a token is optional
                for permissions in requirement.values():
                    yield (method.upper(), path), permissions


async def everything(service: Service) -> dict[str, Any]:
    """All that an administrator could have changed."""
    tables = ("users", "roles", "user_roles", "mail_tokens", "sessions", "login_history", "social_accounts")
    return {table: await execute(service, f"SELECT * FROM {table}") for table in tables}


async def answer_to(viewer: Viewer, operation: Operation, service: Service, token: str | None) -> int:
    """The status of an empty request; a path parameter stands for itself, but an id has to look like one."""
    method, path = operation
    path = re.sub(r"\{\w*id\}", str(UUID(int=0)), path.replace("{role}", "editor"))
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    return (await viewer.call(method, service.url + path, headers=headers)).status


async def test_no_guarded_operation_opens_without_a_valid_token(
    service: Service, viewer: Viewer, anna: Viewer, operations: list[tuple[Operation, list[str]]]
) -> None:
    expired = anna.access_token
    service.clock.advance(timedelta(minutes=6))
    ended = (await anna.login("anna@example.ru")).json["access_token"]
    await anna.post("/logout")
    await anna.login("anna@example.ru")
    tokens = {"none": None, "made up": "x.y.z", "expired": expired, "ended": ended, "refresh": anna.refresh_token}
    async with superuser(service) as root, staff(service, "clerk@example.ru", *Permission) as clerk:
        await root.call("PATCH", f"/users/{id_of(clerk)}", json={"blocked": True})
        tokens["of a blocked administrator"] = clerk.access_token
    before = await everything(service)

    statuses = {
        (*operation, name): await answer_to(viewer, operation, service, token)
        for operation, _ in operations
        for name, token in tokens.items()
    }

    assert {each: status for each, status in statuses.items() if status != 401} == {}
    assert await everything(service) == before
    assert (await anna.get("/me")).status == 200


async def test_no_operation_opens_to_whoever_lacks_its_permission(
    service: Service, anna: Viewer, operations: list[tuple[Operation, list[str]]]
) -> None:
    """Neither to a viewer, nor to somebody who holds all the other permissions."""
    wanted = {permission for _, permissions in operations for permission in permissions}
    await make_role(service, "editor")
    async with staff(service, "clerk@example.ru") as clerk:
        for operation, permissions in [each for each in operations if each[1]]:
            await change_role(service, "of-clerk", wanted - {*permissions})
            before = await everything(service)

            statuses = [await answer_to(each, operation, service, each.access_token) for each in (anna, clerk)]

            assert statuses == [403, 403], operation
            assert await everything(service) == before, operation


def test_what_is_not_ones_own_is_guarded_by_a_permission(operations: list[tuple[Operation, list[str]]]) -> None:
    unguarded = {path for (_, path), permissions in operations if not permissions}

    assert len(operations) >= 10
    assert not [path for path in unguarded if "/roles" in path or "/users" in path]


async def change_role(service: Service, name: str, permissions: set[str]) -> None:
    async with service.services.storage.transaction() as tx:
        await tx.roles.change(Role(name=name, title=name, permissions=tuple(permissions)))
    service.clock.advance(MAX_AGE)
