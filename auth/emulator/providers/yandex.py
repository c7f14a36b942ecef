"""Yandex ID."""

import secrets
from collections.abc import Mapping
from datetime import timedelta
from math import ceil
from typing import Any

from emulator.apps import App
from emulator.authorize import authorize
from emulator.call import Call, single
from emulator.codes import Code
from emulator.exchange import bearer, by_grant, grant_for, known_client, new_access, new_refresh, presented, redeem
from emulator.failures import Failure, Refused, WireError
from emulator.names import Pairs
from emulator.pkce import plain, s256
from emulator.providers.yandex_formats import jwt_form, xml_form
from emulator.providers.yandex_profile import profile
from emulator.providers.yandex_words import ERRORS, RIGHTS, WORDING
from emulator.reply import Reply, json_reply
from emulator.spec import Asked, Route, Spec
from emulator.tokens import AccessToken

_LIFETIME = timedelta(seconds=31_535_999)
_DEVICE_LENGTHS = range(6, 51)


def _cid(call: Call, code: Code | None) -> Pairs:
    """An undocumented parameter seen on real callbacks (YA-11)."""
    return (("cid", secrets.token_hex(8)),) if call.world.switches.yandex.cid else ()


def _device(call: Call, asked: Asked) -> str | None:
    return asked.get("device_id")


def _error_reply(call: Call, error: WireError) -> Reply:
    body = {"error": error.error, "error_description": error.description}
    return json_reply(body, status=error.status)


SPEC = Spec(
    slug="yandex",
    wording=WORDING,
    rights=RIGHTS,
    default_scopes=tuple(right.name for right in RIGHTS),
    scope_parameters=("scope", "optional_scope"),
    redirect_uri_needed=False,
    redirect_uri_at_token=False,
    max_state=1024,
    challenge_methods={"S256": s256, "plain": plain},
    new_code=lambda: secrets.token_hex(8),
    device_id=_device,
    callback_extras=_cid,
    errors=ERRORS,
    error_reply=_error_reply,
)


def _token(call: Call) -> Reply:
    try:
        parameters = single(call.form())
        switches = call.world.switches.yandex
        optional = switches.secret_optional_with_pkce and "code_verifier" in parameters
        app = known_client(call, SPEC, presented(call, parameters), secret_optional=optional)
        return by_grant(call, app, parameters, exchange=_exchange, refresh=_refresh)
    except Refused as refused:
        return SPEC.failed(call, refused.failure)


def _exchange(call: Call, app: App, parameters: Mapping[str, str]) -> Reply:
    device_id = parameters.get("device_id")
    if device_id is not None and not _likes(device_id):
        raise Refused(Failure.WRONG_DEVICE)
    code = redeem(call, SPEC, app, parameters)
    access = new_access(call, grant_for(code, device_id=device_id), "y0_", _LIFETIME)
    return json_reply(_pair(call, access) | _shrunk(code))


def _likes(device_id: str) -> bool:
    return len(device_id) in _DEVICE_LENGTHS and device_id.isascii() and device_id.isprintable()


def _shrunk(code: Code) -> dict[str, Any]:
    """`scope` stands in the reply only when the person granted less than was asked."""
    return {} if set(code.granted) == set(code.requested) else {"scope": " ".join(code.granted)}


def _pair(call: Call, access: AccessToken) -> dict[str, Any]:
    return {
        "token_type": "bearer",
        "access_token": access.value,
        "expires_in": ceil((access.expires_at - call.world.clock.now()).total_seconds()),
        "refresh_token": new_refresh(call, access, "1:"),
    }


def _refresh(call: Call, app: App, parameters: Mapping[str, str]) -> Reply:
    """The token stays good after its use, unlike VK's (YA-8)."""
    value = parameters.get("refresh_token", "")
    token = call.world.tokens.refresh(value, provider="yandex", client_id=app.client_id)
    switches = call.world.switches.yandex
    keep = switches.refresh_keeps_access_token
    access = token.access if keep else new_access(call, token.grant, "y0_", _LIFETIME)
    pair = _pair(call, access)
    if switches.refresh_omits_refresh_token:
        del pair["refresh_token"]
    return json_reply(pair)


def _info(call: Call) -> Reply:
    """Answers to tokens of any Yandex application and says whose they are (YA-5, YA-6)."""
    query = dict(call.query())
    value = bearer(call, "oauth", "bearer") or query.get("oauth_token")
    if not value:
        return _unauthorized()
    try:
        token = call.world.tokens.access(value, "yandex")
    except Refused:
        return _unauthorized()
    account = call.world.cast.account(token.grant.persona, "yandex")
    told = profile(account, token.grant)
    match query.get("format", "json"):
        case "xml":
            return xml_form(told)
        case "jwt":
            return jwt_form(call, token.grant, told, query.get("jwt_secret"))
        case _:
            return json_reply(told)


def _unauthorized() -> Reply:
    # No body: its real form is unknown, so no client may read it (YA-5).
    return Reply(status=401, headers=(("WWW-Authenticate", 'OAuth realm="login.yandex"'),))


def _revoke(call: Call) -> Reply:
    """Works only for tokens that were issued to a device (YA-9)."""
    try:
        parameters = single(call.form())
        app = known_client(call, SPEC, presented(call, parameters))
        token = call.world.tokens.access(parameters.get("access_token", ""), "yandex")
        if token.grant.client_id != app.client_id:
            raise Refused(Failure.WRONG_ACCESS_TOKEN)
        if token.grant.device_id is None:
            raise Refused(Failure.TOKEN_WITHOUT_DEVICE)
    except Refused as refused:
        return SPEC.failed(call, refused.failure)
    call.world.tokens.revoke(token.grant)
    return json_reply({"status": "ok"})


def _authorize(call: Call) -> Reply:
    return authorize(call, SPEC)


ROUTES = (
    Route(method="GET", path="/yandex/authorize", endpoint="authorize", handler=_authorize),
    Route(method="POST", path="/yandex/authorize", endpoint="consent", handler=_authorize),
    Route(method="POST", path="/yandex/token", endpoint="token", handler=_token),
    Route(method="GET", path="/yandex/info", endpoint="profile", handler=_info),
    Route(method="POST", path="/yandex/revoke_token", endpoint="revoke", handler=_revoke),
)
