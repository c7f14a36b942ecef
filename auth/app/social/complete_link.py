"""Finish a link: somebody brings a link token, and proves that the account is theirs as well as the identity."""

from collections.abc import Collection
from dataclasses import dataclass, field, replace
from uuid import UUID

from app.accounts.errors import AccountBlocked, CurrentPasswordWrong
from app.accounts.login import record_failure
from app.accounts.model import User
from app.accounts.prove_owner import check_password
from app.errors import AppError, AuthenticationRequired
from app.http.client import Client
from app.http.limits import RateLimits
from app.http.principal import Principal
from app.ports.conflicts import rerun_on_conflict
from app.sessions.end import forget_tokens
from app.sessions.model import LoginOutcome, SignIn, SignInMethod
from app.sessions.open import issue_first_pair, write_session
from app.sessions.recent import require_recent_sign_in
from app.social import pending_link
from app.social.asker import Asker
from app.social.attempt import is_browser_key
from app.social.complete import SignedIn
from app.social.enter import Entered, Met, enter
from app.social.errors import IdentityInUse, LinkNotYours, LinkTokenInvalid
from app.social.handover import is_verifier_of
from app.social.join import Joined, Wanted, join, link
from app.social.model import PendingLink
from app.social.services import SocialServices

_WRONG = (CurrentPasswordWrong, LinkNotYours, LinkTokenInvalid)
_FINAL = (IdentityInUse, AccountBlocked)


@dataclass(frozen=True, kw_only=True)
class Proof:
    """What comes with a link token. Nothing in it names an identity or an account: the token alone does.

    Attributes:
        code_verifier: of the challenge that the identity was brought with, where there was one.
        browser_keys: the secrets in the cookies of this browser's attempts.
        principal: whoever is signed in, if anybody is.
        separate: make a new account, without the address that the other one has.
        replace: unlink another account of the same network for it.
    """

    code_verifier: str = field(repr=False)
    browser_keys: Collection[str] = field(repr=False)
    principal: Principal | None
    password: str | None = field(repr=False)
    separate: bool
    replace: bool
    client: Client


async def complete_link(services: SocialServices, limits: RateLimits, token: str, proof: Proof) -> SignedIn | None:
    """Link the pending identity; give a pair, or nothing to somebody who is signed in already.

    The token lives on after a wrong proof, five times at most, and after any answer that is about something else.

    Raises:
        LinkTokenInvalid: no such token, or another browser than the one that brought the identity.
        CurrentPasswordWrong, LinkNotYours: the proof is wrong.
        AuthenticationRequired: there is none.
        RecentSignInNeeded: the session is too old to prove anything.
        IdentityInUse, ProviderLinkedAlready: as for `join`.
    """
    pending = await pending_link.take(services, token)
    try:
        return await _finish(services, limits, pending, proof)
    except _FINAL:
        raise
    except AppError as error:
        await pending_link.give_back(services, token, pending, counted=isinstance(error, _WRONG))
        raise


async def _finish(services: SocialServices, limits: RateLimits, pending: PendingLink, proof: Proof) -> SignedIn | None:
    if not _is_same_browser(pending, proof):
        raise LinkTokenInvalid
    services.catalogue.find(pending.social)
    wanted = Wanted(social=pending.social, profile=pending.profile, replace=proof.replace)
    if pending.session_id is None and proof.separate:
        return await _separate(services, pending, proof.client)
    if pending.session_id is None and proof.password is not None:
        return await _by_password(services, limits, pending, wanted, proof)
    await _by_session(services, pending, wanted, proof)
    return None


def _is_same_browser(pending: PendingLink, proof: Proof) -> bool:
    if pending.code_challenge is not None:
        return is_verifier_of(proof.code_verifier, pending.code_challenge)
    return any(is_browser_key(key, pending.browser_key_hash or "") for key in proof.browser_keys)


async def _by_session(services: SocialServices, pending: PendingLink, wanted: Wanted, proof: Proof) -> None:
    principal = proof.principal
    if principal is None:
        raise AuthenticationRequired
    if principal.user_id != pending.user_id or pending.session_id not in {None, principal.session_id}:
        raise LinkNotYours
    if pending.session_id is None:
        await require_recent_sign_in(services.sessions, principal)
    asker = Asker(user_id=principal.user_id, session_id=principal.session_id, client=proof.client)
    await link(services, asker, wanted)


async def _by_password(
    services: SocialServices, limits: RateLimits, pending: PendingLink, wanted: Wanted, proof: Proof
) -> SignedIn:
    user = await _find(services, pending.user_id)
    if user is None:
        raise LinkTokenInvalid
    await check_password(services.accounts, limits, user, proof.password, proof.client)
    if user.blocked_at is not None:
        await record_failure(services.accounts, user, LoginOutcome.ACCOUNT_BLOCKED, proof.client)
        raise AccountBlocked
    entered = await _open(services, user, wanted, proof.client)
    pair = await issue_first_pair(services.sessions, entered.state)
    return SignedIn(pair=pair, is_new_account=entered.is_new_account)


@rerun_on_conflict
async def _find(services: SocialServices, user_id: UUID) -> User | None:
    async with services.storage.reading() as tx:
        return await tx.users.get(user_id)


@rerun_on_conflict
async def _open(services: SocialServices, user: User, wanted: Wanted, client: Client) -> Entered:
    """Begin a session and link, unless the account is no longer as it was when its password was checked."""
    async with services.storage.transaction() as tx:
        current = await tx.users.lock(user.id)
        if current is None or current.password_hash != user.password_hash:
            raise CurrentPasswordWrong
        if current.blocked_at is not None:
            raise AccountBlocked
        sign_in = SignIn(
            user_id=user.id,
            account_since=user.created_at,
            method=SignInMethod.PASSWORD,
            client=client,
        )
        state = await write_session(services.sessions, tx, sign_in)
        asker = Asker(user_id=user.id, session_id=state.session_id, client=client)
        joined: Joined = await join(services, tx, asker, wanted)
    await forget_tokens(services.sessions, joined.ended)
    return Entered(state=state, is_new_account=False)


async def _separate(services: SocialServices, pending: PendingLink, client: Client) -> SignedIn:
    """For somebody whose address is another person's account: their own, without it."""
    profile = replace(pending.profile, email=None, email_verified=False)
    outcome = await enter(services, pending.social, profile, locale=pending.locale, client=client)
    if isinstance(outcome, Met):
        raise AssertionError("without an address there is nobody to meet")
    pair = await issue_first_pair(services.sessions, outcome.state)
    return SignedIn(pair=pair, is_new_account=outcome.is_new_account)
