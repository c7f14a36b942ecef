"""Roles are made, changed and deleted by whoever may, and never beyond what they hold themselves."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from app.tests.support.people import execute
from app.tests.support.rights import grant, make_role, staff, superuser
from app.tests.support.service import Service
from app.tests.support.viewer import Answer, Viewer

EDITOR = {"name": "editor", "title": "Редактор", "permissions": ["films.edit", "films.read"]}


@pytest.fixture
async def root(service: Service) -> AsyncIterator[Viewer]:
    async with superuser(service) as somebody:
        yield somebody


async def stored(service: Service) -> dict[str, Any]:
    """All roles as they are stored."""
    async with service.services.storage.transaction() as tx:
        return {role.name: (role.title, role.permissions) for role in await tx.roles.all()}


async def patch(viewer: Viewer, role: str, **changes: Any) -> Answer:
    return await viewer.call("PATCH", f"/roles/{role}", json=changes)


async def delete(viewer: Viewer, role: str) -> Answer:
    return await viewer.call("DELETE", f"/roles/{role}")


async def test_a_role_is_made_read_changed_and_deleted(root: Viewer) -> None:
    made = await root.post("/roles", EDITOR)
    listed = await root.get("/roles")
    changed = await patch(root, "editor", title="Editor", permissions=["films.read"])
    read = await root.get("/roles/editor")
    deleted = await delete(root, "editor")
    gone = await root.get("/roles/editor")

    assert (made.status, made.json) == (201, EDITOR)
    assert [role["name"] for role in listed.json["items"]] == ["editor", "superuser"]
    assert changed.json == read.json == {"name": "editor", "title": "Editor", "permissions": ["films.read"]}
    assert (deleted.status, gone.status, gone.code) == (204, 404, "not-found")


async def test_the_list_comes_in_pages(service: Service, root: Viewer) -> None:
    for name in "abcde":
        await make_role(service, name)

    first = (await root.get("/roles?limit=4")).json
    second = (await root.get(f"/roles?limit=4&cursor={first['next_cursor']}")).json

    assert [role["name"] for role in first["items"] + second["items"]] == [*"abcde", "superuser"]
    assert second["next_cursor"] is None


async def test_what_a_change_leaves_out_stays(root: Viewer) -> None:
    await root.post("/roles", EDITOR)

    changes: list[dict[str, Any]] = [{}, {"title": "E"}, {"permissions": []}]

    answers = [await patch(root, "editor", **change) for change in changes]

    assert [answer.json for answer in answers] == [
        EDITOR,
        {**EDITOR, "title": "E"},
        {"name": "editor", "title": "E", "permissions": []},
    ]


async def test_permissions_are_kept_once_and_in_order(root: Viewer) -> None:
    made = await root.post("/roles", {**EDITOR, "permissions": ["b.b", "a.a", "b.b"]})

    assert made.json["permissions"] == ["a.a", "b.b"]


WRONG: list[dict[str, Any]] = [
    {"name": "Editor"},
    {"name": "editor "},
    {"name": "editor\n"},
    {"name": ""},
    {"name": "1editor"},
    {"name": "ed.itor"},
    {"name": "редактор"},
    {"name": "e" * 65},
    {"name": None},
    {"title": ""},
    {"title": "x" * 101},
    {"title": "a\u0000b"},
    {"permissions": ["*"]},
    {"permissions": ["films.*"]},
    {"permissions": ["films"]},
    {"permissions": ["films.edit\n"]},
    {"permissions": ["Films.edit"]},
    {"permissions": ["films..edit"]},
    {"permissions": [".edit"]},
    {"permissions": ["f." + "e" * 63]},
    {"permissions": [None]},
    {"permissions": "films.edit"},
    {"permissions": [f"films.p{number}" for number in range(201)]},
    {"id": 1},
    {"is_superuser": True},
]


async def test_what_is_no_role_is_refused(service: Service, root: Viewer) -> None:
    """Also for the superuser: `*` belongs to one role alone."""
    before = await stored(service)

    statuses = {str(wrong): (await root.post("/roles", {**EDITOR, **wrong})).status for wrong in WRONG}

    assert set(statuses.values()) == {422}, statuses
    assert await stored(service) == before


async def test_the_path_names_the_role(service: Service, root: Viewer) -> None:
    """AZ-16: a body that names another one is refused."""
    await make_role(service, "critic")
    await root.post("/roles", EDITOR)

    answer = await patch(root, "editor", name="critic", title="Taken")

    assert answer.status == 422
    assert {title for title, _ in (await stored(service)).values()} == {"Critic", "Редактор", "Superuser"}


# fmt: off
NOWHERE = [
    "nobody", "-1", "Editor", "%7Beditor%7D", "editor%00", "editor%0A", "'%20OR%201=1--", "..%2fme", "9" * 400, "%2a",
]
# fmt: on


async def test_a_role_that_is_not_there_is_not_found(service: Service, root: Viewer) -> None:
    """AZ-07."""
    await root.post("/roles", EDITOR)
    before = await stored(service)

    statuses = {}
    for path in NOWHERE:
        answers = [await root.get(f"/roles/{path}"), await patch(root, path, permissions=[]), await delete(root, path)]
        statuses[path] = {answer.status for answer in answers}

    assert [path for path in NOWHERE if statuses[path] != {404}] == []
    assert await stored(service) == before


async def test_a_name_is_taken_once(service: Service, root: Viewer) -> None:
    answers = await asyncio.gather(*(root.post("/roles", {**EDITOR, "title": f"{number}"}) for number in range(8)))

    assert sorted(answer.status for answer in answers) == [201, *[409] * 7]
    assert {answer.code for answer in answers} == {None, "role-exists"}
    [winner] = [answer.json["title"] for answer in answers if answer.status == 201]
    assert (await stored(service))["editor"][0] == winner


async def test_a_role_in_use_is_not_deleted(service: Service, root: Viewer, anna: Viewer) -> None:
    """AZ-09: so no grant is ever left behind for a later role of that name."""
    await root.post("/roles", EDITOR)
    await grant(service, anna, "editor")

    answer = await delete(root, "editor")

    assert (answer.status, answer.code) == (409, "role-in-use")
    assert (await anna.get("/me")).json["permissions"] == EDITOR["permissions"]


async def test_the_superusers_role_stays_as_it_is(service: Service, root: Viewer) -> None:
    """AZ-04: by its holder, and by whoever may otherwise change roles."""
    async with staff(service, "clerk@example.ru", "roles.write") as clerk:
        before, answers = await stored(service), []
        for each in (root, clerk):
            changes: list[dict[str, Any]] = [
                {},
                {"title": "Root"},
                {"permissions": []},
                {"permissions": ["films.edit"]},
            ]
            answers += [await patch(each, "superuser", **change) for change in changes]
            answers.append(await delete(each, "superuser"))

    assert {(answer.status, answer.code) for answer in answers} == {(409, "role-fixed")}
    assert await stored(service) == before
    assert (await root.get("/roles")).status == 200


async def test_nobody_makes_a_role_beyond_what_they_hold(service: Service) -> None:
    async with staff(service, "clerk@example.ru", "roles.write", "films.read") as clerk:
        before = await stored(service)

        refused = await clerk.post("/roles", {**EDITOR, "permissions": ["films.edit", "films.read", "users.write"]})
        unchanged = await stored(service) == before
        made = await clerk.post("/roles", {**EDITOR, "permissions": ["films.read"]})

    assert (refused.status, refused.code) == (403, "permission-denied")
    assert refused.json["permissions"] == ["films.edit", "users.write"]
    assert unchanged
    assert made.status == 201


async def test_nobody_changes_a_role_that_holds_more_or_would(service: Service) -> None:
    """Also not its title, nor by taking away: it belongs to people who may more."""
    await make_role(service, "editor", "films.edit", "films.read")
    await make_role(service, "reader", "films.read")
    async with staff(service, "clerk@example.ru", "roles.write", "films.read") as clerk:
        before = await stored(service)

        refused = [
            await patch(clerk, "editor", title="Mine"),
            await patch(clerk, "editor", permissions=["films.read"]),
            await patch(clerk, "reader", permissions=["films.read", "films.edit"]),
            await delete(clerk, "editor"),
        ]
        unchanged = await stored(service) == before
        allowed = [await patch(clerk, "reader", permissions=[]), await delete(clerk, "reader")]

    assert {(answer.status, answer.code) for answer in refused} == {(403, "permission-denied")}
    assert {str(answer.json["permissions"]) for answer in refused} == {"['films.edit']"}
    assert unchanged
    assert [answer.status for answer in allowed] == [200, 204]


async def test_nobody_widens_the_role_that_they_hold_themselves(service: Service) -> None:
    async with staff(service, "clerk@example.ru", "roles.write") as clerk:
        answer = await patch(clerk, "of-clerk", permissions=["roles.write", "roles.grant"])

    assert (answer.status, answer.json["permissions"]) == (403, ["roles.grant"])


async def test_a_change_counts_at_once_for_whoever_holds_the_role(service: Service, root: Viewer) -> None:
    """JW-18: the clock stands still."""
    async with staff(service, "clerk@example.ru", "roles.read") as clerk:
        before = (await clerk.get("/roles")).status
        await patch(root, "of-clerk", permissions=["films.read"])
        after = await clerk.get("/roles")

    assert before == 200
    assert (after.status, after.json["permissions"]) == (403, ["roles.read"])


async def test_rights_that_were_taken_meanwhile_change_nothing(service: Service) -> None:
    """What is stored counts, though this process has not heard of it yet."""
    async with staff(service, "clerk@example.ru", "roles.read", "roles.write") as clerk:
        assert (await clerk.get("/roles")).status == 200
        await execute(service, "UPDATE roles SET permissions = '[]' WHERE name = 'of-clerk'")

        answers = [await clerk.post("/roles", {**EDITOR, "permissions": []}), await delete(clerk, "of-clerk")]

    assert {(answer.status, answer.code) for answer in answers} == {(403, "permission-denied")}
    assert set(await stored(service)) == {"of-clerk", "superuser"}
