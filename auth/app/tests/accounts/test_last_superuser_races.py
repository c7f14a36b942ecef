"""AZ-04, AZ-05: superusers take each other's rights, or lay down their own, at the same moment."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from app.roles.model import SUPERUSER
from app.settings import Secret
from app.tests.support.clock import ManualClock
from app.tests.support.people import execute
from app.tests.support.postgresql import PostgreSql
from app.tests.support.rights import grant, id_of, make_role, superuser
from app.tests.support.service import Service, serving
from app.tests.support.viewer import Answer, Viewer

ROUNDS = 20


async def revoke(viewer: Viewer, of: Viewer, role: str = SUPERUSER) -> Answer:
    return await viewer.call("DELETE", f"/users/{id_of(of)}/roles/{role}")


async def superusers(service: Service) -> int:
    """How many could act."""
    able = "SELECT 1 FROM user_roles JOIN users ON id = user_id WHERE role = 'superuser' AND blocked_at IS NULL"
    return len(await execute(service, able))


@asynccontextmanager
async def two(service: Service) -> AsyncIterator[tuple[Viewer, Viewer]]:
    async with superuser(service, "one@example.ru") as one, superuser(service, "other@example.ru") as other:
        yield one, other


async def again(service: Service, *viewers: Viewer) -> None:
    """Superusers all, as before the first round."""
    for viewer in viewers:
        await grant(service, viewer, SUPERUSER)


async def test_of_two_who_bring_each_other_down_one_stays(service: Service) -> None:
    async with two(service) as (one, other):
        for _ in range(ROUNDS):
            await again(service, one, other)

            answers = await asyncio.gather(revoke(one, other), revoke(other, one))

            assert Counter(answer.status for answer in answers)[204] == 1
            assert await superusers(service) == 1


async def test_of_two_who_lay_it_down_one_stays(service: Service) -> None:
    async with two(service) as (one, other):
        for _ in range(ROUNDS):
            await again(service, one, other)

            answers = await asyncio.gather(revoke(one, one), revoke(other, other))

            assert sorted(answer.status for answer in answers) == [204, 409]
            assert await superusers(service) == 1


async def test_of_two_who_leave_one_stays(service: Service) -> None:
    """One erases the account, the other lays the role down."""
    async with superuser(service) as other:
        for number in range(ROUNDS):
            await again(service, other)
            async with superuser(service, f"leaving{number}@example.ru") as leaving:
                answers = await asyncio.gather(leaving.call("DELETE", "/me"), revoke(other, other))

            assert sorted(answer.status for answer in answers) == [204, 409]
            assert await superusers(service) == 1
            await execute(service, "DELETE FROM users WHERE email_key LIKE 'leaving%'")


async def test_of_two_who_bring_each_other_down_one_has_acted_though_a_third_stays(service: Service) -> None:
    """AZ-05: rights that were taken a moment ago take nothing any more."""
    async with two(service) as (one, other), superuser(service, "third@example.ru"):
        for _ in range(ROUNDS):
            await again(service, one, other)

            answers = await asyncio.gather(revoke(one, other), revoke(other, one))

            assert Counter(answer.status for answer in answers)[204] == 1
            assert await superusers(service) == 2


@pytest.mark.parametrize("level", ["repeatable read", "serializable"])
async def test_one_stays_where_the_database_isolates_more(
    level: str, postgresql: PostgreSql, tmp_path: Path, clock: ManualClock
) -> None:
    """Whoever has waited there still sees what was true before, unless the row that they waited for has changed."""
    url = postgresql.fresh_database()
    postgresql.configure(url, "default_transaction_isolation", level)
    async with serving(tmp_path / "data", clock, database_url=Secret(url)) as service, two(service) as (one, other):
        for _ in range(ROUNDS):
            await again(service, one, other)

            answers = await asyncio.gather(revoke(one, one), revoke(other, other))

            assert sorted(answer.status for answer in answers) == [204, 409]
            assert await superusers(service) == 1


async def test_after_changes_at_once_tokens_say_what_is_stored(service: Service, anna: Viewer) -> None:
    """AZ-05: whatever comes last in the database counts, in whatever order the token store hears of it."""
    await make_role(service, "editor")
    await make_role(service, "critic")
    async with superuser(service) as root:
        for _ in range(ROUNDS):
            path = f"/users/{id_of(anna)}/roles"
            methods = ("PUT", "DELETE", "DELETE", "PUT", "DELETE", "PUT")

            answers = await asyncio.gather(
                *(root.call(method, f"{path}/{role}") for method in methods for role in ("editor", "critic"))
            )

            stored = [role["name"] for role in (await root.get(path)).json["items"]]
            in_force = (await service.services.authenticate(anna.access_token)).roles
            assert {answer.status for answer in answers} == {204}
            assert list(in_force) == stored
