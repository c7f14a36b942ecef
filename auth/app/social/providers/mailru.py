"""Mail.ru (oauth.mail.ru). For applications connected before July 2025; new ones use VK ID."""

from app.social.model import Profile
from app.social.provider import (
    ClientAuth,
    Json,
    ProfileRefused,
    Provider,
    TokenPlacement,
    domain_of,
    read_https_url,
    read_subject,
    read_text,
)

_OWN_DOMAINS = frozenset({"mail.ru", "inbox.ru", "list.ru", "bk.ru", "internet.ru", "xmail.ru"})


def _parse_profile(answer: Json, client_id: str) -> Profile:
    if answer.get("client_id", client_id) != client_id:
        raise ProfileRefused("issued to another application")
    email = read_text(answer.get("email"))
    return Profile(
        subject=read_subject(answer.get("id")),
        email=email,
        # No flag on the wire; the login is the mailbox itself, where Mail.ru hosts it.
        email_verified=email is not None and domain_of(email) in _OWN_DOMAINS,
        name=read_text(answer.get("name")),
        avatar_url=read_https_url(answer.get("image")),
    )


MAILRU = Provider(
    social="mail",
    title={"ru": "Mail.ru", "en": "Mail.ru"},
    icon="mail.svg",
    authorize_url="https://oauth.mail.ru/login",
    token_url="https://oauth.mail.ru/token",
    profile_url="https://oauth.mail.ru/userinfo",
    gives_apps_codes=False,  # whether it compares a verifier is disputed
    scope="userinfo",
    client_auth=ClientAuth.BASIC,
    profile_token=TokenPlacement.QUERY,  # a header is answered with error 2; the address never enters a log
    parse_profile=_parse_profile,
)
