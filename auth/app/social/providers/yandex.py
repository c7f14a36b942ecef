"""Yandex ID. Documentation: yandex.ru/dev/id/doc."""

import re

from app.social.model import Profile
from app.social.provider import (
    ClientAuth,
    Json,
    ProfileRefused,
    Provider,
    TokenPlacement,
    domain_of,
    read_subject,
    read_text,
)

_OWN_DOMAIN = re.compile(
    r"ya\.ru|yandex\.(ru|com|by|kz|ua|uz|com\.tr|co\.il|az|com\.am|com\.ge|kg|lt|lv|md|tj|tm|ee|fr)"
)
_AVATAR_ID = re.compile(r"(?=.{1,200}\Z)[A-Za-z0-9_-]+(/[A-Za-z0-9_-]+)*")


def _parse_profile(answer: Json, client_id: str) -> Profile:
    if answer.get("client_id") != client_id:  # `/info` honours the token of any application
        raise ProfileRefused("issued to another application")
    email = read_text(answer.get("default_email"))
    return Profile(
        subject=read_subject(answer.get("id")),
        email=email,
        # The API has no flag. For mailboxes that Yandex itself hosts it is the authority.
        email_verified=email is not None and _OWN_DOMAIN.fullmatch(domain_of(email)) is not None,
        name=read_text(answer.get("real_name")) or read_text(answer.get("display_name")),
        avatar_url=_avatar(answer),
    )


def _avatar(answer: Json) -> str | None:
    avatar_id = answer.get("default_avatar_id")
    if answer.get("is_avatar_empty") is not False or not isinstance(avatar_id, str):
        return None
    if not _AVATAR_ID.fullmatch(avatar_id):
        return None
    return f"https://avatars.yandex.net/get-yapic/{avatar_id}/islands-200"


YANDEX = Provider(
    social="yandex",
    title={"ru": "Яндекс", "en": "Yandex"},
    icon="yandex.svg",
    authorize_url="https://oauth.yandex.ru/authorize",
    token_url="https://oauth.yandex.ru/token",
    profile_url="https://login.yandex.ru/info",
    gives_apps_codes=True,  # to those that ask for one: Yandex's own SDK gives a token
    scope="login:info login:email login:avatar",
    client_auth=ClientAuth.BASIC,
    profile_token=TokenPlacement.HEADER_OAUTH,
    profile_params={"format": "json"},
    parse_profile=_parse_profile,
)
