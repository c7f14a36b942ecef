"""Bodies of the sign-in routes."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

import msgspec

from app.http.paging import PageBody
from app.sessions.device import describe_device
from app.sessions.devices import Device
from app.sessions.introspect import Introspection
from app.sessions.model import LoginEvent, LoginOutcome, SignInMethod
from app.sessions.revocations import Revocations
from app.sessions.tokens import TokenPair, TokenPolicy

NO_STORE = {"Cache-Control": "no-store"}  # of every answer with tokens (RFC 6749, section 5.1)

DeviceText = Annotated[
    str, msgspec.Meta(description="Program and system; empty if unknown.", examples=["Chrome, Windows"])
]
SocialText = Annotated[str | None, msgspec.Meta(description="The provider, when the method is `social`.")]

TokenText = Annotated[str, msgspec.Meta(max_length=4096, examples=["eyJhbGciOiJIUzI1NiIs…"])]


class TokenPairBody(msgspec.Struct, kw_only=True):
    """The usual pair (RFC 6749, section 5.1). Lives are in seconds."""

    access_token: TokenText
    refresh_token: TokenText
    expires_in: Annotated[int, msgspec.Meta(examples=[300])]
    refresh_expires_in: Annotated[int, msgspec.Meta(examples=[1209600])]
    token_type: Literal["Bearer"] = "Bearer"

    @classmethod
    def of(cls, pair: TokenPair) -> "TokenPairBody":
        return cls(
            access_token=pair.access_token,
            refresh_token=pair.refresh_token,
            expires_in=pair.expires_in,
            refresh_expires_in=pair.refresh_expires_in,
        )


class RefreshBody(msgspec.Struct, kw_only=True):
    """The newest refresh token of a session."""

    refresh_token: TokenText


class LogoutBody(msgspec.Struct, kw_only=True):
    """For clients whose access token has expired; else send the bearer token and no body."""

    refresh_token: TokenText


class SessionBody(msgspec.Struct, kw_only=True):
    """A device that is signed in."""

    id: UUID
    device: DeviceText
    address: str
    method: SignInMethod
    social: SocialText
    created_at: datetime
    last_used_at: datetime
    expires_at: datetime
    current: bool

    @classmethod
    def of(cls, device: Device) -> "SessionBody":
        session = device.session
        return cls(
            id=session.id,
            device=device.device,
            address=session.client.address,
            method=session.method,
            social=session.social,
            created_at=session.created_at,
            last_used_at=device.last_used_at,
            expires_at=session.expires_at,
            current=device.current,
        )


class SessionPageBody(PageBody, kw_only=True):
    """A page of devices."""

    items: list[SessionBody]


class LoginEventBody(msgspec.Struct, kw_only=True):
    """One line of the login history."""

    id: UUID
    at: datetime
    outcome: LoginOutcome
    method: SignInMethod
    social: SocialText
    device: DeviceText
    address: Annotated[str, msgspec.Meta(description="Empty for what an administrator did.")]
    session_id: UUID | None
    role: Annotated[str | None, msgspec.Meta(description="The one that was granted or revoked.")]

    @classmethod
    def of(cls, event: LoginEvent) -> "LoginEventBody":
        return cls(
            id=event.id,
            at=event.at,
            outcome=event.outcome,
            method=event.method,
            social=event.social,
            device=describe_device(event.client.user_agent),
            address=event.client.address,
            session_id=event.session_id,
            role=event.role,
        )


class LoginEventPageBody(PageBody, kw_only=True):
    """A page of the login history."""

    items: list[LoginEventBody]


class IntrospectBody(msgspec.Struct, kw_only=True):
    """The token that a service has been sent (RFC 7662, section 2.1)."""

    token: Annotated[str, msgspec.Meta(max_length=8192, description="`token_type_hint` is not needed.")]


class IntrospectionBody(msgspec.Struct, kw_only=True, omit_defaults=True):
    """What the token is worth (RFC 7662, section 2.2). Only `active` is there when it opens nothing."""

    active: bool
    sub: UUID | msgspec.UnsetType = msgspec.UNSET
    sid: UUID | msgspec.UnsetType = msgspec.UNSET
    roles: list[str] | msgspec.UnsetType = msgspec.UNSET
    permissions: list[str] | msgspec.UnsetType = msgspec.UNSET
    iat: Annotated[int | msgspec.UnsetType, msgspec.Meta(description="Seconds since 1970.")] = msgspec.UNSET
    exp: Annotated[int | msgspec.UnsetType, msgspec.Meta(description="Seconds since 1970.")] = msgspec.UNSET
    iss: str | msgspec.UnsetType = msgspec.UNSET
    aud: str | msgspec.UnsetType = msgspec.UNSET
    token_type: Literal["Bearer"] | msgspec.UnsetType = msgspec.UNSET

    @classmethod
    def of(cls, found: Introspection | None, policy: TokenPolicy) -> "IntrospectionBody":
        if found is None:
            return cls(active=False)
        return cls(
            active=True,
            sub=found.user_id,
            sid=found.session_id,
            roles=list(found.roles),
            permissions=list(found.permissions),
            iat=found.issued_at,
            exp=found.expires_at,
            iss=policy.issuer,
            aud=policy.audience,
            token_type="Bearer",
        )


class RevocationBody(msgspec.Struct, kw_only=True):
    """The end of a session; whose it was is not told."""

    sid: UUID
    ended_at: datetime


class RevocationsBody(msgspec.Struct, kw_only=True):
    """A part of the feed."""

    items: list[RevocationBody]
    cursor: Annotated[str, msgspec.Meta(description="Send it as `after` with the next question.")]
    more: Annotated[
        bool, msgspec.Meta(description="Whether to ask again at once: there is more than one answer holds.")
    ]
    key_ids: Annotated[list[str], msgspec.Meta(description="Each `kid` whose tokens count now.")]

    @classmethod
    def of(cls, page: Revocations, key_ids: list[str]) -> "RevocationsBody":
        items = [RevocationBody(sid=each.session_id, ended_at=each.ended_at) for each in page.items]
        return cls(items=items, cursor=page.cursor, more=page.more, key_ids=key_ids)
