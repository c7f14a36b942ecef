"""VK ID's texts: rights, wording, errors."""

from emulator.failures import Failure, WireError
from emulator.spec import Right, Wording

WORDING = Wording(
    title="VK ID",
    heading="Войти с VK ID",
    refusal="User denied access",
)

RIGHTS = (
    Right(name="vkid.personal_info", label="Имя, фамилия, пол, фото и дата рождения", base=True),
    Right(name="email", label="Адрес электронной почты"),
    Right(name="phone", label="Номер телефона"),
)


def _error(error: str, description: str) -> WireError:
    return WireError(error=error, description=description)


ERRORS = {
    Failure.MALFORMED_REQUEST: _error("invalid_request", "a parameter is repeated"),
    Failure.UNSUPPORTED_GRANT: _error("invalid_request", "grant_type is missing or invalid"),
    Failure.WRONG_CREDENTIALS: _error("invalid_client", "service_token is missing or invalid"),
    Failure.UNKNOWN_CLIENT: _error("invalid_client", "client_id is invalid"),
    Failure.MISSING_CODE: _error("invalid_request", "code is missing or invalid"),
    Failure.UNKNOWN_CODE: _error("invalid_grant", "code is missing or invalid"),
    Failure.FOREIGN_CODE: _error("invalid_grant", "code is missing or invalid"),
    Failure.USED_CODE: _error("invalid_grant", "code is missing or invalid"),
    Failure.EXPIRED_CODE: _error("invalid_grant", "code is expired"),
    Failure.WRONG_REDIRECT: _error("invalid_request", "redirect_uri is missing or invalid"),
    Failure.MISSING_VERIFIER: _error("invalid_request", "verifier is missing or invalid"),
    Failure.WRONG_VERIFIER: _error("invalid_request", "verifier is missing or invalid"),
    Failure.WRONG_DEVICE: _error("invalid_request", "device_id is invalid"),
    Failure.MISSING_ACCESS_TOKEN: _error("invalid_token", "access_token is missing or invalid"),
    Failure.WRONG_ACCESS_TOKEN: _error("invalid_token", "access_token is missing or invalid"),
    Failure.WRONG_ID_TOKEN: _error("invalid_id_token", "id_token is missing or invalid"),
}
