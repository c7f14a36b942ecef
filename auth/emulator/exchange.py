"""The token endpoint's shared steps: who asks, and what the code or refresh token is worth."""

import binascii
import hmac
import secrets
from base64 import b64decode
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import unquote_plus

from emulator.apps import App
from emulator.call import Call
from emulator.codes import Code
from emulator.effects import AcceptUsedCode, IgnorePkce
from emulator.failures import Failure, Refused
from emulator.pkce import proves
from emulator.reply import Reply
from emulator.spec import Spec
from emulator.tokens import AccessToken, Grant

Parameters = Mapping[str, str]
GrantAnswer = Callable[[Call, App, Parameters], Reply]


@dataclass(frozen=True, kw_only=True)
class Credentials:
    """What a client presents about itself, and where."""

    client_id: str
    secret: str | None
    basic: bool


def basic_credentials(call: Call) -> Credentials | None:
    """Client id and secret from the Authorization header (RFC 6749, section 2.3.1).

    Raises:
        Refused: the header is there but unreadable.
    """
    header = call.received.headers.get("Authorization")
    if header is None:
        return None
    scheme, _, encoded = header.partition(" ")
    try:
        client_id, colon, secret = b64decode(encoded.strip(), validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        raise Refused(Failure.MALFORMED_CREDENTIALS) from None
    if scheme.lower() != "basic" or not colon:
        raise Refused(Failure.MALFORMED_CREDENTIALS)
    return Credentials(client_id=unquote_plus(client_id), secret=unquote_plus(secret), basic=True)


def presented(call: Call, parameters: Parameters) -> Credentials:
    """The client's credentials, from the header or the body, never from both.

    Raises:
        Refused: none, or two secrets.
    """
    basic = basic_credentials(call)
    in_body = parameters.get("client_secret")
    client_id = parameters.get("client_id")
    if basic is not None:
        if in_body is not None or client_id not in (None, basic.client_id):
            raise Refused(Failure.MALFORMED_REQUEST)
        return basic
    if client_id is None:
        raise Refused(Failure.NO_CREDENTIALS)
    return Credentials(client_id=client_id, secret=in_body, basic=False)


def known_client(call: Call, spec: Spec, credentials: Credentials, *, secret_optional: bool = False) -> App:
    """The application that the credentials prove.

    Raises:
        Refused: unknown client, missing or wrong secret.
    """
    app = call.world.apps.find(spec.slug, credentials.client_id)
    if app is None:
        raise Refused(Failure.UNKNOWN_CLIENT)
    if app.client_secret is None or (credentials.secret is None and secret_optional):
        return app
    if credentials.secret is None:
        raise Refused(Failure.NO_CREDENTIALS)
    if not hmac.compare_digest(credentials.secret.encode("utf-8", "surrogateescape"), app.client_secret.encode()):
        raise Refused(Failure.WRONG_CREDENTIALS)
    return app


def redeem(call: Call, spec: Spec, app: App, parameters: Parameters) -> Code:
    """Spend the code that the request brings and check all its bindings.

    The first try of its own client uses a code up, also when the try fails.

    Raises:
        Refused: the code or something that it is bound to is wrong.
    """
    value = parameters.get("code")
    if not value:
        raise Refused(Failure.MISSING_CODE)
    again = call.effect(AcceptUsedCode) is not None
    code = call.world.codes.spend(value, provider=spec.slug, client_id=app.client_id, again=again)
    _check_redirect(spec, code, parameters.get("redirect_uri"))
    if call.effect(IgnorePkce) is None and not spec.challenge_ignored(call):
        _check_verifier(spec, code, parameters.get("code_verifier"))
    return code


def _check_redirect(spec: Spec, code: Code, sent: str | None) -> None:
    if sent is None and not spec.redirect_uri_at_token:
        return
    if sent != code.redirect_uri:
        raise Refused(Failure.WRONG_REDIRECT)


def _check_verifier(spec: Spec, code: Code, verifier: str | None) -> None:
    if code.challenge is None or code.challenge_method is None:
        return
    if not verifier:
        raise Refused(Failure.MISSING_VERIFIER)
    transform = spec.challenge_methods[code.challenge_method]
    if not proves(verifier, challenge=code.challenge, transform=transform):
        raise Refused(Failure.WRONG_VERIFIER)


def grant_for(code: Code, *, device_id: str | None = None) -> Grant:
    """The grant that a redeemed code stands for."""
    return Grant(
        family=secrets.token_hex(8),
        provider=code.provider,
        client_id=code.client_id,
        persona=code.persona,
        scopes=code.granted,
        device_id=device_id or code.device_id,
    )


def new_access(call: Call, grant: Grant, prefix: str, lifetime: timedelta) -> AccessToken:
    """Issue an access token that begins as the provider's tokens do."""
    return call.world.tokens.add_access(prefix + secrets.token_urlsafe(48), grant, lifetime)


def new_refresh(call: Call, access: AccessToken, prefix: str) -> str:
    """Issue a refresh token beside an access token."""
    return call.world.tokens.add_refresh(prefix + secrets.token_urlsafe(48), access).value


def bearer(call: Call, *schemes: str) -> str | None:
    """The token from an Authorization header of one of the schemes, or None."""
    scheme, _, token = call.received.headers.get("Authorization", "").partition(" ")
    return token.strip() or None if scheme.lower() in schemes else None


def by_grant(call: Call, app: App, parameters: Parameters, *, exchange: GrantAnswer, refresh: GrantAnswer) -> Reply:
    """Let the grant that was asked for answer.

    Raises:
        Refused: the provider knows no such grant.
    """
    match parameters.get("grant_type"):
        case "authorization_code":
            return exchange(call, app, parameters)
        case "refresh_token":
            return refresh(call, app, parameters)
        case _:
            raise Refused(Failure.UNSUPPORTED_GRANT)
