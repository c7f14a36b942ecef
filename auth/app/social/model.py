"""What the social sign-in knows: a person at a provider, and a login on its way."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID


@dataclass(frozen=True, kw_only=True)
class Profile:
    """A person as a provider tells, reduced to what is kept.

    Attributes:
        subject: the provider's stable key of the person, as text whatever the wire type.
        email: display form of the address told; absent is normal.
        email_verified: the provider is the authority for this address and says that it is proven.
            Nothing less lets an address join accounts.
    """

    subject: str
    email: str | None = None
    email_verified: bool = False
    name: str | None = None
    avatar_url: str | None = None


@dataclass(frozen=True, kw_only=True)
class SocialAccount:
    """A linked account. (`social`, `subject`) is the identity; everything else is decoration."""

    social: str
    subject: str
    user_id: UUID
    email: str | None
    name: str | None
    linked_at: datetime
    last_used_at: datetime


@dataclass(frozen=True, kw_only=True)
class Linking:
    """Somebody who is signed in wants to link a further account; only their session may finish that."""

    user_id: UUID
    session_id: UUID


@dataclass(frozen=True, kw_only=True)
class LoginAttempt:
    """A login that was sent to a provider and has not come back.

    Attributes:
        code_verifier: the PKCE secret (RFC 7636); the provider has seen its hash only.
        nonce: ties an ID token to this attempt (OpenID Connect Core, section 3.1.2.1).
        browser_key_hash: of the secret in the cookie of the browser that began.
        return_to: the front end's page to go back to; absent for callers that want the pair as JSON.
        code_challenge: of the front end's own verifier, for the hand-over (S256).
        linking: for whom the identity is linked; absent for a sign-in.
    """

    social: str
    code_verifier: str = field(repr=False)
    nonce: str = field(repr=False)
    browser_key_hash: str = field(repr=False)
    locale: str
    return_to: str | None = None
    code_challenge: str | None = None
    linking: Linking | None = None

    @property
    def is_bound_by_cookie(self) -> bool:
        """Whether only the browser that began may return.

        A link with a challenge is finished by whoever holds the verifier and the session; what returns is not.
        """
        return self.linking is None or self.code_challenge is None


Way = Mapping[str, str]
"""A way into an account as a stranger may see it: `method`, and `email` (masked) or `social` and `title`."""


@dataclass(frozen=True, kw_only=True)
class PendingLink:
    """A proven identity that waits for somebody to prove that an account is theirs, too.

    Attributes:
        user_id: the account that it may be linked to, and no other.
        session_id: of whoever began to link while signed in: only that session finishes it. Absent when
            the identity met the account by its address: then any proof of the account does.
        code_challenge: of the verifier that whoever brought the identity can show (S256).
        browser_key_hash: where there is no challenge, of the secret in the cookie of that browser.
        tries: how many wrong proofs have come.
    """

    social: str
    profile: Profile
    user_id: UUID
    locale: str
    expires_at: datetime
    session_id: UUID | None = None
    code_challenge: str | None = field(default=None, repr=False)
    browser_key_hash: str | None = field(default=None, repr=False)
    tries: int = 0


@dataclass(frozen=True, kw_only=True)
class FinishedSignIn:
    """A session whose tokens are to be fetched."""

    user_id: UUID
    session_id: UUID
    is_new_account: bool


@dataclass(frozen=True, kw_only=True)
class Collision:
    """An identity whose address belongs to an account that has to be asked first, and how to get into that."""

    pending: PendingLink
    ways: tuple[Way, ...]


@dataclass(frozen=True, kw_only=True)
class HandOver:
    """What a social sign-in has led to, until the front end fetches it: one of the two."""

    code_challenge: str
    finished: FinishedSignIn | None = None
    collision: Collision | None = None
