"""Google's texts: rights, wording, errors."""

from emulator.failures import Failure, WireError
from emulator.spec import Right, Wording

WORDING = Wording(
    title="Google",
    heading="Вход через аккаунт Google",
    refusal="The user denied access",
)

RIGHTS = (
    Right(name="openid", label="Связать вас с вашим аккаунтом Google", base=True),
    Right(name="email", label="Просмотр адреса электронной почты"),
    Right(name="profile", label="Просмотр имени и фотографии"),
)


def _error(error: str, description: str, status: int = 400) -> WireError:
    return WireError(error=error, description=description, status=status)


ERRORS = {
    Failure.MALFORMED_REQUEST: _error("invalid_request", "Bad Request"),
    Failure.UNSUPPORTED_GRANT: _error("unsupported_grant_type", "Invalid grant_type"),
    Failure.NO_CREDENTIALS: _error("invalid_request", "client_secret is missing."),
    Failure.MALFORMED_CREDENTIALS: _error("invalid_client", "Malformed Authorization header.", 401),
    Failure.WRONG_CREDENTIALS: _error("invalid_client", "Unauthorized", 401),
    Failure.UNKNOWN_CLIENT: _error("invalid_client", "The OAuth client was not found.", 401),
    Failure.MISSING_CODE: _error("invalid_request", "Missing required parameter: code"),
    Failure.UNKNOWN_CODE: _error("invalid_grant", "Malformed auth code."),
    Failure.FOREIGN_CODE: _error("invalid_grant", "Bad Request"),
    Failure.USED_CODE: _error("invalid_grant", "Bad Request"),
    Failure.EXPIRED_CODE: _error("invalid_grant", "Bad Request"),
    Failure.WRONG_REDIRECT: _error("redirect_uri_mismatch", "Bad Request"),
    Failure.MISSING_VERIFIER: _error("invalid_grant", "Missing code verifier."),
    Failure.WRONG_VERIFIER: _error("invalid_grant", "Invalid code verifier."),
    Failure.WRONG_REFRESH_TOKEN: _error("invalid_grant", "Token has been expired or revoked."),
    Failure.MISSING_ACCESS_TOKEN: _error("invalid_request", "Invalid Credentials", 401),
    Failure.WRONG_ACCESS_TOKEN: _error("invalid_request", "Invalid Credentials", 401),
}
