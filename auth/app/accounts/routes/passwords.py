"""Signing in with a password, and replacing a forgotten one, over HTTP."""

from litestar import Response, post, put
from litestar.params import JSONBody

from app.accounts.change_password import PasswordChange, change_password
from app.accounts.deny_sign_in import deny_sign_in
from app.accounts.email_address import find_email
from app.accounts.errors import (
    AccountBlocked,
    CurrentPasswordWrong,
    EmailNotConfirmed,
    InvalidCredentials,
    MailTokenInvalid,
)
from app.accounts.forgot_password import forgot_password
from app.accounts.login import Credentials, login
from app.accounts.login_limits import count_password_try
from app.accounts.mail_token import MailedLink
from app.accounts.prove_owner import Proof, prove_owner
from app.accounts.reset_password import reset_password
from app.accounts.routes.shared import FromAccounts, mail_if_allowed
from app.accounts.schemas import (
    AcceptedBody,
    ChangePasswordBody,
    DenySignInBody,
    EmailBody,
    LoginBody,
    ResetPasswordBody,
)
from app.errors import AuthenticationRequired, InvalidInput, TemporarilyUnavailable, TooManyRequests
from app.http.dependencies import FromClient, FromLimits, FromPace, FromPrincipal
from app.http.limits import LOGIN_NETWORK
from app.http.openapi import BEARER, body_problems
from app.sessions.errors import RecentSignInNeeded
from app.sessions.schemas import NO_STORE, TokenPairBody


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
    pace: FromPace,
) -> AcceptedBody:
    """The answer is the same for every address; one address gets at most five mails an hour."""
    return await mail_if_allowed(forgot_password, data, accounts, client, limits, pace)


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
    await reset_password(accounts, MailedLink(token=data.token, client=client), data.password)


@post(
    "/login/deny",
    operation_id="deny_sign_in",
    summary="Say that a sign-in was not one's own",
    tags=["Accounts"],
    status_code=204,
    responses=body_problems(MailTokenInvalid, TemporarilyUnavailable),
)
async def deny_sign_in_route(data: JSONBody[DenySignInBody], accounts: FromAccounts, client: FromClient) -> None:
    """The token of the mail about a new device works once, for 7 days.

    Every session ends, the password is removed, the social account that was used is unlinked, and the owner gets a
    link to set a new password.
    """
    await deny_sign_in(accounts, MailedLink(token=data.token, client=client))


@put(
    "/me/password",
    operation_id="change_password",
    summary="Change the own password, or set the first one",
    tags=["Accounts"],
    status_code=200,
    security=BEARER,
    responses=body_problems(
        AuthenticationRequired,
        CurrentPasswordWrong,
        RecentSignInNeeded,
        InvalidInput,
        TooManyRequests,
        TemporarilyUnavailable,
    ),
)
async def change_password_route(
    data: JSONBody[ChangePasswordBody],
    principal: FromPrincipal,
    accounts: FromAccounts,
    client: FromClient,
    limits: FromLimits,
) -> Response[TokenPairBody]:
    """Every session ends; the answer is the pair of a new one. An account without a password needs a recent sign-in."""
    proof = Proof(principal=principal, current_password=data.current_password, client=client)
    owner = await prove_owner(accounts, limits, proof)
    change = PasswordChange(password=data.new_password, principal=principal, client=client)
    pair = await change_password(accounts, owner, change)
    return Response(TokenPairBody.of(pair), headers=NO_STORE)


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
    accounts.passwords.expect_room()  # else a flood would be looked up, and counted as tries of those who wait
    await count_password_try(limits, data.email, client)
    pair = await login(accounts, Credentials(email=find_email(data.email), password=data.password), client)
    return Response(TokenPairBody.of(pair), headers=NO_STORE)
