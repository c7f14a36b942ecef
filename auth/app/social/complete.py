"""Take a browser back from a provider: check its answer, spend the code, then sign in or link."""

from dataclasses import dataclass

import structlog

from app.errors import AppError
from app.http.client import Client
from app.sessions.open import issue_first_pair
from app.sessions.tokens import TokenPair
from app.social import attempt as attempts
from app.social import handover
from app.social.asker import Asker
from app.social.callback import ProviderReturn, check_form
from app.social.catalogue import Offer
from app.social.enter import Entered, enter
from app.social.identify import identify
from app.social.join import check_asker, link
from app.social.model import HandOver, Linking, LoginAttempt, SocialAccount
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
    attempt = await attempts.take(
        services.ephemeral, state=answer.state or "", social=offer.provider.social, browser_key=browser_key
    )
    try:
        if attempt.linking is not None:
            return await _link(services, offer, attempt, attempt.linking, answer, client)
        return await _sign_in(services, offer, attempt, answer, client)
    except AppError as error:
        log.warning("social_login.refused", social=offer.provider.social, problem=error.code)
        if attempt.return_to is None:
            raise
        return SendBack(with_query(attempt.return_to, error=error.code))


async def _sign_in(
    services: SocialServices, offer: Offer, attempt: LoginAttempt, answer: ProviderReturn, client: Client
) -> SignedIn | SendBack:
    profile = await identify(services, offer, attempt, answer)
    entered = await enter(services, offer.provider.social, profile, locale=attempt.locale, client=client)
    return await _deliver(services, attempt, entered)


async def _link(
    services: SocialServices,
    offer: Offer,
    attempt: LoginAttempt,
    linking: Linking,
    answer: ProviderReturn,
    client: Client,
) -> Linked | SendBack:
    asker = Asker(user_id=linking.user_id, session_id=linking.session_id, client=client)
    await check_asker(services, asker)
    profile = await identify(services, offer, attempt, answer)
    account = await link(services, asker, offer.provider.social, profile)
    if attempt.return_to is None:
        return Linked(account=account, locale=attempt.locale)
    return SendBack(with_query(attempt.return_to, linked="1"))


async def _deliver(services: SocialServices, attempt: LoginAttempt, entered: Entered) -> SignedIn | SendBack:
    if attempt.return_to is None or attempt.code_challenge is None:
        pair = await issue_first_pair(services.sessions, entered.state)
        return SignedIn(pair=pair, is_new_account=entered.is_new_account)
    await services.sessions.tokens.start(entered.state)
    hand_over = HandOver(
        user_id=entered.state.user_id,
        session_id=entered.state.session_id,
        code_challenge=attempt.code_challenge,
        is_new_account=entered.is_new_account,
    )
    return SendBack(with_query(attempt.return_to, code=await handover.put(services.ephemeral, hand_over)))
