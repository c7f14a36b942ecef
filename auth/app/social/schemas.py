"""Bodies of the social routes."""

from datetime import datetime
from typing import Annotated, Literal

import msgspec

from app.accounts.schemas import CurrentPasswordText
from app.sessions.schemas import TokenPairBody

Locale = Literal["ru", "en"]


class ProviderBody(msgspec.Struct, kw_only=True):
    """One button: which provider, what to write on it, the address of its icon."""

    social: Annotated[str, msgspec.Meta(examples=["yandex"])]
    title: Annotated[str, msgspec.Meta(examples=["Яндекс"])]
    icon: Annotated[str, msgspec.Meta(examples=["/auth/api/v1/assets/social/yandex.svg"])]
    available: bool


class SocialAccountBody(msgspec.Struct, kw_only=True):
    """A linked account, as its owner sees it.

    `offered` is false where the network does not sign in here (any more).
    """

    social: Annotated[str, msgspec.Meta(examples=["yandex"])]
    title: Annotated[str, msgspec.Meta(examples=["Яндекс"])]
    subject_masked: Annotated[str, msgspec.Meta(examples=["…5678"])]
    name: str | None
    email: str | None
    linked_at: datetime
    last_used_at: datetime
    offered: bool


class AuthorizeUrlBody(msgspec.Struct, kw_only=True):
    """Where to send the browser."""

    authorize_url: str


class LinkBody(msgspec.Struct, kw_only=True):
    """Where to return to after linking, and the language of what is shown.

    With `code_challenge` (S256) the browser brings back a `link_token` for `POST /oauth/link`, and needs no cookie.
    """

    return_to: Annotated[str, msgspec.Meta(max_length=2048, examples=["https://cinema.example/settings"])] | None = None
    code_challenge: Annotated[str, msgspec.Meta(max_length=128)] | None = None
    locale: Locale = "ru"


class CompleteLinkBody(msgspec.Struct, kw_only=True):
    """The link token, what shows that this browser has brought the identity, and one proof of the account.

    `code_verifier` belongs to the `code_challenge` that the sign-in or the link began with, or is that of
    `POST /oauth/native`; where there was none, the browser's cookie counts.
    """

    link_token: Annotated[str, msgspec.Meta(max_length=128)]
    code_verifier: Annotated[str, msgspec.Meta(max_length=128)] = ""
    password: CurrentPasswordText | None = None
    separate: bool = False
    replace: bool = False


class SocialTokenPairBody(TokenPairBody, kw_only=True):
    """The usual pair, and whether this sign-in made the account."""

    is_new_account: bool


class NativeBody(msgspec.Struct, kw_only=True):
    """What a provider gave a mobile app, and the verifier of the challenge that the app asked it with."""

    social: Annotated[str, msgspec.Meta(max_length=16, description="`yandex` or `vk`.", examples=["vk"])]
    code: Annotated[str, msgspec.Meta(min_length=1, max_length=4096)]
    code_verifier: Annotated[
        str, msgspec.Meta(min_length=43, max_length=128, description="43 to 128 characters (RFC 7636).")
    ]
    redirect_uri: Annotated[
        str,
        msgspec.Meta(max_length=2048, description="Where the code came.", examples=["vk53000001://vk.ru/blank.html"]),
    ]
    device_id: Annotated[str, msgspec.Meta(max_length=1024, description="VK sends it with the code.")] | None = None


class ExchangeBody(msgspec.Struct, kw_only=True):
    """The one-time code from the return address, and the verifier of the challenge it was asked with."""

    code: Annotated[str, msgspec.Meta(max_length=128)]
    code_verifier: Annotated[str, msgspec.Meta(max_length=128, description="43 to 128 characters (RFC 7636).")]
