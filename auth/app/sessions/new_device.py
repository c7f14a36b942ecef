"""Tell an account's owner of a sign-in from where nobody has signed in before."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from ipaddress import ip_address, ip_network

from app.http.client import UNKNOWN_ADDRESS, Client
from app.mail.compose import moment_in_words, new_mail
from app.mail.model import Template
from app.mail.token import new_mail_token
from app.sessions.device import describe_device, device_kind
from app.sessions.model import Appearance, Session, SignIn
from app.sessions.repository import SessionsTransaction
from app.sessions.services import SessionServices

REMEMBERED = 50
"""How many lines of the login history, failures included, are looked at."""

FIRST_SIGN_IN = timedelta(days=30)
MOST_IN_AN_HOUR = 5
HOUR = timedelta(hours=1)
DENY_TTL = timedelta(days=7)
_NEAR = {4: 24, 6: 48}  # one home, one office
_WIDE = {4: 16, 6: 32}  # one internet provider, or a good part of it


async def tell_of_new_device(
    services: SessionServices,
    tx: SessionsTransaction,
    session: Session,
    sign_in: SignIn,
    lately: Sequence[Appearance],
) -> None:
    """Write the mail into the caller's transaction, if the sign-in is news and the account has a confirmed address.

    Args:
        lately: who appears in the `REMEMBERED` lines before this sign-in.
    """
    if not is_news(session.client, lately, at=session.created_at, account_since=sign_in.account_since):
        return
    recipient = await tx.recipients.of_user(session.user_id)
    if recipient is None:
        return
    address, made = session.client.address, new_mail_token()
    values = {
        "at": moment_in_words(session.created_at, recipient.locale),
        "way": (sign_in.way or {}).get(recipient.locale, ""),
        "device": describe_device(session.client.user_agent),
        "address": "" if address == UNKNOWN_ADDRESS else address,
        "link": f"{services.deny_page_url}#token={made.token}",
    }
    expires_at = session.created_at + DENY_TTL
    await tx.mail_tokens.add_denial(made.token_hash, session, email=recipient.email, expires_at=expires_at)
    await tx.outbox.add(new_mail(Template.NEW_DEVICE, recipient, at=session.created_at, values=values))


def is_news(client: Client, lately: Sequence[Appearance], *, at: datetime, account_since: datetime) -> bool:
    """Whether nobody has signed in from such a device or from such a place.

    Known is any device in a network where somebody has signed in before, and a device of a known kind within a
    known provider's network: addresses of phones wander. The same browser at the other end of the world is
    news. The first sign-in of a young account is none. More than five a hour would tell nothing new.
    """
    known = [each for each in lately if each.signed_in]
    if not known:
        is_first = sum(each.lines for each in lately) < REMEMBERED and at - account_since < FIRST_SIGN_IN
        return not is_first
    if any(_is_alike(client, each.client) for each in known):
        return False
    fresh = [each.client for each in known if at - each.at < HOUR]
    places = {(device_kind(each.user_agent), _network(each, _WIDE)) for each in fresh}
    return len(places) < MOST_IN_AN_HOUR


def _is_alike(one: Client, other: Client) -> bool:
    if _network(one, _NEAR) == _network(other, _NEAR):
        return True
    same_kind = device_kind(one.user_agent) == device_kind(other.user_agent)
    return same_kind and _network(one, _WIDE) == _network(other, _WIDE)


def _network(client: Client, bits: dict[int, int]) -> str:
    address = ip_address(client.address)
    return str(ip_network((address, bits[address.version]), strict=False))
