"""What can go wrong with a session, as its holder is told."""

from http import HTTPStatus

from app.errors import AppError


class RecentSignInNeeded(AppError):
    """What was asked for is open for some minutes after a sign-in only, and this session is older."""

    code = "recent-sign-in-needed"
    status = HTTPStatus.FORBIDDEN
    title = "Sign in again first"
    advice = "Let the person sign in once more, in any way they can, and send the request with the new access token."


class ClientAuthenticationRequired(AppError):
    """One of the cinema's services has to say who it is, and did not, or not truly."""

    code = "client-authentication-required"
    status = HTTPStatus.UNAUTHORIZED
    title = "The credentials of a service are needed"
    advice = "Send id and secret of `python -m app clients create` by HTTP Basic."

    def __init__(self) -> None:
        super().__init__(headers={"WWW-Authenticate": 'Basic realm="services", charset="UTF-8"'})


class RefreshTokenInvalid(AppError):
    """The refresh token is not ours, has expired, or its session has ended."""

    code = "refresh-token-invalid"
    status = HTTPStatus.UNAUTHORIZED
    title = "This refresh token opens nothing"
    advice = "Discard both tokens and ask the person to sign in again."

    def __init__(self) -> None:
        super().__init__(headers={"WWW-Authenticate": 'Bearer error="invalid_token"'})


class RefreshTokenReused(AppError):
    """An already replaced refresh token came back, so somebody has a copy: the session has ended."""

    code = "refresh-token-reused"
    status = HTTPStatus.UNAUTHORIZED
    title = "This refresh token was used before; the session has been ended"
    advice = (
        "Discard both tokens and ask the person to sign in again. If it happens without theft, the client keeps "
        "an old refresh token: store the new one before using it."
    )

    def __init__(self) -> None:
        super().__init__(headers={"WWW-Authenticate": 'Bearer error="invalid_token"'})
