"""The provider's answer, read as a whole before anything is used up (RFC 6749, section 4.1.2)."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from app.errors import AppError
from app.social.errors import (
    AuthorizationCodeRefused,
    CallbackMalformed,
    LoginDenied,
    ProviderAnswerInvalid,
    ProviderUnavailable,
)
from app.social.oauth2 import Callback
from app.social.provider import Provider

_CODE = re.compile(r"[\x21-\x7e]{1,4096}")
_EXTRA = re.compile(r"[^\x00-\x1f\x7f-\x9f]{1,1024}")  # VK's `device_id` is opaque: whatever shows is handed back
_DENIALS = frozenset({"access_denied", "login_required", "interaction_required", "consent_required"})
_LATER = frozenset({"server_error", "temporarily_unavailable", "slow_down"})
_OURS = frozenset({"unauthorized_client", "invalid_client", "invalid_scope", "unsupported_response_type"})


@dataclass(frozen=True, kw_only=True)
class ProviderReturn:
    """The callback's parameters as they came."""

    code: str | None = field(default=None, repr=False)
    state: str | None = field(default=None, repr=False)
    error: str | None = None
    issuer: str | None = None
    extra: Mapping[str, str] = field(default_factory=dict, repr=False)


def check_form(provider: Provider, answer: ProviderReturn) -> None:
    """Refuse what no provider sends, before the attempt is touched.

    Raises:
        LoginDenied: an error without `state`, as VK ID may send a refusal; it uses nothing up.
        CallbackMalformed: parts missing, contradicting, or of the wrong form.
    """
    if answer.error and not answer.state and not answer.code:
        raise LoginDenied
    if not answer.state or (answer.code is None) == (answer.error is None):
        raise CallbackMalformed
    if answer.code is not None:
        check_code(provider, answer)


def check_code(provider: Provider, answer: ProviderReturn) -> None:
    """Refuse a code, and what has to come with it, of a form that no provider gives.

    Raises:
        CallbackMalformed: nothing was used up.
    """
    if not _CODE.fullmatch(answer.code or ""):
        raise CallbackMalformed
    if not all(_EXTRA.fullmatch(answer.extra.get(name, "")) for name in provider.callback_params):
        raise CallbackMalformed


def read_code(provider: Provider, answer: ProviderReturn) -> Callback:
    """The code, and what this provider wants back with it. Call after the attempt has been taken.

    Raises:
        AppError: what the provider's error means here; its texts are never passed on.
    """
    if answer.code is None:
        raise explain(answer.error or "")
    extra = {name: answer.extra[name] for name in provider.callback_params}
    return Callback(code=answer.code, extra=extra)


def explain(error: str) -> AppError:
    """Translate an error code of the authorize endpoint (RFC 6749, section 4.1.2.1)."""
    if error in _DENIALS:
        return LoginDenied()
    if error in _LATER:
        return ProviderUnavailable()
    return ProviderAnswerInvalid() if error in _OURS else AuthorizationCodeRefused()
