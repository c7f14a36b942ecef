"""A proven identity enters: find, make or link the account and begin the session, in one transaction."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from uuid_utils.compat import uuid7

from app.accounts.email_address import EmailAddress, find_email, mask_email_wholly
from app.accounts.model import User
from app.accounts.names import clean_name
from app.accounts.unproven import remove_unproven
from app.http.client import Client
from app.ports.conflicts import rerun_on_conflict
from app.ports.storage import WriteConflict
from app.ports.tokens import TokenState
from app.sessions.end import forget_tokens
from app.sessions.model import LoginEvent, LoginOutcome, Session, SignIn, SignInMethod
from app.sessions.open import write_session
from app.social.asker import Asker
from app.social.errors import SocialLoginRefused
from app.social.join import new_social_account
from app.social.linking import Decision, EmailOwner, Link, LogIn, Reclaim, Refuse, Register, decide
from app.social.model import Profile, Way
from app.social.notices import note_change
from app.social.repository import SocialTransaction
from app.social.services import SocialServices
from app.social.ways_in import show_ways


@dataclass(frozen=True, kw_only=True)
class Arrival:
    """Who arrives, from where."""

    social: str
    profile: Profile
    email: EmailAddress | None
    locale: str
    client: Client


@dataclass(frozen=True, kw_only=True)
class Entered:
    """An account with a fresh session, whose tokens are still to be made."""

    state: TokenState
    is_new_account: bool
    ended: Sequence[Session] = ()


@dataclass(frozen=True, kw_only=True)
class Met:
    """The address belongs to an account that has to be asked first; how to get into that."""

    user_id: UUID
    ways: tuple[Way, ...]


async def enter(
    services: SocialServices, social: str, profile: Profile, *, locale: str, client: Client
) -> Entered | Met:
    """Open the account that belongs to a proven identity, making or linking it by the rule of `linking`.

    Raises:
        SocialLoginRefused: the account is blocked.
    """
    email = find_email(profile.email) if profile.email else None
    arrival = Arrival(social=social, profile=profile, email=email, locale=locale, client=client)
    outcome = await _write(services, arrival)
    if outcome is None:
        raise SocialLoginRefused
    if isinstance(outcome, Entered):
        await forget_tokens(services.sessions, outcome.ended)
    return outcome


@rerun_on_conflict  # of two at once, the second look finds what the other has written
async def _write(services: SocialServices, arrival: Arrival) -> Entered | Met | None:
    """Absent for an account that is blocked: what was written of it has to outlive the refusal."""
    async with services.storage.transaction() as tx:
        is_linked, account = await _find(tx, arrival)
        decision = decide(
            arrival.profile,
            linked_to=account.id if account and is_linked else None,
            owner=await _describe(tx, account, arrival.social) if account and not is_linked else None,
        )
        if isinstance(decision, Refuse) and account is not None:
            await _record_refusal(services, tx, arrival, account, LoginOutcome.COLLISION)
            return await _meet(services, tx, arrival, account)
        user, ended = await _carry_out(services, tx, arrival, decision, account)
        if user.blocked_at is not None:
            await _record_refusal(services, tx, arrival, user, LoginOutcome.ACCOUNT_BLOCKED)
            return None
        sign_in = SignIn(
            user_id=user.id,
            account_since=user.created_at,
            method=SignInMethod.SOCIAL,
            social=arrival.social,
            way=services.catalogue.find(arrival.social).provider.title,
            client=arrival.client,
        )
        state = await write_session(services.sessions, tx, sign_in)
        if isinstance(decision, Link):
            asker = Asker(user_id=user.id, session_id=state.session_id, client=arrival.client)
            await note_change(services, tx, asker, arrival.social, LoginOutcome.SOCIAL_LINKED)
    is_new = isinstance(decision, Register | Reclaim)
    return Entered(state=state, is_new_account=is_new, ended=ended)


async def _find(tx: SocialTransaction, arrival: Arrival) -> tuple[bool, User | None]:
    """The account that has the identity, or else the address; locked, and as it is under the lock.

    Without the lock a reset at this moment would overlook the session that is about to begin.

    Returns:
        Whether it has the identity, and the account.
    """
    linked = await tx.social_accounts.lock_owner(arrival.social, arrival.profile.subject)
    if linked is not None:
        return True, linked
    owner = await tx.users.find_by_email(arrival.email) if arrival.email else None
    if owner is None:
        return False, None
    # The identity is looked up once more: a first login at the same moment writes it together with the address,
    # so whoever sees the address sees the identity too, and is not taken for a stranger to the account.
    linked = await tx.social_accounts.lock_owner(arrival.social, arrival.profile.subject)
    if linked is not None:
        return True, linked
    account = await tx.users.lock(owner.id)
    if account is not None and account.email != owner.email:
        raise WriteConflict  # somebody changed the account between the look and the lock
    return False, account


async def _carry_out(
    services: SocialServices, tx: SocialTransaction, arrival: Arrival, decision: Decision, account: User | None
) -> tuple[User, Sequence[Session]]:
    """Write what was decided; give the account and the sessions that died on the way."""
    ended: Sequence[Session] = ()
    match decision:
        case LogIn() if account:
            if account.blocked_at is None and not await _touch(services, tx, arrival, account):
                raise WriteConflict  # between the look and the lock the identity was unlinked, or linked elsewhere
            return account, ended
        case Link() if account:
            user = account
        case Register(with_email):
            user = await _register(services, tx, arrival, with_email=with_email)
        case Reclaim(unproven):
            ended = await remove_unproven(tx, unproven, at=services.clock.now())
            user = await _register(services, tx, arrival, with_email=True)
        case _:
            raise AssertionError("a refusal is answered before anything is written")
    if user.blocked_at is None:
        await tx.social_accounts.add(
            new_social_account(arrival.social, arrival.profile, user.id, at=services.clock.now())
        )
    return user, ended


async def _describe(tx: SocialTransaction, owner: User, social: str) -> EmailOwner:
    return EmailOwner(
        user_id=owner.id,
        confirmed=owner.email_confirmed_at is not None,
        has_account_at_provider=await tx.social_accounts.has_any(owner.id, social),
    )


async def _meet(services: SocialServices, tx: SocialTransaction, arrival: Arrival, owner: User) -> Met:
    """The network that one comes from is no way in: it would lead here again."""
    linked = {each.social for each in await tx.social_accounts.of_user(owner.id)} - {arrival.social}
    offered = {offer.provider.social: offer.provider.title[arrival.locale] for offer in services.catalogue}
    ways = show_ways(
        masked_email=mask_email_wholly(owner.email) if owner.email and owner.password_hash else None,
        networks={social: title for social, title in offered.items() if social in linked},
    )
    return Met(user_id=owner.id, ways=ways)


async def _register(services: SocialServices, tx: SocialTransaction, arrival: Arrival, *, with_email: bool) -> User:
    now = services.clock.now()
    email = arrival.email if with_email else None
    user = User(
        id=uuid7(),
        created_at=now,
        email=email.display if email else None,
        email_confirmed_at=now if email else None,
        name=clean_name(arrival.profile.name),
        locale=arrival.locale,
        avatar_url=arrival.profile.avatar_url,
    )
    await tx.users.add(user, email_key=email.key if email else None)
    return user


async def _touch(services: SocialServices, tx: SocialTransaction, arrival: Arrival, account: User) -> bool:
    return await tx.social_accounts.touch(
        arrival.social,
        arrival.profile.subject,
        account.id,
        at=services.clock.now(),
        email=arrival.email.display if arrival.email else None,
        name=clean_name(arrival.profile.name),
    )


async def _record_refusal(
    services: SocialServices, tx: SocialTransaction, arrival: Arrival, user: User | None, outcome: LoginOutcome
) -> None:
    event = LoginEvent(
        id=uuid7(),
        at=services.clock.now(),
        user_id=user.id if user else None,
        outcome=outcome,
        method=SignInMethod.SOCIAL,
        social=arrival.social,
        client=arrival.client,
    )
    await tx.history.add(event)
