"""Register with an address and a password. Tells nobody whether the address was known."""

from dataclasses import dataclass, field

from uuid_utils.compat import uuid7

from app.accounts.confirmation_mail import send_confirmation
from app.accounts.consents import Document
from app.accounts.email_address import EmailAddress
from app.accounts.find_account import find_account
from app.accounts.give_consent import record_consents
from app.accounts.model import User
from app.accounts.repository import AccountsTransaction
from app.accounts.services import AccountServices
from app.http.client import Client
from app.mail.compose import new_mail
from app.mail.model import Recipient, Template
from app.ports.conflicts import rerun_on_conflict


@dataclass(frozen=True, kw_only=True)
class Registration:
    """What a new viewer tells about themselves; the password has passed `check_password`.

    Attributes:
        consents: have passed the policy's check.
    """

    email: EmailAddress
    password: str = field(repr=False)
    name: str | None
    locale: str
    consents: tuple[Document, ...]
    client: Client


async def register(services: AccountServices, registration: Registration) -> None:
    """Create an unconfirmed account and mail its address, or mail the owner that it exists.

    Raises:
        TemporarilyUnavailable: too many passwords are being hashed.
    """
    password_hash = await services.passwords.hash(registration.password)
    repeated_hash = await _find_repeated(services, registration)
    await _write(services, registration, password_hash, repeated_hash)


async def _find_repeated(services: AccountServices, registration: Registration) -> str | None:
    """The password of an unproven account, as stored, if this registration has the same: its answer was lost."""
    if services.require_confirmed_email:
        return None  # no password opens an unproven account anyway
    known = await find_account(services, registration.email)
    stored = known.password_hash if known and known.email_confirmed_at is None else None
    return stored if await services.passwords.verify(stored, registration.password) else None


@rerun_on_conflict  # where the same address registers at the same moment, the second look knows it
async def _write(
    services: AccountServices, registration: Registration, password_hash: str, repeated_hash: str | None
) -> None:
    async with services.storage.transaction() as tx:
        known = await tx.users.find_by_email(registration.email)
        if known is None:
            user = await _add_user(services, tx, registration, password_hash)
            await send_confirmation(services, tx, user, password_hash=password_hash)
        elif known.email_confirmed_at is None:
            # Two people may claim one unconfirmed address. Each mail carries its own password, and the
            # account keeps none until one of them proves to read the mail there. Who agreed to what is open
            # as well: nothing is added here, and what there is goes when the account changes hands.
            if known.password_hash != repeated_hash:
                await tx.users.set_password_hash(known.id, None)
            await send_confirmation(services, tx, known, password_hash=password_hash)
        elif known.email is not None:
            recipient = Recipient(email=known.email, locale=known.locale)
            await tx.outbox.add(new_mail(Template.ACCOUNT_EXISTS, recipient, at=services.clock.now()))


async def _add_user(
    services: AccountServices, tx: AccountsTransaction, registration: Registration, password_hash: str
) -> User:
    user = User(
        id=uuid7(),
        created_at=services.clock.now(),
        email=registration.email.display,
        password_hash=password_hash,
        name=registration.name,
        locale=registration.locale,
    )
    await tx.users.add(user, email_key=registration.email.key)
    await record_consents(services, tx, user.id, registration.consents, registration.client)
    return user
