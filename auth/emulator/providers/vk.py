"""VK ID."""

import re
import secrets
from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

from emulator.apps import App
from emulator.authorize import authorize
from emulator.call import Call, single
from emulator.codes import Code
from emulator.exchange import Credentials, bearer, grant_for, known_client, new_access, new_refresh, redeem
from emulator.failures import Failure, Refused, WireError
from emulator.names import Pairs
from emulator.pkce import s256
from emulator.providers.vk_profile import signed_identity, user
from emulator.providers.vk_words import ERRORS, RIGHTS, WORDING
from emulator.reply import Reply, json_reply
from emulator.spec import Asked, Route, Spec
from emulator.tokens import AccessToken, Grant

_LIFETIME = timedelta(hours=1)
_STRICT_STATE = re.compile(r"[A-Za-z0-9_-]{32,}")
_STRICT_VERIFIER = re.compile(r"[A-Za-z0-9_-]{43,128}")


def _check(call: Call, asked: Asked) -> str | None:
    """The demands beyond those that all providers share (VK-14, VK-16)."""
    switches = call.world.switches.vk
    if switches.strict_state and not _STRICT_STATE.fullmatch(asked.state or ""):
        return "state must have 32 or more characters of a-z, A-Z, 0-9, _ and -"
    if switches.strict_localhost_port and not _usual_port(asked.redirect_uri):
        return "redirect_uri: localhost is allowed on ports 80 and 443 only"
    return None


def _usual_port(url: str) -> bool:
    parts = urlsplit(url)
    local = parts.hostname in ("localhost", "127.0.0.1", "::1")
    return not local or parts.port in (None, 80, 443)


def _new_device(call: Call, asked: Asked) -> str:
    """Issued by VK, opaque and long; the awkward one must survive URL encoding (VK-2)."""
    device_id = secrets.token_urlsafe(64)
    return f"{device_id}+/=&%20 ё" if call.world.switches.vk.awkward_device_id else device_id


def _extras(call: Call, code: Code | None) -> Pairs:
    if code is None:
        return ()
    return (
        ("device_id", code.device_id or ""),
        ("type", "code_v2"),
        ("expires_in", "600"),
        ("ext_id", secrets.token_urlsafe(24)),
    )


def _error_reply(call: Call, error: WireError) -> Reply:
    """Errors come with HTTP 200 (VK-4) and echo the `state` of this request (VK-6)."""
    body = {"error": error.error, "error_description": error.description, "state": _state(call)}
    return json_reply(body, status=call.world.switches.vk.error_status)


SPEC = Spec(
    slug="vk",
    wording=WORDING,
    rights=RIGHTS,
    default_scopes=("vkid.personal_info",),
    state_needed=True,
    challenge_needed=lambda call: True,
    challenge_methods={"s256": s256, "S256": s256},
    default_method=None,
    check=_check,
    silent_error=lambda call: call.world.switches.vk.prompt_none_error,
    refusal_mode=lambda call: call.world.switches.vk.refusal_mode,
    new_code=lambda: f"vk2.a.{secrets.token_urlsafe(96)}",
    device_id=_new_device,
    callback_extras=_extras,
    errors=ERRORS,
    error_reply=_error_reply,
)


def _parameters(call: Call) -> dict[str, str]:
    """Query and body count alike (VK-5)."""
    return single((*call.query(), *call.form()))


def _state(call: Call) -> str:
    return dict((*call.query(), *call.form())).get("state", "")


def _client(call: Call, parameters: Mapping[str, str]) -> App:
    """The application by its id alone; a `client_secret` is not looked at."""
    credentials = Credentials(client_id=parameters.get("client_id", ""), secret=None, basic=False)
    return known_client(call, SPEC, credentials, secret_optional=True)


def _token(call: Call) -> Reply:
    try:
        parameters = _parameters(call)
        app = _client(call, parameters)
        if app.service_token is not None and parameters.get("service_token") != app.service_token:
            raise Refused(Failure.WRONG_CREDENTIALS)
        match parameters.get("grant_type"):
            case "authorization_code":
                return _exchange(call, app, parameters)
            case "refresh_token":
                return _refresh(call, app, parameters)
            case _:
                raise Refused(Failure.UNSUPPORTED_GRANT)
    except Refused as refused:
        return _failed(call, refused.failure)


