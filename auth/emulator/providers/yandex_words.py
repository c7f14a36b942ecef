"""Yandex ID's texts: rights, wording, errors."""

from emulator.failures import Failure, WireError
from emulator.spec import Right, Wording

WORDING = Wording(
    title="Яндекс ID",
    heading="Войти с Яндекс ID",
    refusal="Пользователь отказал в доступе приложению.",
)

RIGHTS = (
    Right(name="login:info", label="Доступ к логину, имени, фамилии и полу"),
    Right(name="login:email", label="Доступ к адресу электронной почты"),
    Right(name="login:avatar", label="Доступ к портрету"),
    Right(name="login:birthday", label="Доступ к дате рождения"),
    Right(name="login:default_phone", label="Доступ к номеру телефона"),
)


def _error(error: str, description: str) -> WireError:
    return WireError(error=error, description=description)


ERRORS = {
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
}
