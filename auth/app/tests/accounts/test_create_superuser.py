"""Superusers by command: what is remembered of it, and what a moment can change."""

from app.accounts.create_superuser import NewSuperuser, Outcome, _write, create_superuser
from app.accounts.email_address import parse_email
from app.roles.model import SUPERUSER
from app.tests.support.people import execute, stored_user
from app.tests.support.service import Service
from app.tests.support.viewer import PASSWORD, Viewer

ANNA = parse_email("anna@example.ru")
NEW = NewSuperuser(email=parse_email("root@example.ru"), password="seven quiet blue boats")


async def test_an_account_that_is_confirmed_while_its_password_is_hashed_is_kept(
    service: Service, anna: Viewer
) -> None:
    """It was a stranger's when the command looked, and would have been replaced."""
    outcome = await _write(service.services.accounts, NewSuperuser(email=ANNA, password=PASSWORD), "hash")

    assert outcome is None
    assert (await anna.get("/me")).json["roles"] == []


async def test_the_command_makes_good_for_a_role_that_tokens_have_not_heard_of(service: Service, anna: Viewer) -> None:
    """The token store may have been away when the role was granted."""
    user = await stored_user(service, ANNA.display)
    assert user is not None
    async with service.services.storage.transaction() as tx:
        await tx.roles.grant(user.id, SUPERUSER)
    before = (await service.services.authenticate(anna.access_token)).roles

    outcome = await create_superuser(service.services.accounts, NewSuperuser(email=ANNA))

    assert (before, outcome) == ((), Outcome.UNCHANGED)
    assert (await service.services.authenticate(anna.access_token)).roles == (SUPERUSER,)


async def test_both_ways_are_in_the_history_once(service: Service, anna: Viewer) -> None:
    """HI-01."""
    for new in (NEW, NewSuperuser(email=ANNA), NewSuperuser(email=ANNA)):
        await create_superuser(service.services.accounts, new)

    events = await execute(service, "SELECT * FROM login_history WHERE outcome = 'role-granted'")
    assert [(event["role"], event["method"], event["actor_id"]) for event in events] == [
        (SUPERUSER, "administration", None)
    ] * 2
