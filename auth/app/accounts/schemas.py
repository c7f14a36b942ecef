"""Bodies of the account routes."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

import msgspec

from app.accounts.consent_schemas import ConsentBody, DocumentBody, GivenConsents
from app.accounts.export_me import OwnData
from app.accounts.profile import ProfileView
from app.sessions.model import Session, SignInMethod
from app.sessions.schemas import LoginEventBody

EmailText = Annotated[str, msgspec.Meta(max_length=254, examples=["anna@example.ru"])]
PasswordText = Annotated[
    str,
    msgspec.Meta(
        max_length=1024,
        description="At least 8 characters of any kind; common passwords and own names are refused.",
        examples=["four slow green trams"],
    ),
]
CurrentPasswordText = Annotated[str, msgspec.Meta(max_length=1024, examples=["four slow green trams"])]
NameText = Annotated[str, msgspec.Meta(max_length=100, examples=["Анна"])]
Locale = Annotated[Literal["ru", "en"], msgspec.Meta(description="The language of mails.")]
MailTokenText = Annotated[str, msgspec.Meta(max_length=128, description="From the mail's link.", examples=["q3Zk…"])]


class RegisterBody(msgspec.Struct, kw_only=True):
    """A new viewer."""

    email: EmailText
    password: PasswordText
    name: NameText | None = None
    locale: Locale = "ru"
    consents: GivenConsents = []


class AcceptedBody(msgspec.Struct, kw_only=True):
    """The same for every address, known or not."""

    message: Literal["If the address can be used, a mail is on its way."] = (
        "If the address can be used, a mail is on its way."
    )


class EmailBody(msgspec.Struct, kw_only=True):
    """Just an address."""

    email: EmailText


class ConfirmEmailBody(msgspec.Struct, kw_only=True):
    """The one-time token of a confirmation mail."""

    token: MailTokenText


class ChangeEmailBody(msgspec.Struct, kw_only=True):
    """The address that is wanted, and the current password if the account has one."""

    email: EmailText
    current_password: CurrentPasswordText | None = None


class UndoEmailChangeBody(msgspec.Struct, kw_only=True):
    """The one-time token of a mail to the former address."""

    token: MailTokenText


class DenySignInBody(msgspec.Struct, kw_only=True):
    """The one-time token of a mail about a sign-in from a new device."""

    token: MailTokenText


class ResetPasswordBody(msgspec.Struct, kw_only=True):
    """The one-time token of a reset mail, and the new password."""

    token: MailTokenText
    password: PasswordText


class ChangePasswordBody(msgspec.Struct, kw_only=True):
    """The present password, where there is one, and the new one."""

    new_password: PasswordText
    current_password: PasswordText | None = None


class LoginBody(msgspec.Struct, kw_only=True):
    """What a person signs in with."""

    email: EmailText
    password: PasswordText


class UpdateMeBody(msgspec.Struct, kw_only=True):
    """What to change; a member left out keeps its value, a `null` name is removed."""

    name: NameText | msgspec.UnsetType | None = msgspec.UNSET
    locale: Locale | msgspec.UnsetType = msgspec.UNSET


class MeBody(msgspec.Struct, kw_only=True):
    """An account as its owner sees it."""

    id: UUID
    email: str | None
    email_confirmed: bool
    name: str | None
    locale: Locale
    avatar_url: str | None
    roles: list[str]
    permissions: list[str]
    has_password: bool
    created_at: datetime
    consents_missing: list[DocumentBody]

    @classmethod
    def of(cls, view: ProfileView) -> "MeBody":
        user = view.user
        return cls(
            id=user.id,
            email=user.email,
            email_confirmed=user.email_confirmed_at is not None,
            name=user.name,
            locale="en" if user.locale == "en" else "ru",
            avatar_url=user.avatar_url,
            roles=list(view.roles),
            permissions=list(view.permissions),
            has_password=user.password_hash is not None,
            created_at=user.created_at,
            consents_missing=[*map(DocumentBody.of, view.consents_missing)],
        )


class OwnIdentityBody(msgspec.Struct, kw_only=True):
    """A linked account at a provider, as it is stored."""

    social: str
    subject: str
    email: str | None
    name: str | None
    linked_at: datetime
    last_used_at: datetime


class OwnSessionBody(msgspec.Struct, kw_only=True):
    """A session, as it is stored."""

    id: UUID
    method: SignInMethod
    social: str | None
    address: str
    user_agent: str
    created_at: datetime
    expires_at: datetime

    @classmethod
    def of(cls, session: Session) -> "OwnSessionBody":
        return cls(
            id=session.id,
            method=session.method,
            social=session.social,
            address=session.client.address,
            user_agent=session.client.user_agent,
            created_at=session.created_at,
            expires_at=session.expires_at,
        )


class ExportBody(msgspec.Struct, kw_only=True):
    """Everything that is stored about a person."""

    exported_at: datetime
    account: MeBody
    social_accounts: list[OwnIdentityBody]
    sessions: list[OwnSessionBody]
    logins: list[LoginEventBody]
    consents: list[ConsentBody]

    @classmethod
    def of(cls, data: OwnData) -> "ExportBody":
        return cls(
            exported_at=data.at,
            account=MeBody.of(data.profile),
            social_accounts=msgspec.convert(data.social_accounts, list[OwnIdentityBody]),
            sessions=[OwnSessionBody.of(each) for each in data.sessions],
            logins=[LoginEventBody.of(each) for each in data.logins],
            consents=[*map(ConsentBody.of, data.consents)],
        )
