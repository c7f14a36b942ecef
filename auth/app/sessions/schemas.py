"""Bodies of the sign-in routes."""

from typing import Annotated, Literal

import msgspec

from app.sessions.tokens import TokenPair

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
