"""Mail.ru, oauth.mail.ru."""

import secrets
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from emulator.apps import App
from emulator.authorize import authorize
from emulator.call import Call, single
from emulator.exchange import by_grant, grant_for, known_client, new_access, new_refresh, presented, redeem
from emulator.failures import Failure, Refused, WireError
from emulator.personas import Account
from emulator.pkce import plain, s256
from emulator.reply import Reply, json_reply
from emulator.spec import Right, Route, Spec, Wording
from emulator.tokens import AccessToken, Grant

_LIFETIME = timedelta(hours=1)
_GENDER = {"female": "f", "male": "m"}


def _error_reply(call: Call, error: WireError) -> Reply:
    """`error` has spaces, a number stands beside it, the status is 200 (MR-2)."""
    body = {"error": error.error, "error_code": error.number, "error_description": error.description}
    return json_reply(body, status=call.world.switches.mail.error_status)


def _invalid(description: str) -> WireError:
    return WireError(error="invalid request", description=description, number=2)


_STRANGER = WireError(error="invalid username or password", description="invalid client credentials", number=3)
_NO_TOKEN = WireError(error="token not found", description="token or code was not found", number=6)

SPEC = Spec(
    slug="mail",
    wording=Wording(
        title="Mail.ru",
        heading="Вход с Почтой Mail.ru",
        refusal="The resource owner denied the request",
    ),
    rights=(
        Right(name="userinfo", label="Имя, адрес почты и фотография", base=True),
        Right(name="openid", label="Вход на сайт", base=True),
        Right(name="profile", label="Имя, адрес почты и фотография", base=True),
        Right(name="mail.imap", label="Доступ к письмам"),
    ),
    default_scopes=("userinfo",),
    request_errors="redirect",
    challenge_needed=lambda call: call.world.switches.mail.pkce_required,
    challenge_ignored=lambda call: call.world.switches.mail.pkce_ignored,
    challenge_methods={"S256": s256, "plain": plain},
    new_code=lambda: secrets.token_hex(32),
    errors={
        Failure.NO_CREDENTIALS: _STRANGER,
        Failure.MALFORMED_CREDENTIALS: _STRANGER,
        Failure.WRONG_CREDENTIALS: _STRANGER,
        Failure.UNKNOWN_CLIENT: _STRANGER,
        Failure.MALFORMED_REQUEST: _invalid("malformed request"),
        Failure.UNSUPPORTED_GRANT: _invalid("unsupported grant_type"),
        Failure.MISSING_CODE: _invalid("missing request parameter: code"),
        Failure.WRONG_REDIRECT: _invalid("redirect_uri mismatch"),
        Failure.MISSING_VERIFIER: _invalid("missing request parameter: code_verifier"),
        Failure.WRONG_VERIFIER: _invalid("code_verifier mismatch"),
        Failure.MISSING_ACCESS_TOKEN: _invalid("missing request parameter: access_token"),
        Failure.UNKNOWN_CODE: _NO_TOKEN,
        Failure.FOREIGN_CODE: _NO_TOKEN,
        Failure.USED_CODE: _NO_TOKEN,
        Failure.EXPIRED_CODE: _NO_TOKEN,
        Failure.WRONG_REFRESH_TOKEN: _NO_TOKEN,
        Failure.WRONG_ACCESS_TOKEN: _NO_TOKEN,
    },
    error_reply=_error_reply,
)


def _token(call: Call) -> Reply:
    try:
        parameters = single(call.form())
        credentials = presented(call, parameters)
        if call.world.switches.mail.basic_only and not credentials.basic:
            raise Refused(Failure.NO_CREDENTIALS)
        app = known_client(call, SPEC, credentials)
        return by_grant(call, app, parameters, exchange=_exchange, refresh=_refresh)
    except Refused as refused:
        return SPEC.failed(call, refused.failure)


def _exchange(call: Call, app: App, parameters: Mapping[str, str]) -> Reply:
    code = redeem(call, SPEC, app, parameters)
    access = new_access(call, grant_for(code), "", _LIFETIME)
    return json_reply(_answer(access) | {"refresh_token": new_refresh(call, access, "")})


def _refresh(call: Call, app: App, parameters: Mapping[str, str]) -> Reply:
    """A new access token alone: the refresh token stays (MR-5)."""
    value = parameters.get("refresh_token", "")
    token = call.world.tokens.refresh(value, provider="mail", client_id=app.client_id)
    return json_reply(_answer(new_access(call, token.grant, "", _LIFETIME)))


def _answer(access: AccessToken) -> dict[str, Any]:
    return {"access_token": access.value, "expires_in": int(_LIFETIME.total_seconds()), "token_type": "bearer"}


def _userinfo(call: Call) -> Reply:
    """The token counts in the query only; a header is not seen (MR-1)."""
    value = dict(call.query()).get("access_token")
    try:
        if not value:
            raise Refused(Failure.MISSING_ACCESS_TOKEN)
        grant = call.world.tokens.access(value, "mail").grant
    except Refused as refused:
        return SPEC.failed(call, refused.failure)
    return json_reply(_profile(call.world.cast.account(grant.persona, "mail"), grant))


def _profile(account: Account, grant: Grant) -> dict[str, Any]:
    profile: dict[str, Any] = {
        "id": account.subject,
        "client_id": grant.client_id,
        "name": account.full_name,
        "first_name": account.first_name,
        "last_name": account.last_name,
        "nickname": account.login,
        "locale": "ru_RU",
    }
    optional = {
        "email": account.email,
        "image": account.avatar,
        "gender": _GENDER.get(account.sex or ""),
        "birthday": _dotted(account.birthday),
    }
    return account.finish(profile | {name: value for name, value in optional.items() if value is not None})


def _dotted(birthday: str | None) -> str | None:
    """`DD.MM.YYYY` (MR-6); zeros stay where a part is unknown."""
    return None if birthday is None else ".".join(reversed(birthday.split("-")))


def _authorize(call: Call) -> Reply:
    return authorize(call, SPEC)


ROUTES = (
    Route(method="GET", path="/mail/login", endpoint="authorize", handler=_authorize),
    Route(method="POST", path="/mail/login", endpoint="consent", handler=_authorize),
    Route(method="POST", path="/mail/token", endpoint="token", handler=_token),
    Route(method="GET", path="/mail/userinfo", endpoint="profile", handler=_userinfo),
)
