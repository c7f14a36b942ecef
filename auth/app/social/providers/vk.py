"""VK ID (OAuth 2.1). Documentation: id.vk.ru/about/business/go/docs."""

from app.social.model import Profile
from app.social.provider import (
    ClientAuth,
    Json,
    ProfileRefused,
    Provider,
    TokenPlacement,
    read_https_url,
    read_subject,
    read_text,
)


def _parse_profile(answer: Json, client_id: str) -> Profile:
    user = answer.get("user")
    if not isinstance(user, dict):
        raise ProfileRefused("no user")
    names = (read_text(user.get("first_name")), read_text(user.get("last_name")))
    return Profile(
        subject=read_subject(user.get("user_id")),
        email=read_text(user.get("email")),
        email_verified=False,  # VK's `verified` is about the account, not the address
        name=" ".join(name for name in names if name) or None,
        avatar_url=read_https_url(user.get("avatar")),
    )


VK = Provider(
    social="vk",
    title={"ru": "VK ID", "en": "VK ID"},
    icon="vk.svg",
    authorize_url="https://id.vk.ru/authorize",
    token_url="https://id.vk.ru/oauth2/auth",
    profile_url="https://id.vk.ru/oauth2/user_info",
    gives_apps_codes=True,
    scope="vkid.personal_info email",
    challenge_method="s256",
    client_auth=ClientAuth.PUBLIC,
    callback_params=("device_id",),
    echoes_state=True,
    profile_token=TokenPlacement.FORM,
    parse_profile=_parse_profile,
)
