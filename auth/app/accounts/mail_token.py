"""One-time tokens that travel by mail: looked at and used up."""

from dataclasses import dataclass, field
from datetime import datetime

from app.accounts.errors import MailTokenInvalid
from app.accounts.model import MailToken, MailTokenPurpose, User
from app.accounts.repository import AccountsTransaction
from app.http.client import Client
from app.mail.token import hash_mail_token


@dataclass(frozen=True, kw_only=True)
class MailedLink:
    """A link that was followed, and from where."""

    token: str = field(repr=False)
    client: Client


async def find_mail_token(tx: AccountsTransaction, token: str, purpose: MailTokenPurpose, *, at: datetime) -> User:
    """The account that a living token is for; the token is not used.

    Raises:
        MailTokenInvalid: unknown, expired, replaced or used, or the account is not what it was.
    """
    found = await tx.mail_tokens.find(hash_mail_token(token), purpose, at=at)
    user = await tx.users.lock(found.user_id) if found else None
    return _judge(found, user)[1]


async def use_mail_token(
    tx: AccountsTransaction, token: str, purpose: MailTokenPurpose, *, at: datetime
) -> tuple[MailToken, User]:
    """Use a token up: of many at once exactly one succeeds.

    The account is locked before the token, as everybody who changes an account does.

    Raises:
        MailTokenInvalid: as for `find_mail_token`.
    """
    user = await find_mail_token(tx, token, purpose, at=at)
    return _judge(await tx.mail_tokens.take(hash_mail_token(token), purpose, at=at), user)


def _judge(token: MailToken | None, user: User | None) -> tuple[MailToken, User]:
    """A token proves the address that it was mailed to, for an account that still has it."""
    if token is None or user is None or user.email != token.email or user.blocked_at is not None:
        raise MailTokenInvalid
    return token, user
