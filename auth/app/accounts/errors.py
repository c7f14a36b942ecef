"""What can go wrong with an account, as its owner is told."""

from http import HTTPStatus

from app.errors import AppError


class InvalidCredentials(AppError):
    """Address and password do not open an account together. Says not which of them is wrong."""

    code = "invalid-credentials"
    status = HTTPStatus.UNAUTHORIZED
    title = "The address or the password is wrong"
    advice = "Let the person try again, or offer to reset the password."

    def __init__(self) -> None:
        super().__init__(headers={"WWW-Authenticate": "Bearer"})  # RFC 9110, section 11.6.1, wants one on every 401


class CurrentPasswordWrong(AppError):
    """The account has a password, and what was sent as the current one is not it, or nothing was sent."""

    code = "current-password-wrong"
    status = HTTPStatus.FORBIDDEN
    title = "The current password is missing or wrong"
    advice = "Ask the person for the current password. Each try counts as a try to sign in."


class EmailNotConfirmed(AppError):
    """The password is right, but the address was never confirmed."""

    code = "email-not-confirmed"
    status = HTTPStatus.FORBIDDEN
    title = "The address has to be confirmed first"
    advice = "Offer to send the confirmation mail again: `POST /email/confirm/resend`."


class AccountBlocked(AppError):
    """An administrator has blocked the account. Told only to somebody who proved to own it."""

    code = "account-blocked"
    status = HTTPStatus.FORBIDDEN
    title = "This account is blocked"
    advice = "Show how to reach the cinema's support."


class AccountUnproven(AppError):
    """Nobody has confirmed the account's address: it may be a stranger's who typed it."""

    code = "account-unproven"
    status = HTTPStatus.CONFLICT
    title = "Nobody has confirmed the address of this account"
    advice = "Let its owner confirm the address first: `POST /email/confirm/resend` sends the mail again."


class OwnAccount(AppError):
    """Nobody blocks or unblocks themselves."""

    code = "own-account"
    status = HTTPStatus.CONFLICT
    title = "This cannot be done to the own account"
    advice = "Ask somebody else who may do it."


class LastSuperuser(AppError):
    """Nobody would be left who holds every permission and can sign in."""

    code = "last-superuser"
    status = HTTPStatus.CONFLICT
    title = "This is the last superuser"
    advice = "Grant the role to somebody else first."


class MailTokenInvalid(AppError):
    """The mailed token was never issued, has expired, was replaced, or was used before."""

    code = "mail-token-invalid"
    status = HTTPStatus.BAD_REQUEST
    title = "This link is no longer valid"
    advice = "Offer to send a new mail."
