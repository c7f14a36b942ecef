"""Yandex ID (providers section 2)."""

import secrets
from collections.abc import Mapping
from datetime import timedelta
from hashlib import sha256
from math import ceil
from typing import Any

from emulator.apps import App
from emulator.authorize import authorize
from emulator.call import Call, single
from emulator.codes import Code
from emulator.exchange import (
    bearer,
    grant_for,
    known_client,
    new_access,
    new_refresh,
    presented,
    redeem,
)
from emulator.failures import Failure, Refused, WireError
from emulator.names import Pairs
from emulator.personas import Account
from emulator.pkce import plain, s256
from emulator.providers.yandex_formats import jwt_form, xml_form
from emulator.reply import Reply, json_reply
from emulator.spec import Asked, Right, Route, Spec, Wording
from emulator.tokens import AccessToken, Grant

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


def _error(error: str, description: str) -> WireError:
    return WireError(error=error, description=description)


SPEC = Spec(
    slug="yandex",
    wording=Wording(
        title="Яндекс ID",
        heading="Войти с Яндекс ID",
        refusal="Пользователь отказал в доступе приложению.",
    ),
    rights=(
        Right(name="login:info", label="Доступ к логину, имени, фамилии и полу"),
        Right(name="login:email", label="Доступ к адресу электронной почты"),
        Right(name="login:avatar", label="Доступ к портрету"),
        Right(name="login:birthday", label="Доступ к дате рождения"),
        Right(name="login:default_phone", label="Доступ к номеру телефона"),
    ),
    default_scopes=("login:info", "login:email", "login:avatar", "login:birthday", "login:default_phone"),
    scope_parameters=("scope", "optional_scope"),
    redirect_uri_needed=False,
    redirect_uri_at_token=False,
    max_state=1024,
    challenge_methods={"S256": s256, "plain": plain},
    new_code=lambda: secrets.token_hex(8),
    device_id=_device,
    callback_extras=_cid,
    errors={
        Failure.NO_CREDENTIALS: _error("Basic auth required", "Client credentials are missing"),
        Failure.MALFORMED_CREDENTIALS: _error("Malformed Authorization header", "Basic scheme expected"),
        Failure.WRONG_CREDENTIALS: _error("invalid_client", "Wrong client secret"),
        Failure.UNKNOWN_CLIENT: _error("invalid_client", "Client not found"),
        Failure.UNSUPPORTED_GRANT: _error("unsupported_grant_type", "Unknown grant_type"),
        Failure.MALFORMED_REQUEST: _error("invalid_request", "Malformed request"),
        Failure.MISSING_CODE: _error("invalid_request", "code not in POST"),
        Failure.UNKNOWN_CODE: _error("bad_verification_code", "Invalid code"),
        Failure.FOREIGN_CODE: _error("invalid_grant", "Code was issued to another client"),
        Failure.USED_CODE: _error("invalid_grant", "Code has expired"),
        Failure.EXPIRED_CODE: _error("invalid_grant", "Code has expired"),
        Failure.WRONG_REDIRECT: _error("invalid_grant", "redirect_uri does not match"),
        Failure.MISSING_VERIFIER: _error("invalid_grant", "code_verifier not in POST"),
        Failure.WRONG_VERIFIER: _error("invalid_grant", "code_verifier does not match"),
        Failure.WRONG_DEVICE: _error("invalid_request", "device_id must be 6 to 50 printable ASCII characters"),
        Failure.WRONG_REFRESH_TOKEN: _error("invalid_grant", "Refresh token is invalid or expired"),
        Failure.WRONG_ACCESS_TOKEN: _error("invalid_grant", "Access token is invalid or expired"),
        Failure.TOKEN_WITHOUT_DEVICE: _error("unsupported_token_type", "Token was issued without device_id"),
    },
    error_reply=_error_reply,
)


def _token(call: Call) -> Reply:
    try:
        parameters = single(call.form())
        switches = call.world.switches.yandex
        optional = switches.secret_optional_with_pkce and "code_verifier" in parameters
        app = known_client(call, SPEC, presented(call, parameters), secret_optional=optional)
        match parameters.get("grant_type"):
            case "authorization_code":
                return _exchange(call, app, parameters)
            case "refresh_token":
                return _refresh(call, app, parameters)
            case _:
                raise Refused(Failure.UNSUPPORTED_GRANT)
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
    profile = _profile(account, token.grant)
    match query.get("format", "json"):
        case "xml":
            return xml_form(profile)
        case "jwt":
            return jwt_form(call, token.grant, profile, query.get("jwt_secret"))
        case _:
            return json_reply(profile)


def _unauthorized() -> Reply:
    # No body: its real form is unknown, so no client may read it (YA-5).
    return Reply(status=401, headers=(("WWW-Authenticate", 'OAuth realm="login.yandex"'),))


def _profile(account: Account, grant: Grant) -> dict[str, Any]:
    profile: dict[str, Any] = {
        "id": account.subject,
        "login": account.login,
        "client_id": grant.client_id,
        "psuid": _pairwise(account.subject, grant.client_id),
    }
    for scope in grant.scopes:
        profile |= _FIELDS[scope](account)
    return account.finish(profile)


def _pairwise(subject: str, client_id: str) -> str:
    return f"1.AA.{sha256(f'{client_id}:{subject}'.encode()).hexdigest()[:22]}"


def _name(account: Account) -> dict[str, Any]:
    return {
        "display_name": account.login,
        "real_name": account.full_name,
        "first_name": account.first_name,
        "last_name": account.last_name,
        "sex": account.sex,
    }


def _email(account: Account) -> dict[str, Any]:
    emails = [] if account.email is None else [account.email]
    return {"default_email": account.email or "", "emails": emails}


def _avatar(account: Account) -> dict[str, Any]:
    return {"default_avatar_id": account.avatar or "0/0-0", "is_avatar_empty": account.avatar is None}


def _birthday(account: Account) -> dict[str, Any]:
    return {"birthday": account.birthday}


def _phone(account: Account) -> dict[str, Any]:
    if account.phone is None:
        return {}  # granted, yet absent: it happens (YA-7)
    return {"default_phone": {"id": int(account.phone[-8:]), "number": account.phone}}


_FIELDS = {
    "login:info": _name,
    "login:email": _email,
    "login:avatar": _avatar,
    "login:birthday": _birthday,
    "login:default_phone": _phone,
}


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
