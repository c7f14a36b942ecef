"""Choose what becomes of an account from elsewhere: nothing that is here is overwritten or shared."""

from dataclasses import dataclass
from enum import Enum
from uuid import UUID

from app.errors import InvalidInput
from app.social.account_record import AccountRecord, Known


class Fate(Enum):
    IMPORTED = "imported"
    ALREADY_THERE = "already there"


@dataclass(frozen=True, kw_only=True)
class ImportOptions:
    """What the operator wants.

    Attributes:
        dry_run: check everything, also against what is stored, and write nothing.
        allow_superusers: roles that hold every permission may be brought along.
    """

    dry_run: bool = False
    allow_superusers: bool = False


def judge(record: AccountRecord, known: Known, options: ImportOptions) -> Fate:
    """Whether a record is new, or here already: the same id, or without one the same address or identity.

    Raises:
        InvalidInput: an address or an identity belongs to somebody else, or a role cannot be given.
    """
    if record.user.id in known.ids:
        return Fate.ALREADY_THERE
    if not _owners(record, known):
        _check_new(record, known, options)
        return Fate.IMPORTED
    if not record.brings_id and len(_owners(record, known)) == 1:
        _check_proven(record, known)
        return Fate.ALREADY_THERE
    if record.email_key in known.emails:
        raise InvalidInput("belongs to another account here", pointer="/email")
    raise InvalidInput("linked with another account here", pointer="/identities")


def learn(known: Known, record: AccountRecord) -> None:
    """Let the records that follow meet this one as if it were stored."""
    user_id = record.user.id
    known.ids.add(user_id)
    known.identities.update({(each.social, each.subject): user_id for each in record.identities})
    if record.email_key is not None:
        known.emails[record.email_key] = user_id
    if record.user.email_confirmed_at is not None:
        known.confirmed.add(user_id)


def _owners(record: AccountRecord, known: Known) -> set[UUID | None]:
    """The accounts here that have the address or one of the identities."""
    found = {known.identities.get((each.social, each.subject)) for each in record.identities}
    return (found | {known.emails.get(record.email_key or "")}) - {None}


def _check_proven(record: AccountRecord, known: Known) -> None:
    """Whoever registered an address here without proving it may be a stranger: not the account that is meant."""
    owner = known.emails.get(record.email_key or "")
    if owner is not None and record.user.email_confirmed_at is not None and owner not in known.confirmed:
        raise InvalidInput("has an account here that nobody has confirmed", pointer="/email")


def _check_new(record: AccountRecord, known: Known, options: ImportOptions) -> None:
    if record.user.id in known.gone:
        raise InvalidInput("the account was deleted here", pointer="/id")
    for number, name in enumerate(record.roles):
        role = known.roles.get(name)
        if role is None:
            raise InvalidInput("there is no such role here", pointer=f"/roles/{number}")
        if role.is_fixed and not options.allow_superusers:
            raise InvalidInput("superusers are not imported unless that is allowed", pointer=f"/roles/{number}")
