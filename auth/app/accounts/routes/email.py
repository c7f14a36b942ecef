"""Proof of an address, and change of it, over HTTP."""

from litestar import post
from litestar.params import JSONBody

from app.accounts.change_email import EmailChange, change_email
from app.accounts.confirm_change import confirm_change
from app.accounts.confirm_email import confirm_email, resend_confirmation
from app.accounts.email_address import parse_email
from app.accounts.errors import CurrentPasswordWrong, MailTokenInvalid
from app.accounts.mail_token import MailedLink
from app.accounts.prove_owner import Proof, prove_owner
from app.accounts.routes.shared import FromAccounts, mail_if_allowed
from app.accounts.schemas import AcceptedBody, ChangeEmailBody, ConfirmEmailBody, EmailBody, UndoEmailChangeBody
from app.accounts.undo_email_change import undo_email_change
from app.errors import AuthenticationRequired, InvalidInput, TemporarilyUnavailable, TooManyRequests
from app.http.dependencies import FromClient, FromLimits, FromPace, FromPrincipal
from app.http.limits import EMAIL_CHANGE_ACCOUNT, MAIL_ADDRESS, REGISTER_NETWORK
from app.http.openapi import BEARER, body_problems
from app.sessions.errors import RecentSignInNeeded


@post(
    "/email/confirm",
    operation_id="confirm_email",
    summary="Confirm an address with the token of the mail",
    tags=["Accounts"],
    status_code=204,
    responses=body_problems(MailTokenInvalid, TemporarilyUnavailable),
)
async def confirm_email_route(data: JSONBody[ConfirmEmailBody], accounts: FromAccounts, client: FromClient) -> None:
    """The address of a registration, or the new one of an account. The token works once, for 24 hours.

    Signs nobody in. When an address was changed, only the session that asked for it stays.
    """
    try:
        await confirm_email(accounts, data.token)
    except MailTokenInvalid:
        await confirm_change(accounts, MailedLink(token=data.token, client=client))


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
    pace: FromPace,
) -> AcceptedBody:
    """The answer is the same for every address; one address gets at most five mails an hour."""
    return await mail_if_allowed(resend_confirmation, data, accounts, client, limits, pace)


@post(
    "/me/email",
    operation_id="change_email",
    summary="Change the own address",
    tags=["Accounts"],
    status_code=202,
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
async def change_email_route(
    data: JSONBody[ChangeEmailBody],
    principal: FromPrincipal,
    accounts: FromAccounts,
    client: FromClient,
    limits: FromLimits,
    pace: FromPace,
) -> AcceptedBody:
    """Takes the current password; an account without one needs a sign-in within the last ten minutes.

    The new address gets a link for `POST /email/confirm`; until then the present one stays. The present one is
    told, before and after, with a link for `POST /email/undo`. The answer is the same for every address.
    """
    await limits.check(REGISTER_NETWORK, client.network)
    email = parse_email(data.email)
    proof = Proof(principal=principal, current_password=data.current_password, client=client)
    owner = await prove_owner(accounts, limits, proof)
    await limits.check(EMAIL_CHANGE_ACCOUNT, str(owner.id))
    async with pace.even():
        if await limits.hit(MAIL_ADDRESS, email.key):
            await change_email(accounts, owner, EmailChange(email=email, session_id=principal.session_id))
    return AcceptedBody()


@post(
    "/email/undo",
    operation_id="undo_email_change",
    summary="Take the account back to its former address",
    tags=["Accounts"],
    status_code=204,
    responses=body_problems(MailTokenInvalid, TemporarilyUnavailable),
)
async def undo_email_change_route(
    data: JSONBody[UndoEmailChangeBody], accounts: FromAccounts, client: FromClient
) -> None:
    """For an owner whose address somebody else is changing or has changed. The token works once, for 7 days.

    Every session ends, the password is removed, and the former address gets a link to set a new one.
    """
    await undo_email_change(accounts, MailedLink(token=data.token, client=client))
