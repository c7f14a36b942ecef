"""What can go wrong with a social sign-in, as the caller is told. The provider's texts are never repeated."""

from collections.abc import Mapping, Sequence
from http import HTTPStatus

from app.errors import AppError
from app.social.ways_in import Step


class ProviderUnknown(AppError):
    """No such provider, or not offered here."""

    code = "provider-unknown"
    status = HTTPStatus.NOT_FOUND
    title = "This sign-in provider is not offered"
    advice = "`GET /oauth/providers` lists what is offered."


class CallbackMalformed(AppError):
    """The callback lacks a parameter, repeats one, or has one of the wrong form. Nothing was used up."""

    code = "callback-malformed"
    status = HTTPStatus.BAD_REQUEST
    title = "The provider's answer is incomplete or malformed"
    advice = "Start the sign-in again: `GET /oauth/login?social=…`."


class LoginStateInvalid(AppError):
    """The `state` was never issued, has expired, was used before, or belongs to another browser."""

    code = "login-state-invalid"  # part of the public contract: never renamed
    status = HTTPStatus.BAD_REQUEST
    title = "This login attempt is no longer valid"
    advice = "Start the sign-in again: `GET /oauth/login?social=…`. An attempt lives for ten minutes in one browser."


class IssuerMismatch(AppError):
    """The answer names another authorization server than the one that was asked (RFC 9207)."""

    code = "issuer-mismatch"
    status = HTTPStatus.BAD_REQUEST
    title = "The answer came from another provider"
    advice = "Start the sign-in again: `GET /oauth/login?social=…`."


class LoginDenied(AppError):
    """The person refused, or the provider refused them."""

    code = "login-denied"
    status = HTTPStatus.FORBIDDEN
    title = "The sign-in was cancelled at the provider"
    advice = "Offer to try again or another way to sign in."


class AuthorizationCodeRefused(AppError):
    """The provider does not accept the authorization code."""

    code = "authorization-code-refused"
    status = HTTPStatus.BAD_REQUEST
    title = "The provider did not accept this sign-in"
    advice = "Start the sign-in again: `GET /oauth/login?social=…`."


class ProviderAnswerInvalid(AppError):
    """The provider answered with something that proves nobody's identity."""

    code = "provider-answer-invalid"
    status = HTTPStatus.BAD_GATEWAY
    title = "The provider's answer could not be used"
    advice = "Try again or another way to sign in. If it persists, the operators must look at this provider."


class ProviderUnavailable(AppError):
    """The provider did not answer in time, or said that it cannot."""

    code = "provider-unavailable"
    status = HTTPStatus.SERVICE_UNAVAILABLE
    title = "The sign-in provider does not answer"
    advice = "Try again after the seconds of the `Retry-After` header, or offer another way to sign in."

    def __init__(self, *, retry_after: int = 10) -> None:
        super().__init__(headers={"Retry-After": str(retry_after)})


class AccountExists(AppError):
    """The provider's address belongs to an account that this person has not proven to own."""

    code = "account-exists"
    status = HTTPStatus.CONFLICT
    title = "There is an account with this address already"
    advice = (
        "Offer the `ways` into that account, then finish with the `link_token`: `POST /oauth/link`. It takes the "
        'password of that account, or an access token of it after a fresh sign-in, or `"separate": true`.'
    )

    def __init__(self, link_token: str = "", ways: Sequence[Mapping[str, str]] = ()) -> None:
        super().__init__(extra={"link_token": link_token, "ways": [dict(each) for each in ways]} if link_token else {})


class LinkTokenInvalid(AppError):
    """The link token was never issued, has expired, was used, tried too often, or belongs to another browser."""

    code = "link-token-invalid"
    status = HTTPStatus.BAD_REQUEST
    title = "This link token links nothing"
    advice = "Start the sign-in again: `GET /oauth/login?social=…`. A link token lives for ten minutes and five tries."


class LinkNotYours(AppError):
    """The access token is of another account or session than the one that the link token is for."""

    code = "link-not-yours"
    status = HTTPStatus.FORBIDDEN
    title = "This link is for another account"
    advice = "Sign in to the account that the `ways` of the problem describe, and send its access token."


class IdentityInUse(AppError):
    """The account at the provider is linked to another account here. Says nothing of whose."""

    code = "identity-in-use"
    status = HTTPStatus.CONFLICT
    title = "This social account is linked to another account"
    advice = "Whoever owns both signs in with the other account and unlinks it there, then links it here."


class ProviderLinkedAlready(AppError):
    """The account is linked with another person of the same provider; one of each provider is possible."""

    code = "provider-linked-already"
    status = HTTPStatus.CONFLICT
    title = "Another account of this network is linked already"
    advice = 'Unlink the former one first: `DELETE /me/social-accounts/{social}`; or send `"replace": true` with it.'


class LastSignInMethod(AppError):
    """Without this network the account's owner could not sign in any more.

    Args:
        alternatives: what would have to be set up first; each entry is one way, with all its steps.
    """

    code = "last-sign-in-method"
    status = HTTPStatus.CONFLICT
    title = "This is the last way to sign in"
    advice = "Each entry of `set_up_first` is one way to go; once all its steps are done, unlink again."

    def __init__(self, alternatives: Sequence[Sequence[Step]]) -> None:
        super().__init__(extra={"set_up_first": [[step.value for step in steps] for steps in alternatives]})


class SocialLoginRefused(AppError):
    """The account behind this social account may not sign in."""

    code = "social-login-refused"
    status = HTTPStatus.FORBIDDEN
    title = "This account cannot sign in"
    advice = "Show how to reach the cinema's support."


class ReturnAddressRefused(AppError):
    """`return_to` is not on the list of the service's front ends, or lacks its `code_challenge`."""

    code = "return-address-refused"
    status = HTTPStatus.BAD_REQUEST
    title = "This return address is not allowed"
    advice = "Use an address of the `AUTH_RETURN_URLS` setting, and send `code_challenge` (RFC 7636, S256) with it."


class NativeSignInUnsupported(AppError):
    """The provider gives apps no code that is tied to a verifier; a provider's token is never taken instead."""

    code = "native-sign-in-unsupported"
    status = HTTPStatus.BAD_REQUEST
    title = "Apps sign in with this network by the system browser only"
    advice = "Open `GET /oauth/login?social=…` with `return_to` and `code_challenge` in the system browser."


class RedirectUriRefused(AppError):
    """`redirect_uri` is not one of those that the operators have listed."""

    code = "redirect-uri-refused"
    status = HTTPStatus.BAD_REQUEST
    title = "This redirect URI is not allowed"
    advice = "Use an address of the `AUTH_NATIVE_REDIRECT_URIS` setting, spelled exactly as there."


class HandOverCodeInvalid(AppError):
    """The one-time code was never issued, has expired, was used before, or the verifier is wrong."""

    code = "hand-over-code-invalid"
    status = HTTPStatus.BAD_REQUEST
    title = "This sign-in code opens nothing"
    advice = "Exchange the code once, within a minute, with the verifier of your `code_challenge`; else start again."
