"""Take a browser back from a provider: check its answer, spend the code, then sign in or link."""

from dataclasses import dataclass
from uuid import UUID

import structlog

from app.errors import AppError
from app.http.client import Client
from app.sessions.open import issue_first_pair
from app.sessions.tokens import TokenPair
from app.social import attempt as attempts
from app.social import handover, pending_link
from app.social.asker import Asker
from app.social.callback import ProviderReturn, check_form
from app.social.catalogue import Offer
from app.social.enter import Entered, Met, enter
from app.social.errors import AccountExists
from app.social.identify import identify
from app.social.join import Wanted, check_asker, link
from app.social.model import (
    Collision,
    FinishedSignIn,
    HandOver,
    Linking,
    LoginAttempt,
    PendingLink,
    Profile,
    SocialAccount,
)
from app.social.return_urls import with_query
from app.social.services import SocialServices

log = structlog.get_logger(__name__)


@dataclass(frozen=True, kw_only=True)
class SignedIn:
    """The pair, for a caller that takes JSON."""

    pair: TokenPair
    is_new_account: bool


@dataclass(frozen=True)
class SendBack:
    """The front end's address with a hand-over code or a problem code in it; never a token."""

    address: str


@dataclass(frozen=True, kw_only=True)
class Linked:
    """The account at the provider that is linked now, and the language to show it in."""

    account: SocialAccount
    locale: str


Outcome = SignedIn | Linked | SendBack


async def complete(
    services: SocialServices, social: str, answer: ProviderReturn, *, browser_key: str | None, client: Client
) -> Outcome:
    """Finish an attempt: check everything, then spend the code, then write.

    Raises:
        AppError: for a caller without `return_to`, and whenever the attempt itself is not valid.
    """
    offer = services.catalogue.find(social)
    check_form(offer.provider, answer)
    async with services.turns.begin():
        attempt = await attempts.take(
            services.ephemeral, state=answer.state or "", social=offer.provider.social, browser_key=browser_key
        )
    try:
        if attempt.linking is not None:
            return await _link(services, offer, attempt, attempt.linking, answer, client)
        if attempt.return_to is None or attempt.code_challenge is None:
            return await sign_in(services, offer, attempt, answer, client)
        profile = await identify(services, offer, attempt, answer)
        async with services.turns.go_on():
            arrived = await _arrive(services, attempt, profile, client)
            return await _hand_over(services, attempt.return_to, attempt.code_challenge, arrived)
    except AppError as error:
        log.warning("social_login.refused", social=offer.provider.social, problem=error.code)
        if attempt.return_to is None:
            raise
        return SendBack(with_query(attempt.return_to, error=error.code))


async def sign_in(
    services: SocialServices, offer: Offer, attempt: LoginAttempt, answer: ProviderReturn, client: Client
) -> SignedIn:
    """Spend the code of an attempt that was checked, and give the pair to whoever asked.

    Raises:
        AccountExists: with a link token; whoever brought the identity can prove that the account is theirs, too.
        AppError: as for `identify` and `enter`.
    """
    profile = await identify(services, offer, attempt, answer)
    async with services.turns.go_on():
        outcome = await _arrive(services, attempt, profile, client)
        if isinstance(outcome, Collision):
            raise await handover.describe_collision(services, outcome)
        pair = await issue_first_pair(services.sessions, outcome.state)
    return SignedIn(pair=pair, is_new_account=outcome.is_new_account)


async def _hand_over(
    services: SocialServices, return_to: str, code_challenge: str, outcome: Entered | Collision
) -> SendBack:
    """Send the browser back with a one-time code for whatever the sign-in has led to.

    A link token is never in an address: somebody could be led there with another's, and prove it for them.
    """
    if isinstance(outcome, Collision):
        log.warning("social_login.refused", social=outcome.pending.social, problem=AccountExists.code)
        hand_over = HandOver(code_challenge=code_challenge, collision=outcome)
        code = await handover.put(services.ephemeral, hand_over)
        return SendBack(with_query(return_to, error=AccountExists.code, code=code))
    await services.sessions.tokens.start(outcome.state)
    finished = FinishedSignIn(
        user_id=outcome.state.user_id, session_id=outcome.state.session_id, is_new_account=outcome.is_new_account
    )
    hand_over = HandOver(code_challenge=code_challenge, finished=finished)
    return SendBack(with_query(return_to, code=await handover.put(services.ephemeral, hand_over)))


async def _arrive(
    services: SocialServices, attempt: LoginAttempt, profile: Profile, client: Client
) -> Entered | Collision:
    outcome = await enter(services, attempt.social, profile, locale=attempt.locale, client=client)
    if isinstance(outcome, Met):
        return Collision(pending=_pend(services, attempt, profile, outcome.user_id), ways=outcome.ways)
    return outcome


async def _link(
    services: SocialServices,
    offer: Offer,
    attempt: LoginAttempt,
    linking: Linking,
    answer: ProviderReturn,
    client: Client,
) -> Linked | SendBack:
    asker = Asker(user_id=linking.user_id, session_id=linking.session_id, client=client)
    async with services.turns.go_on():
        await check_asker(services, asker)
    profile = await identify(services, offer, attempt, answer)
    if attempt.return_to is not None and attempt.code_challenge is not None:
        pending = _pend(services, attempt, profile, linking.user_id)
        return SendBack(with_query(attempt.return_to, link_token=await pending_link.put(services, pending)))
    async with services.turns.go_on():
        account = await link(services, asker, Wanted(social=offer.provider.social, profile=profile))
    if attempt.return_to is None:
        return Linked(account=account, locale=attempt.locale)
    return SendBack(with_query(attempt.return_to, linked="1"))


def _pend(services: SocialServices, attempt: LoginAttempt, profile: Profile, user_id: UUID) -> PendingLink:
    return PendingLink(
        social=attempt.social,
        profile=profile,
        user_id=user_id,
        locale=attempt.locale,
        expires_at=services.clock.now() + pending_link.PENDING_LINK_TTL,
        session_id=attempt.linking.session_id if attempt.linking else None,
        code_challenge=attempt.code_challenge,
        browser_key_hash=None if attempt.code_challenge else attempt.browser_key_hash,
    )
