"""What VK ID tells about a person."""

import secrets
from typing import Any

from emulator.call import Call
from emulator.jws import sign_rs256
from emulator.personas import Account
from emulator.tokens import Grant

_SEX = {None: 0, "female": 1, "male": 2}
_STUB_PICTURE = "https://avatars.example/vk/stub.png"
_ID_TOKEN_SECONDS = 3600


def user(account: Account, grant: Grant) -> dict[str, Any]:
    """The `user` object of user_info, by the rights granted (VK-7, VK-11)."""
    profile: dict[str, Any] = {
        "user_id": account.subject,
        "first_name": account.first_name,
        "last_name": account.last_name,
        "avatar": account.avatar or _STUB_PICTURE,
        "sex": _SEX[account.sex],
        "verified": False,  # about the account (Gosuslugi), never about the address
    }
    if account.birthday is not None:
        profile["birthday"] = dotted(account.birthday)
    if "email" in grant.scopes and account.email is not None:
        profile["email"] = account.email
    if "phone" in grant.scopes and account.phone is not None:
        profile["phone"] = account.phone.removeprefix("+")
    return account.finish(profile)


def dotted(birthday: str) -> str:
    """`DD.MM.YYYY`, or `DD.MM` when the year is hidden."""
    year, month, day = birthday.split("-")
    return f"{day}.{month}" if year == "0000" else f"{day}.{month}.{year}"


def signed_identity(call: Call, grant: Grant) -> str:
    """An ID token that nobody can verify: its key is published nowhere (VK-10)."""
    now = call.world.clock.timestamp()
    claims = {
        "iss": "VK",
        "sub": call.world.cast.account(grant.persona, "vk").subject,
        "app": grant.client_id,
        "iat": now,
        "exp": now + _ID_TOKEN_SECONDS,
        "jti": secrets.token_urlsafe(16),
    }
    token = sign_rs256(claims, call.world.vk_key)
    call.world.vk_identities[token] = grant.persona
    return token
