"""Roles are granted and revoked by whoever may, and never beyond what they hold themselves."""

from typing import Any
from uuid import uuid4

from app.tests.support.people import execute, hex_id, register, signed_in, stored_user
from app.tests.support.rights import grant, id_of, make_role, staff, superuser
from app.tests.support.service import Service
from app.tests.support.tokens import claims_of
from app.tests.support.viewer import PASSWORD, Answer, Viewer


async def put(viewer: Viewer, user: object, role: str = "editor") -> Answer:
    return await viewer.call("PUT", f"/users/{user}/roles/{role}")


async def delete(viewer: Viewer, user: object, role: str = "editor") -> Answer:
    return await viewer.call("DELETE", f"/users/{user}/roles/{role}")


async def roles_of(viewer: Viewer) -> list[str]:
    return (await viewer.get("/me")).json["roles"]  # type: ignore[no-any-return]


async def events(service: Service) -> list[dict[str, Any]]:
    """What the history says of roles, oldest first."""
    return await execute(service, "SELECT * FROM login_history WHERE outcome LIKE 'role-%' ORDER BY id")


async def test_a_granted_role_counts_at_once_and_a_revoked_one_no_more(service: Service, anna: Viewer) -> None:
    """JW-18: for tokens that are out already, with the clock standing still."""
    await make_role(service, "editor", "films.edit")
    async with superuser(service) as root:
        granted = await put(root, id_of(anna))
        held = await anna.get("/me/permissions/films.edit")
        listed = await root.get(f"/users/{id_of(anna)}/roles")
        revoked = await delete(root, id_of(anna))
        lost = await anna.get("/me/permissions/films.edit")

    assert (granted.status, held.status, revoked.status, lost.status) == (204, 204, 204, 403)
    assert listed.json["items"] == [{"name": "editor", "title": "Editor", "permissions": ["films.edit"]}]


async def test_the_next_access_token_names_the_roles_of_now(service: Service, anna: Viewer) -> None:
    """SE-24."""
    await make_role(service, "editor")
    async with superuser(service) as root:
        named = []
        for change in (put, delete):
            await change(root, id_of(anna))
            anna.keep(await anna.refresh())
            named.append(claims_of(anna.access_token)["roles"])

    assert named == [["editor"], []]


async def test_doing_it_again_changes_nothing(service: Service, anna: Viewer) -> None:
    """IN-16: and is in the history once."""
    await make_role(service, "editor")
    async with superuser(service) as root:
        statuses = [(await put(root, id_of(anna))).status for _ in range(3)]
        held = await roles_of(anna)
        statuses += [(await delete(root, id_of(anna))).status for _ in range(3)]

    assert (set(statuses), held, await roles_of(anna)) == ({204}, ["editor"], [])
    assert [event["outcome"] for event in await events(service)] == ["role-granted", "role-revoked"]


async def test_the_history_tells_which_role_and_administrators_by_whom(service: Service, anna: Viewer) -> None:
    """HI-01: the account's owner is not told from where."""
    await make_role(service, "editor")
    async with superuser(service) as root:
        await put(root, id_of(anna))
    [shown, *_] = (await anna.get("/me/logins")).json["items"]

    [event] = await events(service)
    assert (shown["outcome"], shown["role"], shown["method"]) == ("role-granted", "editor", "administration")
    assert (shown["address"], shown["device"], shown["session_id"]) == ("", "", None)
    assert event["role"] == "editor"
    assert [hex_id(event[name]) for name in ("user_id", "actor_id")] == [id_of(anna).hex, id_of(root).hex]


async def test_nobody_grants_or_revokes_more_than_they_hold(service: Service, anna: Viewer) -> None:
    await make_role(service, "editor", "films.edit", "films.read")
    await make_role(service, "reader", "films.read")
    async with staff(service, "clerk@example.ru", "roles.grant", "films.read") as clerk:
        refused = [await put(clerk, id_of(each)) for each in (anna, clerk)]
        refused.append(await put(clerk, id_of(anna), "superuser"))
        await grant(service, anna, "editor")
        refused.append(await delete(clerk, id_of(anna)))
        allowed = [await put(clerk, id_of(anna), "reader"), await delete(clerk, id_of(anna), "reader")]
        own = await roles_of(clerk)

    assert {(answer.status, answer.code) for answer in refused} == {(403, "permission-denied")}
    assert [answer.json["permissions"] for answer in refused] == [["films.edit"], ["films.edit"], ["*"], ["films.edit"]]
    assert [answer.status for answer in allowed] == [204, 204]
    assert (own, await roles_of(anna)) == (["of-clerk"], ["editor"])