def _failed(call: Call, failure: Failure) -> Reply:
    if failure is Failure.WRONG_REFRESH_TOKEN:
        error = WireError(error=call.world.switches.vk.refresh_error, description="refresh_token is missing or invalid")
        return _error_reply(call, error)
    return SPEC.failed(call, failure)


def _exchange(call: Call, app: App, parameters: Mapping[str, str]) -> Reply:
    verifier = parameters.get("code_verifier", "")
    if call.world.switches.vk.strict_verifier and not _STRICT_VERIFIER.fullmatch(verifier):
        raise Refused(Failure.WRONG_VERIFIER)
    code = redeem(call, SPEC, app, parameters)
    if parameters.get("device_id") != code.device_id:
        raise Refused(Failure.WRONG_DEVICE)
    access = new_access(call, grant_for(code), "vk2.a.", _LIFETIME)
    identity = {"id_token": signed_identity(call, access.grant)}
    return json_reply(_pair(call, access) | identity | {"scope": " ".join(code.granted)})


def _refresh(call: Call, app: App, parameters: Mapping[str, str]) -> Reply:
    """Rotates both tokens; the replay of a used one ends the whole family (VK-9)."""
    token = call.world.tokens.refresh(
        parameters.get("refresh_token", ""),
        provider="vk",
        client_id=app.client_id,
        device_id=parameters.get("device_id", ""),
    )
    call.world.tokens.retire(token)
    access = new_access(call, token.grant, "vk2.a.", _LIFETIME)
    return json_reply(_pair(call, access) | {"scope": " ".join(token.grant.scopes)})


def _pair(call: Call, access: AccessToken) -> dict[str, Any]:
    subject = call.world.cast.account(access.grant.persona, "vk").subject
    return {
        "access_token": access.value,
        "refresh_token": new_refresh(call, access, "vk2.a."),
        "token_type": "Bearer",
        "expires_in": call.world.switches.vk.expires_in,
        # A number here, a string in user_info (VK-7).
        "user_id": int(subject) if subject.isdecimal() else subject,
        "state": _state(call),
    }


def _grant(call: Call) -> Grant:
    """Whose token this is; VK wants the client's id beside it (VK-8)."""
    parameters = _parameters(call)
    value = parameters.get("access_token") or bearer(call, "bearer")
    if not value:
        raise Refused(Failure.MISSING_ACCESS_TOKEN)
    client_id = _client(call, parameters).client_id
    grant = call.world.tokens.access(value, "vk").grant
    if grant.client_id != client_id:
        raise Refused(Failure.WRONG_ACCESS_TOKEN)
    return grant


def _user_info(call: Call) -> Reply:
    try:
        grant = _grant(call)
    except Refused as refused:
        return _failed(call, refused.failure)
    account = call.world.cast.account(grant.persona, "vk")
    return json_reply({"user": user(account, grant)})


def _logout(call: Call) -> Reply:
    """Ends this session (VK-15)."""
    try:
        call.world.tokens.revoke(_grant(call))
    except Refused as refused:
        return _failed(call, refused.failure)
    return json_reply({"response": 1})


def _revoke(call: Call) -> Reply:
    """Withdraws all that the person allowed the application (VK-15)."""
    try:
        call.world.tokens.revoke_consent(_grant(call))
    except Refused as refused:
        return _failed(call, refused.failure)
    return json_reply({"response": 1})


def _authorize(call: Call) -> Reply:
    return authorize(call, SPEC)


ROUTES = (
    Route(method="GET", path="/vk/authorize", endpoint="authorize", handler=_authorize),
    Route(method="POST", path="/vk/authorize", endpoint="consent", handler=_authorize),
    Route(method="POST", path="/vk/oauth2/auth", endpoint="token", handler=_token),
    Route(method="POST", path="/vk/oauth2/user_info", endpoint="profile", handler=_user_info),
    Route(method="POST", path="/vk/oauth2/logout", endpoint="logout", handler=_logout),
    Route(method="POST", path="/vk/oauth2/revoke", endpoint="revoke", handler=_revoke),
)
