"""SE-22, JW-18: whatever ends a session, its tokens are refused in other services at the next look."""

from collections.abc import Awaitable, Callable
from datetime import timedelta

import pytest

from app.tests.support.people import signed_in
from app.tests.support.rights import id_of, superuser
from app.tests.support.service import Service
from app.tests.support.viewer import PASSWORD, Viewer
from app.tests.verifier.checking import A_SECOND, opens, refresh
from cinema_auth import Verifier

End = Callable[[Service, Viewer], Awaitable[object]]


async def by_logout(_: Service, anna: Viewer) -> object:
    return await anna.post("/logout")


async def by_logout_everywhere(service: Service, anna: Viewer) -> object:
    async with signed_in(service, "anna@example.ru") as phone:
        return await phone.post("/logout/all")


async def by_logout_of_others(service: Service, anna: Viewer) -> object:
    async with signed_in(service, "anna@example.ru") as phone:
        return await phone.post("/logout/others")


async def by_another_device(service: Service, anna: Viewer) -> object:
    async with signed_in(service, "anna@example.ru") as phone:
        shown = (await phone.get("/me/sessions")).json["items"]
        [other] = [each["id"] for each in shown if not each["current"]]
        return await phone.delete(f"/me/sessions/{other}")


async def by_theft(service: Service, anna: Viewer) -> object:
    async with service.viewer() as owner:
        pair = (await anna.refresh()).json
        service.clock.advance(timedelta(seconds=11))
        await owner.refresh(pair["refresh_token"])
        return await anna.refresh()


async def by_a_changed_password(service: Service, anna: Viewer) -> object:
    async with signed_in(service, "anna@example.ru") as phone:
        body = {"current_password": PASSWORD, "new_password": "nine quick blue boats"}
        return await phone.call("PUT", "/me/password", json=body)


async def by_a_reset_password(service: Service, anna: Viewer) -> object:
    async with service.viewer() as somebody:
        await somebody.post("/password/forgot", {"email": "anna@example.ru"})
        token = await service.confirmation_token("anna@example.ru")
        return await somebody.post("/password/reset", {"token": token, "password": "nine quick blue boats"})


async def by_a_block(service: Service, anna: Viewer) -> object:
    async with superuser(service) as root:
        return await root.call("PATCH", f"/users/{id_of(anna)}", json={"blocked": True})


async def by_an_administrator(service: Service, anna: Viewer) -> object:
    async with superuser(service) as root:
        return await root.post(f"/users/{id_of(anna)}/logout")


async def by_deletion(_: Service, anna: Viewer) -> object:
    """The end outlives the account."""
    return await anna.delete("/me")


ENDS = [
    by_logout, by_logout_everywhere, by_logout_of_others, by_another_device, by_theft, by_a_changed_password,
    by_a_reset_password, by_a_block, by_an_administrator, by_deletion,
]  # fmt: skip


@pytest.mark.parametrize("end", ENDS, ids=lambda end: end.__name__)
async def test_an_end_is_known_at_the_next_look(end: End, service: Service, anna: Viewer, verifier: Verifier) -> None:
    async with signed_in(service, "boris@example.ru") as boris:
        before = opens(verifier, anna.access_token)

        await end(service, anna)
        service.clock.advance(A_SECOND)
        await refresh(verifier)

        assert (before, opens(verifier, anna.access_token)) == (True, False)
        assert opens(verifier, boris.access_token)
        assert (await anna.get("/me")).status == 401


async def test_an_end_stays_known_until_the_last_token_has_expired(
    service: Service, anna: Viewer, verifier: Verifier
) -> None:
    await anna.post("/logout")
    taken = []
    for _ in range(20):
        service.clock.advance(timedelta(seconds=20))
        await refresh(verifier)
        taken.append(opens(verifier, anna.access_token))

    assert not any(taken)


async def test_ends_are_forgotten_in_time(service: Service, anna: Viewer, verifier: Verifier) -> None:
    """Else the memory of a service would grow for as long as it runs."""
    await anna.post("/logout")
    service.clock.advance(A_SECOND)
    await refresh(verifier)
    known = len(verifier._source.revoked)
    for _ in range(3):
        service.clock.advance(timedelta(minutes=17))
        await refresh(verifier)

    assert (known, len(verifier._source.revoked)) == (1, 0)


async def test_a_role_that_was_taken_is_gone_with_the_next_token(service: Service, verifier: Verifier) -> None:
    """JW-18: within the life of a token; the session goes on."""
    async with superuser(service, "a@example.ru") as root, superuser(service, "b@example.ru") as other:
        other.keep(await other.refresh())
        before = verifier.verify(other.access_token).roles
        await root.delete(f"/users/{id_of(other)}/roles/superuser")
        service.clock.advance(timedelta(seconds=11))
        other.keep(await other.refresh())

        assert (sorted(before), sorted(verifier.verify(other.access_token).roles)) == (["superuser"], [])
