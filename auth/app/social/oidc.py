"""OpenID Connect for providers that speak it: discovery, keys, ID tokens (OIDC Core, section 3.1.3.7)."""

from base64 import urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256
from typing import Any, TypeGuard
from urllib.parse import urlsplit

from joserfc.errors import JoseError
from joserfc.jwk import RSAKey

from app.ports.clock import Clock
from app.sessions import jws
from app.social.cached import Cached
from app.social.errors import ProviderAnswerInvalid, ProviderUnavailable
from app.social.oauth2 import Endpoints
from app.social.provider_http import ProviderHttp, ProviderRequest

ALGORITHMS = ("RS256",)
MAX_SKEW = timedelta(seconds=60)
MAX_AGE = timedelta(minutes=10)
METADATA_TTL = timedelta(hours=1)
KEYS_TTL = timedelta(hours=6)
STALE_TTL = timedelta(hours=24)  # how long the last ones serve while the provider is away
RETRY_PAUSE = timedelta(seconds=5)
COOL_DOWN = timedelta(seconds=30)  # between two fetches on behalf of unknown key ids, however many arrive
MIN_KEY_BITS = 2048


@dataclass(frozen=True, kw_only=True)
class Metadata:
    """What discovery tells (OpenID Connect Discovery, section 3)."""

    issuer: str
    endpoints: Endpoints
    jwks_uri: str
    sends_issuer: bool  # RFC 9207, section 3


Keys = Mapping[str | None, RSAKey]


class OpenIdProvider:
    """Metadata and keys of one issuer, kept fresh. Knows nothing of people.

    Args:
        secure_only: refuse addresses that are not https (production).
    """

    def __init__(self, issuer: str, http: ProviderHttp, clock: Clock, *, secure_only: bool) -> None:
        self.issuer = issuer
        self._http, self._clock = http, clock
        self._schemes = {"https"} if secure_only else {"https", "http"}
        self._metadata = Cached(self._discover, clock, ttl=METADATA_TTL, stale_ttl=STALE_TTL, pause=RETRY_PAUSE)
        self._keys = Cached(self._fetch_keys, clock, ttl=KEYS_TTL, stale_ttl=STALE_TTL, pause=COOL_DOWN)

    async def metadata(self) -> Metadata:
        """The discovery document.

        Raises:
            ProviderUnavailable: it cannot be had, or it speaks of another issuer.
        """
        return await self._metadata.get()

    async def verify_id_token(
        self, id_token: str, *, client_id: str, nonce: str, access_token: str
    ) -> Mapping[str, Any]:
        """Judge an ID token and give its claims.

        Raises:
            ProviderAnswerInvalid: whatever is wrong with it.
            ProviderUnavailable: the keys cannot be had.
        """
        try:
            header = jws.read_header(id_token)
            if header.get("typ", "JWT") != "JWT":  # ours and logout tokens are typed otherwise (RFC 8725, 3.11)
                raise jws.TokenInvalid
            key = await self._find_key(header)
            _, claims = jws.verify(id_token, find_key=lambda _: key, algorithms=ALGORITHMS)
            self._check(claims, client_id=client_id, nonce=nonce)
            _check_token_hash(claims, access_token)
        except jws.TokenInvalid:
            raise ProviderAnswerInvalid from None
        return claims

    def _check(self, claims: jws.Claims, *, client_id: str, nonce: str) -> None:
        now = self._clock.now().timestamp()
        issued, expires = claims.get("iat"), claims.get("exp")
        if not (_is_moment(issued) and _is_moment(expires)):
            raise jws.TokenInvalid
        skew = MAX_SKEW.total_seconds()
        checks = (
            claims.get("iss") in (self.issuer, self.issuer.partition("://")[2]),  # Google spells it both ways
            claims.get("aud") in (client_id, [client_id]),
            claims.get("azp", client_id) == client_id,
            claims.get("nonce") == nonce,
            now < expires + skew,
            now - MAX_AGE.total_seconds() - skew < issued < now + skew,
            isinstance(claims.get("sub"), str),
        )
        if not all(checks):
            raise jws.TokenInvalid

    async def _find_key(self, header: jws.Header) -> RSAKey | None:
        keys = await self._keys.get(lambda known: _choose_key(known, header) is not None)
        return _choose_key(keys, header)

    async def _fetch_keys(self) -> Keys:
        metadata = await self.metadata()
        return _import_keys((await self._http.request(ProviderRequest(method="GET", url=metadata.jwks_uri))).body)

    async def _discover(self) -> Metadata:
        url = self.issuer.rstrip("/") + "/.well-known/openid-configuration"
        body = (await self._http.request(ProviderRequest(method="GET", url=url))).body
        addresses = [body.get(name) for name in ("authorization_endpoint", "token_endpoint", "jwks_uri")]
        if body.get("issuer") != self.issuer or not all(self._is_usable(each) for each in addresses):
            raise ProviderUnavailable  # a wrong document must not start any login (Discovery, section 4.3)
        authorize, token, keys = (str(each) for each in addresses)
        return Metadata(
            issuer=self.issuer,
            endpoints=Endpoints(authorize_url=authorize, token_url=token),
            jwks_uri=keys,
            sends_issuer=body.get("authorization_response_iss_parameter_supported") is True,
        )

    def _is_usable(self, address: object) -> bool:
        return isinstance(address, str) and urlsplit(address).scheme in self._schemes


def _choose_key(keys: Keys, header: jws.Header) -> RSAKey | None:
    """The key that the header names; without a name, the only one there is."""
    if "kid" in header:
        return keys.get(header["kid"])
    return next(iter(keys.values())) if len(keys) == 1 else None


def _is_moment(value: object) -> TypeGuard[int]:
    return isinstance(value, int) and not isinstance(value, bool) and 0 < value < 1 << 40


def _check_token_hash(claims: jws.Claims, access_token: str) -> None:
    """`at_hash`, where it is given, ties the ID token to its access token (OIDC Core, 3.1.3.6)."""
    if "at_hash" not in claims:
        return
    half = sha256(access_token.encode()).digest()[:16]
    if claims["at_hash"] != urlsafe_b64encode(half).rstrip(b"=").decode():
        raise jws.TokenInvalid


def _import_keys(body: Mapping[str, Any]) -> dict[str | None, RSAKey]:
    """The RSA signature keys of a JWK set; what is not one, or is too small, is passed over."""
    found: dict[str | None, RSAKey] = {}
    listed = body.get("keys")
    for entry in listed if isinstance(listed, list) else []:
        if not isinstance(entry, dict) or entry.get("kty") != "RSA" or entry.get("use", "sig") != "sig":
            continue
        try:
            key = RSAKey.import_key({name: entry[name] for name in ("kty", "n", "e")})
        except (JoseError, ValueError, KeyError, TypeError):
            continue
        key_id = entry.get("kid")
        if key.raw_value.key_size >= MIN_KEY_BITS and (key_id is None or isinstance(key_id, str)):
            found[key_id] = key
    return found
