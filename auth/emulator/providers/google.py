"""Google, OpenID Connect."""

import secrets
from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

from emulator.apps import App
from emulator.authorize import authorize
from emulator.call import Call, single
from emulator.codes import Code
from emulator.exchange import bearer, by_grant, grant_for, known_client, new_access, new_refresh, presented, redeem
from emulator.failures import Failure, Refused, WireError
from emulator.id_token import at_hash, id_token
from emulator.names import Pairs
from emulator.personas import Account
from emulator.pkce import plain, s256
from emulator.providers.google_words import ERRORS, RIGHTS, WORDING
from emulator.reply import Reply, json_reply
from emulator.spec import Route, Spec
from emulator.tokens import AccessToken
from emulator.world import World

_LIFETIME = timedelta(seconds=3599)
_ID_TOKEN_SECONDS = 3600


def issuer(world: World) -> str:
    """The issuer as discovery names it."""
    return f"{world.url}/google"


def token_issuer(world: World) -> str:
    """The issuer as ID tokens name it: old ones lack the scheme (GO-3)."""
    full = issuer(world)
    return full if world.switches.google.issuer_with_scheme else full.removeprefix(f"{urlsplit(full).scheme}://")


def _iss(call: Call, code: Code | None) -> Pairs:
    """RFC 9207, on success and refusal alike (GO-7)."""
    return (("iss", issuer(call.world)),) if call.world.switches.google.callback_iss else ()


def _error_reply(call: Call, error: WireError) -> Reply:
    return json_reply({"error": error.error, "error_description": error.description}, status=error.status)


SPEC = Spec(
    slug="google",
    wording=WORDING,
    rights=RIGHTS,
    challenge_methods={"S256": s256, "plain": plain},
    silent_error=lambda call: "interaction_required",
    # The slash is real: whoever does not escape a code breaks here.
    new_code=lambda: f"4/0A{secrets.token_urlsafe(52)}",
    callback_extras=_iss,
    errors=ERRORS,
    error_reply=_error_reply,
)


def _token(call: Call) -> Reply:
    try:
        parameters = single(call.form())
        app = known_client(call, SPEC, presented(call, parameters))
        return by_grant(call, app, parameters, exchange=_exchange, refresh=_refresh)
    except Refused as refused:
        return SPEC.failed(call, refused.failure)


def _exchange(call: Call, app: App, parameters: Mapping[str, str]) -> Reply:
    code = redeem(call, SPEC, app, parameters)
    access = new_access(call, grant_for(code), "ya29.a0", _LIFETIME)
    answer = _answer(call, access, nonce=code.nonce)
    if _first_consent(call, code) and code.offline:
        answer["refresh_token"] = new_refresh(call, access, "1//0")
    return json_reply(answer)


def _first_consent(call: Call, code: Code) -> bool:
    """Google hands a refresh token out once, unless consent is forced (GO-4)."""
    key = ("google", code.client_id, code.persona)
    first = key not in call.world.consents
    call.world.consents.add(("google", code.client_id, code.persona))
    return first or code.forced


def _refresh(call: Call, app: App, parameters: Mapping[str, str]) -> Reply:
    value = parameters.get("refresh_token", "")
    token = call.world.tokens.refresh(value, provider="google", client_id=app.client_id)
    return json_reply(_answer(call, new_access(call, token.grant, "ya29.a0", _LIFETIME), nonce=None))


def _answer(call: Call, access: AccessToken, *, nonce: str | None) -> dict[str, Any]:
    answer: dict[str, Any] = {
        "access_token": access.value,
        "expires_in": int(_LIFETIME.total_seconds()),
        "scope": " ".join(access.grant.scopes),
        "token_type": "Bearer",
    }
    if "openid" in access.grant.scopes:
        answer["id_token"] = id_token(call.world.keyring, _claims(call, access, nonce), call.effects)
    return answer


def _claims(call: Call, access: AccessToken, nonce: str | None) -> dict[str, Any]:
    account = call.world.cast.account(access.grant.persona, "google")
    claims = identity_claims(call.world, access.grant.client_id, profile(account, access.grant.scopes))
    claims["at_hash"] = at_hash(access.value)
    if nonce is not None:
        claims["nonce"] = nonce
    return claims


def identity_claims(world: World, client_id: str, who: Mapping[str, Any]) -> dict[str, Any]:
    """The claims of an ID token for a client about a person."""
    now = world.clock.timestamp()
    return {
        "iss": token_issuer(world),
        "azp": client_id,
        "aud": client_id,
        **who,
        "iat": now,
        "exp": now + _ID_TOKEN_SECONDS,
    }


def profile(account: Account, scopes: tuple[str, ...]) -> dict[str, Any]:
    """Who the person is, by the rights granted (GO-5, GO-10)."""
    told: dict[str, Any] = {"sub": account.subject}
    if "email" in scopes and account.email is not None:
        told |= {"email": account.email, "email_verified": account.email_verified}
    if account.hd is not None:
        told["hd"] = account.hd
    if "profile" in scopes:
        told |= {"name": account.full_name, "given_name": account.first_name, "family_name": account.last_name}
        if account.avatar is not None:
            told["picture"] = account.avatar
    return account.finish(told)


def _userinfo(call: Call) -> Reply:
    value = bearer(call, "bearer")
    try:
        if value is None:
            raise Refused(Failure.MISSING_ACCESS_TOKEN)
        grant = call.world.tokens.access(value, "google").grant
    except Refused as refused:
        return _challenged(SPEC.failed(call, refused.failure))
    return json_reply(profile(call.world.cast.account(grant.persona, "google"), grant.scopes))


def _challenged(reply: Reply) -> Reply:
    challenge = ("WWW-Authenticate", 'Bearer realm="https://accounts.google.com/", error="invalid_token"')
    return Reply(status=reply.status, body=reply.body, content_type=reply.content_type, headers=(challenge,))


def _revoke(call: Call) -> Reply:
    parameters = dict((*call.query(), *call.form()))
    grant = call.world.tokens.grant_of(parameters.get("token", ""), "google")
    if grant is None:
        return _error_reply(call, WireError(error="invalid_token", description="Token expired or revoked"))
    call.world.tokens.revoke(grant)
    call.world.consents.discard(("google", grant.client_id, grant.persona))
    return json_reply({})


def _authorize(call: Call) -> Reply:
    return authorize(call, SPEC)


ROUTES = (
    Route(method="GET", path="/google/o/oauth2/v2/auth", endpoint="authorize", handler=_authorize),
    Route(method="POST", path="/google/o/oauth2/v2/auth", endpoint="consent", handler=_authorize),
    Route(method="POST", path="/google/token", endpoint="token", handler=_token),
    Route(method="GET", path="/google/v1/userinfo", endpoint="profile", handler=_userinfo),
    Route(method="POST", path="/google/v1/userinfo", endpoint="profile", handler=_userinfo),
    Route(method="POST", path="/google/revoke", endpoint="revoke", handler=_revoke),
)
