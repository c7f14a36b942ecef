"""What several routes of this domain share."""

from collections.abc import Mapping
from dataclasses import dataclass

from litestar.datastructures import Cookie
from litestar.di import NamedDependency

from app.social.attempt import ATTEMPT_TTL
from app.social.catalogue import KNOWN
from app.social.complete import SignedIn
from app.social.handover import HandedOver
from app.social.linked import mask_subject
from app.social.model import SocialAccount
from app.social.schemas import Locale, SocialAccountBody, SocialTokenPairBody
from app.social.services import SocialServices
from app.social.start import Departure

FromSocial = NamedDependency[SocialServices]


@dataclass(frozen=True)
class LoginCookie:
    """The cookie that ties an attempt to its browser; one per attempt, so that tabs do not disturb each other.

    Attributes:
        secure: whether browsers reach the service by https, where the `__Host-` prefix pins it to us.
    """

    secure: bool

    def name(self, suffix: str) -> str:
        return f"{'__Host-' if self.secure else ''}auth-login-{suffix}"

    def make(self, suffix: str, value: str, *, max_age: int) -> Cookie:
        return Cookie(
            key=self.name(suffix), value=value, max_age=max_age, path="/",
            httponly=True, secure=self.secure, samesite="lax",
        )  # fmt: skip

    def read_all(self, cookies: Mapping[str, str]) -> list[str]:
        """The keys of all attempts that this browser has begun of late."""
        return [value for name, value in cookies.items() if name.startswith(self.name(""))]

    def carry(self, departure: Departure) -> Cookie:
        """The cookie for a browser that leaves."""
        return self.make(departure.cookie_suffix, departure.browser_key, max_age=int(ATTEMPT_TTL.total_seconds()))


FromLoginCookie = NamedDependency[LoginCookie]


def describe_account(services: SocialServices, account: SocialAccount, locale: Locale) -> SocialAccountBody:
    """A linked account as its owner sees it."""
    return SocialAccountBody(
        social=account.social,
        title=KNOWN[account.social].title[locale],
        subject_masked=mask_subject(account.subject),
        name=account.name,
        email=account.email,
        linked_at=account.linked_at,
        last_used_at=account.last_used_at,
        offered=any(offer.provider.social == account.social for offer in services.catalogue),
    )


def pair_body(result: SignedIn | HandedOver) -> SocialTokenPairBody:
    """A pair as the front end gets it."""
    return SocialTokenPairBody(
        access_token=result.pair.access_token,
        refresh_token=result.pair.refresh_token,
        expires_in=result.pair.expires_in,
        refresh_expires_in=result.pair.refresh_expires_in,
        is_new_account=result.is_new_account,
    )
