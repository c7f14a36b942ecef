"""Read a line about an account from elsewhere: what it says is checked as if its owner had typed it here."""

import re
from collections.abc import Sequence
from datetime import datetime
from ipaddress import ip_address
from typing import TypeVar
from uuid import UUID

import msgspec
from uuid_utils.compat import uuid7

from app.accounts.consents import Consent, is_document
from app.accounts.email_address import EmailAddress, parse_email
from app.accounts.foreign_hashes import accept_hash
from app.accounts.model import User
from app.accounts.names import parse_name
from app.errors import InvalidInput
from app.http.client import MAX_USER_AGENT, UNKNOWN_ADDRESS, Client
from app.http.text import visible
from app.roles.model import is_role_name
from app.social.account_record import AccountLine, AccountRecord, ConsentLine, IdentityLine
from app.social.catalogue import ALIASES, KNOWN
from app.social.model import SocialAccount
from app.social.provider import ProfileRefused, read_https_url, read_subject

T = TypeVar("T")

MAX_MEMBERS = 100

_decoder = msgspec.json.Decoder(AccountLine)
_PLACE = re.compile(r" - at `\$(?P<place>[^`]*)`$")
_INDEX = re.compile(r"\[(?:\d+|\.\.\.)\]")
_VALUE = re.compile(r"(?<=Invalid enum value) .*")


def read_record(line: bytes, *, now: datetime) -> AccountRecord:
    """Read one line; an account without an id gets a new one.

    Raises:
        InvalidInput: naming the member and what is wrong with it, never its value.
    """
    given = _decode(line)
    user, email = _read_user(given, now)
    if not (email or given.identities):
        raise InvalidInput("without an address or an identity nobody could sign in", pointer="/email")
    if email and user.email_confirmed_at is None and given.roles:
        raise InvalidInput("an account whose address is not confirmed gets no roles", pointer="/roles")
    return AccountRecord(
        user=user,
        email_key=email.key if email else None,
        brings_id=given.id is not None,
        roles=_read_roles(given.roles),
        identities=_read_identities(given.identities, user, now),
        consents=tuple(_read_consent(each, number, user, now) for number, each in enumerate(_few(given.consents))),
    )


def _decode(line: bytes) -> AccountLine:
    try:
        return _decoder.decode(line)
    except msgspec.ValidationError as error:
        found = _PLACE.search(str(error))
        reason = _VALUE.sub("", _PLACE.sub("", str(error)))
        raise InvalidInput(reason, pointer=_INDEX.sub("", found["place"] if found else "").replace(".", "/")) from None
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise InvalidInput("not a JSON object", pointer="") from None


def _read_user(given: AccountLine, now: datetime) -> tuple[User, EmailAddress | None]:
    email = parse_email(given.email) if given.email is not None else None
    if email and given.email_confirmed is None:
        raise InvalidInput("has to be said of an address", pointer="/email_confirmed")
    if given.email_confirmed and not email:
        raise InvalidInput("there is no address", pointer="/email_confirmed")
    if given.password_hash is not None and not email:
        raise InvalidInput("of no use without an address", pointer="/password_hash")
    if given.avatar_url is not None and read_https_url(given.avatar_url) != given.avatar_url:
        raise InvalidInput("not an https address", pointer="/avatar_url")
    user = User(
        id=_read_id(given.id) if given.id is not None else uuid7(),
        created_at=_past(given.created_at, now, "/created_at"),
        email=email.display if email else None,
        email_confirmed_at=now if given.email_confirmed else None,  # whoever may run commands here vouches for it
        password_hash=accept_hash(given.password_hash) if given.password_hash is not None else None,
        name=parse_name(given.name) if given.name is not None else None,
        locale=given.locale,
        avatar_url=given.avatar_url,
        blocked_at=now if given.blocked else None,
    )
    return user, email


def _read_id(text: str) -> UUID:
    """One account has one spelling of its id: the one in which this service writes it."""
    try:
        found = UUID(text)
    except ValueError:
        found = None
    if found is None or str(found) != text:
        raise InvalidInput("not a UUID in small letters with hyphens", pointer="/id")
    return found


def _read_roles(names: Sequence[str]) -> tuple[str, ...]:
    for number, name in enumerate(_few(names, "/roles")):
        if not is_role_name(name):
            raise InvalidInput("not a name of a role", pointer=f"/roles/{number}")
    return tuple(dict.fromkeys(names))


def _read_identities(given: Sequence[IdentityLine], user: User, now: datetime) -> tuple[SocialAccount, ...]:
    found = tuple(_read_identity(each, number, user, now) for number, each in enumerate(_few(given, "/identities")))
    if len({each.social for each in found}) < len(found):
        raise InvalidInput("two of one provider", pointer="/identities")
    return found


def _read_identity(given: IdentityLine, number: int, user: User, now: datetime) -> SocialAccount:
    place = f"/identities/{number}"
    social = ALIASES.get(given.social, given.social)
    if social not in KNOWN:
        raise InvalidInput("not a provider that this service knows", pointer=f"{place}/social")
    try:
        subject = read_subject(given.subject)
    except ProfileRefused:
        raise InvalidInput("not a provider's key of a person", pointer=f"{place}/subject") from None
    email = parse_email(given.email, pointer=f"{place}/email") if given.email is not None else None
    linked_at = _past(given.linked_at, now, f"{place}/linked_at")
    return SocialAccount(
        social=social,
        subject=subject,
        user_id=user.id,
        email=email.display if email else None,
        name=parse_name(given.name, pointer=f"{place}/name") if given.name is not None else None,
        linked_at=linked_at,
        last_used_at=_past(given.last_used_at, now, f"{place}/last_used_at") if given.last_used_at else linked_at,
    )


def _read_consent(given: ConsentLine, number: int, user: User, now: datetime) -> Consent:
    place = f"/consents/{number}"
    if not is_document(given.document, given.version):
        raise InvalidInput("not a document and its version, as in terms and 3", pointer=place)
    return Consent(
        id=uuid7(),
        user_id=user.id,
        document=given.document,
        version=given.version,
        given_at=_past(given.given_at, now, f"{place}/given_at"),
        client=Client(
            address=_read_address(given.address, f"{place}/address"),
            user_agent=visible(given.user_agent)[:MAX_USER_AGENT],
        ),
        withdrawn_at=_past(given.withdrawn_at, now, f"{place}/withdrawn_at") if given.withdrawn_at else None,
    )


def _read_address(text: str | None, pointer: str) -> str:
    try:
        return str(ip_address(text if text is not None else UNKNOWN_ADDRESS))
    except ValueError:
        raise InvalidInput("not an IP address", pointer=pointer) from None


def _past(moment: datetime | None, now: datetime, pointer: str) -> datetime:
    """The moment that is told, or now."""
    if moment is not None and (moment > now or moment.year < 1970):
        raise InvalidInput("not a moment between 1970 and now", pointer=pointer)
    return moment or now


def _few(given: Sequence[T], pointer: str = "/consents") -> Sequence[T]:
    if len(given) > MAX_MEMBERS:
        raise InvalidInput(f"more than {MAX_MEMBERS}", pointer=pointer)
    return given
