"""Standing variants of behaviour where the real providers' conduct is uncertain or varies."""

from dataclasses import dataclass, fields, replace
from typing import Any, TypeVar

from emulator.names import Provider


@dataclass(frozen=True, kw_only=True)
class YandexSwitches:
    """Yandex ID.

    Attributes:
        cid: the callback has an extra parameter `cid` (YA-11).
        secret_optional_with_pkce: a verifier may stand in for the client secret.
        refresh_keeps_access_token: a refresh returns the access token unchanged (YA-8).
        refresh_omits_refresh_token: a refresh reply has no `refresh_token` (YA-8).
    """

    cid: bool = True
    secret_optional_with_pkce: bool = False
    refresh_keeps_access_token: bool = False
    refresh_omits_refresh_token: bool = False


@dataclass(frozen=True, kw_only=True)
class VkSwitches:
    """VK ID.

    Attributes:
        error_status: HTTP status of errors (VK-4).
        strict_state: `state` must be 32 or more of `[A-Za-z0-9_-]` (VK-14).
        strict_verifier: the verifier may not have the `.` and `~` of RFC 7636.
        strict_localhost_port: localhost must use port 80 or 443 (VK-16).
        awkward_device_id: `device_id` has characters that need escaping (VK-2).
        refusal_mode: what the "deny" button does: `a`, `b`, `c` or `d` (VK-13).
        prompt_none_error: `login_required` or `interaction_required` (VK-12).
        refresh_error: `invalid_request` or `invalid_grant` (VK-9).
        expires_in: the access token's life in the reply; documentation samples show 0.
    """

    error_status: int = 200
    strict_state: bool = False
    strict_verifier: bool = False
    strict_localhost_port: bool = False
    awkward_device_id: bool = False
    refusal_mode: str = "a"
    prompt_none_error: str = "login_required"
    refresh_error: str = "invalid_request"
    expires_in: int = 3600


@dataclass(frozen=True, kw_only=True)
class GoogleSwitches:
    """Google.

    Attributes:
        issuer_with_scheme: `iss` of ID tokens begins with the scheme (GO-3).
        callback_iss: the callback has the `iss` parameter of RFC 9207 (GO-7).
        advertise_iss: the discovery document announces that parameter.
        jwks_max_age: seconds for which keys and discovery may be cached.
    """

    issuer_with_scheme: bool = True
    callback_iss: bool = True
    advertise_iss: bool = True
    jwks_max_age: int = 3600


@dataclass(frozen=True, kw_only=True)
class MailSwitches:
    """Mail.ru.

    Attributes:
        error_status: HTTP status of errors (MR-2).
        basic_only: credentials in the body are refused (MR-3).
        pkce_required: an authorize request without a challenge is refused.
        pkce_ignored: challenges and verifiers are not looked at.
    """

    error_status: int = 200
    basic_only: bool = False
    pkce_required: bool = False
    pkce_ignored: bool = False


S = TypeVar("S", YandexSwitches, VkSwitches, GoogleSwitches, MailSwitches)


def _changed(current: S, values: dict[str, Any]) -> S:
    known = {item.name: type(getattr(current, item.name)) for item in fields(current)}
    for name, value in values.items():
        if name not in known:
            raise ValueError(f"no switch {name!r}; there are {', '.join(known)}")
        if type(value) is not known[name]:
            raise ValueError(f"switch {name!r} takes a {known[name].__name__}")
    return replace(current, **values)


class Switches:
    """The switches of all four providers as they stand."""

    def __init__(self) -> None:
        self.yandex = YandexSwitches()
        self.vk = VkSwitches()
        self.google = GoogleSwitches()
        self.mail = MailSwitches()

    def change(self, provider: Provider, values: dict[str, Any]) -> None:
        """Set switches of one provider.

        Raises:
            ValueError: no such switch, or a value of another type.
        """
        setattr(self, provider, _changed(getattr(self, provider), values))
