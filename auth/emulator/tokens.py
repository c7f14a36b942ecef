"""Access and refresh tokens."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from emulator.clock import Clock
from emulator.failures import Failure, Refused
from emulator.names import Provider


@dataclass(frozen=True, kw_only=True)
class Grant:
    """What a person allowed an application; a family of tokens stands for it."""

    family: str
    provider: Provider
    client_id: str
    persona: str
    scopes: tuple[str, ...]
    device_id: str | None = None


@dataclass(frozen=True, kw_only=True)
class AccessToken:
    """A token for the profile endpoint."""

    value: str
    grant: Grant
    expires_at: datetime


@dataclass(frozen=True, kw_only=True)
class RefreshToken:
    """A token for the next access token; `access` is the one it came with."""

    value: str
    grant: Grant
    access: AccessToken


class Tokens:
    """All tokens of all providers."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._access: dict[str, AccessToken] = {}
        self._refresh: dict[str, RefreshToken] = {}
        self._used: set[str] = set()
        self._dead: set[str] = set()

    def add_access(self, value: str, grant: Grant, lifetime: timedelta) -> AccessToken:
        """Issue an access token."""
        token = AccessToken(value=value, grant=grant, expires_at=self._clock.now() + lifetime)
        self._access[value] = token
        return token

    def add_refresh(self, value: str, access: AccessToken) -> RefreshToken:
        """Issue the refresh token that accompanies an access token."""
        token = RefreshToken(value=value, grant=access.grant, access=access)
        self._refresh[value] = token
        return token

    def access(self, value: str, provider: Provider) -> AccessToken:
        """The living access token of that value.

        Raises:
            Refused: unknown, of another provider, expired or revoked.
        """
        token = self._access.get(value)
        if token is None or token.grant.provider != provider or token.grant.family in self._dead:
            raise Refused(Failure.WRONG_ACCESS_TOKEN)
        if self._clock.now() >= token.expires_at:
            raise Refused(Failure.WRONG_ACCESS_TOKEN)
        return token

    def refresh(self, value: str, *, provider: Provider, client_id: str, device_id: str | None = None) -> RefreshToken:
        """The living refresh token of that value; a replay of a used one ends its family.

        Args:
            device_id: must be the grant's own, where the provider binds to a device.

        Raises:
            Refused: unknown, of another client or device, used or revoked.
        """
        token = self._refresh.get(value)
        if token is None or (token.grant.provider, token.grant.client_id) != (provider, client_id):
            raise Refused(Failure.WRONG_REFRESH_TOKEN)
        if device_id is not None and device_id != token.grant.device_id:
            raise Refused(Failure.WRONG_DEVICE)
        if value in self._used:
            self.revoke(token.grant)
        if token.grant.family in self._dead:
            raise Refused(Failure.WRONG_REFRESH_TOKEN)
        return token

    def retire(self, token: RefreshToken) -> None:
        """Mark a refresh token used and its access token dead: the pair rotates."""
        self._used.add(token.value)
        self._access.pop(token.access.value, None)

    def revoke(self, grant: Grant) -> None:
        """End all tokens of a grant."""
        self._dead.add(grant.family)

    def revoke_consent(self, grant: Grant) -> None:
        """End all tokens that the person ever gave the application."""
        owner = (grant.provider, grant.client_id, grant.persona)
        for token in self._access.values():
            if (token.grant.provider, token.grant.client_id, token.grant.persona) == owner:
                self._dead.add(token.grant.family)

    def grant_of(self, value: str, provider: Provider) -> Grant | None:
        """The grant behind an access or refresh token of that value, living or not."""
        token = self._access.get(value) or self._refresh.get(value)
        return token.grant if token is not None and token.grant.provider == provider else None
