"""A provider as a value: where it lives and how it differs. The protocol itself is in `oauth2.py`."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, Literal

from app.social.model import Profile

Json = Mapping[str, Any]
_SUBJECT = re.compile(r"[\x21-\x7e]{1,255}")  # OpenID Connect Core, section 2: at most 255 ASCII characters


class ClientAuth(Enum):
    """How the token endpoint learns who we are (RFC 6749, section 2.3.1)."""

    BASIC = "basic"
    BODY = "body"
    PUBLIC = "public"  # the id alone; VK ID adds a service token in its confidential mode


class TokenPlacement(Enum):
    """Where the profile endpoint wants the access token."""

    HEADER_OAUTH = "OAuth"
    FORM = "form"
    QUERY = "query"


class ProfileRefused(Exception):
    """The answer names nobody, or somebody that was not meant for this application."""


@dataclass(frozen=True, kw_only=True)
class Provider:
    """One social network.

    Attributes:
        title: as viewers call it, in Russian and English.
        icon: the file name under the assets' `social/` folder.
        issuer: for OpenID Connect providers, where discovery starts; the other addresses come from it.
        scope: the least that a cinema needs, as the provider separates it (by spaces everywhere here).
        optional_scope: rights that the person may untick.
        challenge_method: S256 in the provider's own spelling.
        authorize_params: further parameters of the authorize request.
        gives_apps_codes: mobile apps get codes from it that open nothing without the app's own verifier (RFC 7636).
        is_foreign: its owner is not Russian, so that Russian law may keep a site from using it (406-FZ).
        callback_params: parameters that the callback must carry and the token request hands back.
        echoes_state: the token endpoint repeats the `state` of the token request.
        parse_profile: reads the profile answer.
            Args: the JSON object, our client id. Raises: ProfileRefused.
    """

    social: Literal["yandex", "vk", "google", "mail"]
    title: Mapping[str, str]
    icon: str
    scope: str
    client_auth: ClientAuth
    parse_profile: Callable[[Json, str], Profile]
    authorize_url: str = ""
    token_url: str = ""
    profile_url: str = ""
    issuer: str = ""
    gives_apps_codes: bool = False
    is_foreign: bool = False
    optional_scope: str = ""
    challenge_method: Literal["S256", "s256"] = "S256"
    authorize_params: Mapping[str, str] = field(default_factory=dict)
    callback_params: tuple[str, ...] = ()
    echoes_state: bool = False
    profile_token: TokenPlacement = TokenPlacement.HEADER_OAUTH
    profile_params: Mapping[str, str] = field(default_factory=dict)


def read_subject(value: object) -> str:
    """A subject as text: a non-empty string, or a positive whole number where the wire has numbers.

    Raises:
        ProfileRefused: anything else. Two people without an id must never share an account.
    """
    if isinstance(value, int) and not isinstance(value, bool) and value > 0:
        value = str(value)
    if isinstance(value, str) and _SUBJECT.fullmatch(value) and value.strip("0"):
        return value
    raise ProfileRefused("no usable id")


def read_text(value: object) -> str | None:
    """A non-empty string, or nothing."""
    return value.strip() or None if isinstance(value, str) else None


def read_https_url(value: object) -> str | None:
    """An address that a browser may be sent to for a picture: https, at most 2048 characters."""
    text = read_text(value)
    if text is None or len(text) > 2048 or not text.startswith("https://"):
        return None
    clean = text.isascii() and text.isprintable() and not set(text) & set(" \"'<>\\")
    return text if clean else None


def domain_of(email: str) -> str:
    """The part behind the last `@` in lower case; nothing, where there is none."""
    _, at, domain = email.rpartition("@")
    return domain.lower() if at else ""