async def test_a_superuser_is_not_brought_down_from_below(service: Service) -> None:
    async with superuser(service) as root, staff(service, "clerk@example.ru", "roles.grant", "users.write") as clerk:
        async with superuser(service, "second@example.ru"):
            answer = await delete(clerk, id_of(root), "superuser")

        assert (answer.status, await roles_of(root)) == (403, ["superuser"])


async def test_what_is_not_there_is_not_found(service: Service, anna: Viewer) -> None:
    """AZ-07: ids are written in one way."""
    await make_role(service, "editor")
    user = str(id_of(anna))
    # fmt: off
    strange = [
        str(uuid4()), "-1", "1", "9" * 400, user.upper(), f"%7B{user}%7D", user.replace("-", ""), f"urn:uuid:{user}",
        f"{user}%00", f"{user}%0A", f"%20{user}", "me", "%27%20OR%201=1--", "..%2f..%2fme", f"{user}%2f..",
    ]
    # fmt: on
    async with superuser(service) as root:
        statuses = {}
        for each in strange:
            answers = [await put(root, each), await delete(root, each), await root.get(f"/users/{each}/roles")]
            statuses[each] = {answer.status for answer in answers}
        roles = [await put(root, user, "nobody"), await delete(root, user, "Editor"), await put(root, user, "%00")]

    assert [each for each in strange if statuses[each] != {404}] == []
    assert [answer.status for answer in roles] == [404, 404, 404]
    assert await roles_of(anna) == []


async def test_an_address_that_nobody_has_confirmed_gets_no_role(service: Service, viewer: Viewer) -> None:
    """It may be a stranger's, who typed the address of a colleague."""
    await make_role(service, "editor")
    await viewer.post("/register", {"email": "colleague@example.ru", "password": PASSWORD})
    user = await stored_user(service, "colleague@example.ru")
    assert user is not None
    async with superuser(service) as root:
        refused = await put(root, user.id)
        await viewer.post("/email/confirm", {"token": await service.confirmation_token("colleague@example.ru")})

        granted = await put(root, user.id)

    assert (refused.status, refused.code, granted.status) == (409, "account-unproven", 204)


async def test_the_last_superuser_stays_one(service: Service) -> None:
    """AZ-04: whoever asks, and whatever else they hold."""
    await make_role(service, "editor")
    async with superuser(service) as root, signed_in(service, "anna@example.ru") as anna:
        await put(root, id_of(root))
        alone = await delete(root, id_of(root), "superuser")
        other = await delete(root, id_of(root), "editor")
        await put(root, id_of(anna), "superuser")
        two = await delete(root, id_of(root), "superuser")
        left = await delete(anna, id_of(anna), "superuser")

        assert (alone.status, alone.code) == (left.status, left.code) == (409, "last-superuser")
        assert (other.status, two.status) == (204, 204)
        assert (await roles_of(root), await roles_of(anna)) == ([], ["superuser"])


async def test_the_last_superuser_is_not_erased(service: Service) -> None:
    """AZ-04: not even at their own wish."""
    async with superuser(service) as root, superuser(service, "second@example.ru") as second:
        first = await second.call("DELETE", "/me")
        last = await root.call("DELETE", "/me")

        assert (first.status, last.status, last.code) == (204, 409, "last-superuser")
        assert await roles_of(root) == ["superuser"]


async def test_a_superuser_who_is_blocked_counts_for_nothing(service: Service) -> None:
    """AZ-04."""
    await register(service, "blocked@example.ru")
    async with superuser(service) as root, superuser(service, "blocked@example.ru"):
        await execute(service, "UPDATE users SET blocked_at = created_at WHERE email_key = 'blocked@example.ru'")

        answer = await delete(root, id_of(root), "superuser")

    assert (answer.status, answer.code) == (409, "last-superuser")


async def test_whoever_is_blocked_meanwhile_acts_no_more(service: Service, anna: Viewer) -> None:
    """SE-11: by what is stored, though the token still opens."""
    await make_role(service, "editor")
    async with superuser(service) as root:
        await execute(service, "UPDATE users SET blocked_at = created_at WHERE email_key = 'root@example.ru'")

        answer = await put(root, id_of(anna))

    assert (answer.status, await roles_of(anna)) == (401, [])


async def test_rights_that_were_taken_meanwhile_grant_nothing(service: Service, anna: Viewer) -> None:
    await make_role(service, "editor")
    async with staff(service, "clerk@example.ru", "roles.grant", "users.read") as clerk:
        await clerk.get(f"/users/{id_of(anna)}/roles")
        await execute(service, "UPDATE roles SET permissions = '[]' WHERE name = 'of-clerk'")

        answers = [await put(clerk, id_of(anna)), await delete(clerk, id_of(anna))]

    assert [answer.json["permissions"] for answer in answers] == [["roles.grant"], ["roles.grant"]]
    assert await roles_of(anna) == []
