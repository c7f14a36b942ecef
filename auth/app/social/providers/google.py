"""Google (OpenID Connect). Documentation: developers.google.com/identity/openid-connect."""

from app.social.model import Profile
from app.social.provider import ClientAuth, Json, Provider, domain_of, read_https_url, read_subject, read_text


def _parse_profile(claims: Json, client_id: str) -> Profile:
    email = read_text(claims.get("email"))
    # Google is the authority for its own mailboxes and for Workspace domains; any other address was
    # verified once, by whoever owned it then (developers.google.com/identity/gsi/web/guides).
    hosted = email is not None and (domain_of(email) == "gmail.com" or read_text(claims.get("hd")) is not None)
    return Profile(
        subject=read_subject(claims.get("sub")),
        email=email,
        email_verified=hosted and claims.get("email_verified") is True,
        name=read_text(claims.get("name")),
        avatar_url=read_https_url(claims.get("picture")),
    )


GOOGLE = Provider(
    social="google",
    title={"ru": "Google", "en": "Google"},
    icon="google.svg",
    issuer="https://accounts.google.com",
    gives_apps_codes=False,  # its SDK's code has no verifier, its ID token no nonce: whoever holds it gets in
    is_foreign=True,
    scope="openid email profile",
    client_auth=ClientAuth.BODY,
    parse_profile=_parse_profile,
)
