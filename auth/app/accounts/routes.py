"""Accounts over HTTP."""

from collections.abc import Awaitable, Callable

from litestar import Response, Router, get, patch, post
from litestar.di import NamedDependency
from litestar.params import JSONBody
from msgspec import UNSET

from app.accounts.confirm_email import confirm_email, resend_confirmation
from app.accounts.email_address import EmailAddress, find_email, parse_email
from app.accounts.errors import AccountBlocked, EmailNotConfirmed, InvalidCredentials, MailTokenInvalid
from app.accounts.forgot_password import forgot_password
from app.accounts.login import Credentials, login
from app.accounts.names import parse_name
from app.accounts.password_policy import check_password
from app.accounts.profile import ProfileChange, get_profile, update_profile
from app.accounts.register import Registration, register
from app.accounts.reset_password import reset_password
from app.accounts.schemas import (
    AcceptedBody,
    ConfirmEmailBody,
    EmailBody,
    LoginBody,
    MeBody,
    RegisterBody,
    ResetPasswordBody,
    UpdateMeBody,
)
from app.accounts.services import AccountServices
from app.errors import AuthenticationRequired, InvalidInput, TemporarilyUnavailable, TooManyRequests
from app.http.client import Client
from app.http.dependencies import FromClient, FromLimits, FromPrincipal
from app.http.limits import (
    LOGIN_ACCOUNT,
    LOGIN_ACCOUNT_NETWORK,
    LOGIN_NETWORK,
    MAIL_ADDRESS,
    REGISTER_NETWORK,
    RateLimits,
)
from app.http.openapi import BEARER, body_problems, principal_problems
from app.sessions.routes import NO_STORE
from app.sessions.schemas import TokenPairBody

FromAccounts = NamedDependency[AccountServices]


@post(
    "/register",
    operation_id="register",
    summary="Register with an address and a password",
    tags=["Accounts"],
    status_code=202,
    responses=body_problems(InvalidInput, TooManyRequests, TemporarilyUnavailable),
)
async def register_route(
    data: JSONBody[RegisterBody],
    accounts: FromAccounts,
    client: FromClient,
    limits: FromLimits,
) -> AcceptedBody:
    """The answer is the same whether or not the address is known.

    A new address gets a mail to confirm it; the owner of a known one is told that the account exists.
    """
    await limits.check(REGISTER_NETWORK, client.network)
    email = parse_email(data.email)
    name = parse_name(data.name) if data.name is not None else None
    check_password(data.password, about=(email.display, name or ""))
    if await limits.hit(MAIL_ADDRESS, email.key):
        registration = Registration(email=email, password=data.password, name=name, locale=data.locale)
        await register(accounts, registration)
    return AcceptedBody()


@post(
    "/email/confirm",
    operation_id="confirm_email",
    summary="Confirm an address with the token of the mail",
    tags=["Accounts"],
    status_code=204,
    responses=body_problems(MailTokenInvalid, TemporarilyUnavailable),
)
async def confirm_email_route(data: JSONBody[ConfirmEmailBody], accounts: FromAccounts) -> None:
    """The token works once, for 24 hours. Signs nobody in."""
    await confirm_email(accounts, data.token)


@post(
    "/email/confirm/resend",
    operation_id="resend_confirmation",
    summary="Send the confirmation mail again",
    tags=["Accounts"],
    status_code=202,
    responses=body_problems(InvalidInput, TooManyRequests, TemporarilyUnavailable),
)
async def resend_confirmation_route(
    data: JSONBody[EmailBody],
    accounts: FromAccounts,
    client: FromClient,
    limits: FromLimits,
) -> AcceptedBody:
    """The answer is the same for every address; one address gets at most five mails an hour."""
    return await _mail(resend_confirmation, data, accounts, client, limits)


