"""What Yandex ID tells about a person."""

from hashlib import sha256
from typing import Any

from emulator.personas import Account
from emulator.tokens import Grant


def profile(account: Account, grant: Grant) -> dict[str, Any]:
    """The person by the rights granted, and the application that the token was issued to (YA-6)."""
    told: dict[str, Any] = {
        "id": account.subject,
        "login": account.login,
        "client_id": grant.client_id,
        "psuid": _pairwise(account.subject, grant.client_id),
    }
    for scope in grant.scopes:
        told |= _FIELDS[scope](account)
    return account.finish(told)


def _pairwise(subject: str, client_id: str) -> str:
    return f"1.AA.{sha256(f'{client_id}:{subject}'.encode()).hexdigest()[:22]}"


def _name(account: Account) -> dict[str, Any]:
    return {
        "display_name": account.login,
        "real_name": account.full_name,
        "first_name": account.first_name,
        "last_name": account.last_name,
        "sex": account.sex,
    }


def _email(account: Account) -> dict[str, Any]:
    emails = [] if account.email is None else [account.email]
    return {"default_email": account.email or "", "emails": emails}


def _avatar(account: Account) -> dict[str, Any]:
    return {"default_avatar_id": account.avatar or "0/0-0", "is_avatar_empty": account.avatar is None}


def _birthday(account: Account) -> dict[str, Any]:
    return {"birthday": account.birthday}


def _phone(account: Account) -> dict[str, Any]:
    if account.phone is None:
        return {}  # granted, yet absent: it happens (YA-7)
    return {"default_phone": {"id": int(account.phone[-8:]), "number": account.phone}}


_FIELDS = {
    "login:info": _name,
    "login:email": _email,
    "login:avatar": _avatar,
    "login:birthday": _birthday,
    "login:default_phone": _phone,
}
