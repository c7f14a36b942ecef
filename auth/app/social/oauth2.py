"""The OAuth 2.0 code flow with PKCE, once for all providers (RFC 6749, RFC 7636, RFC 9700)."""

import re
import secrets
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from urllib.parse import quote_plus, urlencode, urlsplit

from app.social.errors import AuthorizationCodeRefused, ProviderAnswerInvalid, ProviderUnavailable
from app.social.model import LoginAttempt
from app.social.provider import ClientAuth, Json, Provider, TokenPlacement
from app.social.provider_http import ProviderHttp, ProviderRequest

_TOKEN_TEXT = re.compile(r"[\x21-\x7e]{1,8192}")  # visible ASCII: can never split a header
_TRY_LATER = frozenset({"slow_down", "temporarily_unavailable", "server_error"})
_CODE_REFUSED = frozenset(
    {"invalid_grant", "bad_verification_code", "invalid_request", "access_denied"}
    | {"token not found", "invalid request"}  # Mail.ru's spelling
)


@dataclass(frozen=True, kw_only=True)
class Endpoints:
    """Where a provider lives right now: from its description, a setting, or discovery."""

    authorize_url: str
    token_url: str
    profile_url: str = ""


@dataclass(frozen=True, kw_only=True)
class Application:
    """Our registration at a provider."""

    client_id: str
    client_secret: str = field(default="", repr=False)
    service_token: str = field(default="", repr=False)
    redirect_uri: str


@dataclass(frozen=True, kw_only=True)
class Callback:
    """What the provider sent back: the code, and what must be handed back with it."""

    code: str = field(repr=False)
    extra: Mapping[str, str]


@dataclass(frozen=True, kw_only=True)
class TokenAnswer:
    """A successful token answer (RFC 6749, section 5.1). The access token is used once and forgotten."""

    access_token: str = field(repr=False)
    id_token: str | None = field(default=None, repr=False)


def code_challenge(code_verifier: str) -> str:
    """S256 of a verifier (RFC 7636, section 4.2)."""
    return urlsafe_b64encode(sha256(code_verifier.encode()).digest()).rstrip(b"=").decode()


def authorize_url(
    provider: Provider, application: Application, endpoints: Endpoints, attempt: LoginAttempt, state: str
) -> str:
    """The address to send the browser to. Holds configured values only, nothing of the caller's."""
    params = {
        "response_type": "code",
        "client_id": application.client_id,
        "redirect_uri": application.redirect_uri,
        "scope": provider.scope,
        "state": state,
        "code_challenge": code_challenge(attempt.code_verifier),
        "code_challenge_method": provider.challenge_method,
        **provider.authorize_params,
    }
    if provider.optional_scope:
        params["optional_scope"] = provider.optional_scope
    if provider.issuer:
        params["nonce"] = attempt.nonce
    separator = "&" if urlsplit(endpoints.authorize_url).query else "?"
    return endpoints.authorize_url + separator + urlencode(params)


async def exchange_code(
    http: ProviderHttp,
    provider: Provider,
    application: Application,
    endpoints: Endpoints,
    callback: Callback,
    code_verifier: str,
) -> TokenAnswer:
    """Trade an authorization code for an access token (RFC 6749, section 4.1.3).

    Spends the code: call only after the login attempt has been taken and checked.

    Raises:
        AuthorizationCodeRefused: the provider does not accept the code.
        ProviderUnavailable: no complete answer in time.
        ProviderAnswerInvalid: an answer without a usable token.
    """
    form = {
        "grant_type": "authorization_code",
        "code": callback.code,
        "code_verifier": code_verifier,
        "redirect_uri": application.redirect_uri,
        **callback.extra,
    }
    state = secrets.token_urlsafe(32) if provider.echoes_state else ""
    if state:
        form["state"] = state
    headers = _authenticate(provider, application, form)
    request = ProviderRequest(method="POST", url=endpoints.token_url, headers=headers, form=form)
    answer = await http.request(request)
    _check_error(answer.body, answer.status)
    # VK repeats the `state` of this very request; another one belongs to somebody else's answer.
    if state and answer.body.get("state", "") not in ("", state):
        raise ProviderAnswerInvalid
    return _read_tokens(answer.body)


async def fetch_profile(
    http: ProviderHttp, provider: Provider, application: Application, endpoints: Endpoints, access_token: str
) -> Json:
    """Read the profile with a fresh access token, placed where the provider wants it.

    Raises:
        ProviderUnavailable, ProviderAnswerInvalid: as for `exchange_code`.
    """
    params, headers, form = dict(provider.profile_params), dict[str, str](), None
    match provider.profile_token:
        case TokenPlacement.HEADER_OAUTH:
            headers["Authorization"] = f"OAuth {access_token}"
        case TokenPlacement.QUERY:
            params["access_token"] = access_token
        case TokenPlacement.FORM:
            form = {"access_token": access_token, "client_id": application.client_id}
    method = "GET" if form is None else "POST"
    answer = await http.request(
        ProviderRequest(method=method, url=endpoints.profile_url, params=params, headers=headers, form=form)
    )
    if _error_code(answer.body) in _TRY_LATER:
        raise ProviderUnavailable
    if answer.status != 200 or "error" in answer.body:
        raise ProviderAnswerInvalid
    return answer.body


def _authenticate(provider: Provider, application: Application, form: dict[str, str]) -> dict[str, str]:
    """Put our credentials where the provider wants them; give the headers."""
    match provider.client_auth:
        case ClientAuth.BASIC:
            pair = f"{quote_plus(application.client_id)}:{quote_plus(application.client_secret)}"
            return {"Authorization": "Basic " + b64encode(pair.encode()).decode()}
        case ClientAuth.BODY:
            form.update(client_id=application.client_id, client_secret=application.client_secret)
        case ClientAuth.PUBLIC:
            form["client_id"] = application.client_id
            if application.service_token:
                form["service_token"] = application.service_token
    return {}


def _check_error(body: Json, status: int) -> None:
    """Look at the body first, then at the status: VK and Mail.ru send errors with 200."""
    error = _error_code(body)
    if error in _TRY_LATER:
        raise ProviderUnavailable
    if error in _CODE_REFUSED:
        raise AuthorizationCodeRefused
    if "error" in body or status != 200:
        raise ProviderAnswerInvalid


def _error_code(body: Json) -> str | None:
    """What `error` says, where it is the text that it should be; some interfaces put an object there."""
    error = body.get("error")
    return error if isinstance(error, str) else None


def _read_tokens(body: Json) -> TokenAnswer:
    access_token, id_token, token_type = body.get("access_token"), body.get("id_token"), body.get("token_type")
    if not isinstance(access_token, str) or not _TOKEN_TEXT.fullmatch(access_token):
        raise ProviderAnswerInvalid
    # Case does not matter (RFC 6749, section 5.1); Mail.ru and old answers may leave the type out.
    if token_type is not None and str(token_type).lower() not in {"bearer", "oauth"}:
        raise ProviderAnswerInvalid
    return TokenAnswer(access_token=access_token, id_token=id_token if isinstance(id_token, str) else None)