@post(
    "/password/forgot",
    operation_id="forgot_password",
    summary="Ask for a mail to set a new password",
    tags=["Accounts"],
    status_code=202,
    responses=body_problems(InvalidInput, TooManyRequests),
)
async def forgot_password_route(
    data: JSONBody[EmailBody],
    accounts: FromAccounts,
    client: FromClient,
    limits: FromLimits,
) -> AcceptedBody:
    """The answer is the same for every address; one address gets at most five mails an hour."""
    return await _mail(forgot_password, data, accounts, client, limits)


async def _mail(
    send: Callable[[AccountServices, EmailAddress], Awaitable[None]],
    data: EmailBody,
    accounts: AccountServices,
    client: Client,
    limits: RateLimits,
) -> AcceptedBody:
    """Send a mail that somebody asked for, within what one network and one mailbox may ask."""
    await limits.check(REGISTER_NETWORK, client.network)
    email = parse_email(data.email)
    if await limits.hit(MAIL_ADDRESS, email.key):
        await send(accounts, email)
    return AcceptedBody()


@post(
    "/password/reset",
    operation_id="reset_password",
    summary="Set a new password with the token of the mail",
    tags=["Accounts"],
    status_code=204,
    responses=body_problems(MailTokenInvalid, InvalidInput, TooManyRequests, TemporarilyUnavailable),
)
async def reset_password_route(
    data: JSONBody[ResetPasswordBody],
    accounts: FromAccounts,
    client: FromClient,
    limits: FromLimits,
) -> None:
    """The token works once, for 30 minutes. Every session ends; sign in with the new password."""
    await limits.check(LOGIN_NETWORK, client.network)
    await reset_password(accounts, data.token, data.password)


@post(
    "/login",
    operation_id="login",
    summary="Sign in with an address and a password",
    tags=["Sign-in"],
    status_code=200,
    responses=body_problems(
        InvalidCredentials, EmailNotConfirmed, AccountBlocked, TooManyRequests, TemporarilyUnavailable
    ),
)
async def login_route(
    data: JSONBody[LoginBody],
    accounts: FromAccounts,
    client: FromClient,
    limits: FromLimits,
) -> Response[TokenPairBody]:
    """Begins a session on this device and gives its first token pair."""
    email = find_email(data.email)
    account = email.key if email else data.email.casefold()
    await limits.check(LOGIN_NETWORK, client.network)
    await limits.check(LOGIN_ACCOUNT_NETWORK, account, client.network)
    await limits.check(LOGIN_ACCOUNT, account)
    pair = await login(accounts, Credentials(email=email, password=data.password), client)
    return Response(TokenPairBody.of(pair), headers=NO_STORE)


@get(
    "/me",
    operation_id="get_me",
    summary="The own profile",
    tags=["Accounts"],
    security=BEARER,
    responses=principal_problems(),
)
async def get_me(principal: FromPrincipal, accounts: FromAccounts) -> Response[MeBody]:
    """The account behind the access token, with the roles and permissions in force now."""
    return Response(MeBody.of(await get_profile(accounts, principal.user_id)), headers=NO_STORE)


@patch(
    "/me",
    operation_id="update_me",
    summary="Change name or language",
    tags=["Accounts"],
    security=BEARER,
    responses=body_problems(AuthenticationRequired, InvalidInput, TemporarilyUnavailable),
)
async def update_me(data: JSONBody[UpdateMeBody], principal: FromPrincipal, accounts: FromAccounts) -> Response[MeBody]:
    """A member left out keeps its value; `"name": null` removes the name."""
    user = (await get_profile(accounts, principal.user_id)).user
    name = user.name if data.name is UNSET else data.name
    if isinstance(data.name, str):
        name = parse_name(data.name)
    locale = user.locale if data.locale is UNSET else data.locale
    await update_profile(accounts, principal.user_id, ProfileChange(name=name, locale=locale))
    return Response(MeBody.of(await get_profile(accounts, principal.user_id)), headers=NO_STORE)


routes = Router(
    "/",
    route_handlers=[
        register_route,
        confirm_email_route,
        resend_confirmation_route,
        forgot_password_route,
        reset_password_route,
        login_route,
        get_me,
        update_me,
    ],
)
