"""`Verifier`: who sent this request?"""

import ssl
import time
from collections.abc import Callable
from datetime import timedelta
from types import TracebackType

from cinema_auth import jws
from cinema_auth.claims import Claims
from cinema_auth.errors import TokenInvalid, Unavailable
from cinema_auth.polling import Polling
from cinema_auth.remembered import Remembered
from cinema_auth.source import Address, Source
from cinema_auth.token import Policy, Verified, read_token
from cinema_auth.transport import check_address

MAX_LEEWAY = timedelta(seconds=30)


class Verifier:
    """Judges access tokens by what it has in memory; a thread keeps that up to date.

    Make one for the process, and use it from any thread or event loop: `verify` does not wait for the network.

    Args:
        issuer: the public address of the Auth service, exactly as tokens say it: `https://id.cinema.example`.
        client_id, client_secret: of `python -m app clients create NAME` at the Auth service.
        audience: for whom tokens are made, by the operators' choice.
        base_url: where to ask instead, if the public address is not the way from here. Tokens still name `issuer`.
        max_silence: after how much time without news of ended sessions no token is taken any more. By default tokens
            go on being judged by what is known: each lives for some minutes only.
        leeway: how far the clocks of two hosts may differ; 30 seconds at most.
        poll_every: the pause between two questions.
        timeout: how long a question may wait for each piece of its answer.
        cached_tokens: how many tokens are remembered as good; one costs about a kilobyte.
        ssl_context: for a certificate authority of one's own.
        clock, monotonic: for tests.

    Raises:
        ValueError: an address without https that is not this machine's, or a leeway out of bounds.
    """

    def __init__(  # noqa: PLR0913 - what an installation may want to set
        self,
        issuer: str,
        *,
        client_id: str,
        client_secret: str,
        audience: str = "cinema",
        base_url: str | None = None,
        max_silence: timedelta | None = None,
        leeway: timedelta = timedelta(seconds=10),
        poll_every: timedelta = timedelta(seconds=1),
        timeout: timedelta = timedelta(seconds=3),
        cached_tokens: int = 10_000,
        ssl_context: ssl.SSLContext | None = None,
        clock: Callable[[], float] = time.time,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        check_address(issuer)
        if not timedelta(0) <= leeway <= MAX_LEEWAY:
            raise ValueError("leeway: from nothing to 30 seconds")
        self._policy = Policy(issuer=issuer, audience=audience, leeway_seconds=leeway.total_seconds())
        address = Address(
            base_url=base_url or issuer,
            client_id=client_id,
            client_secret=client_secret,
            timeout_seconds=timeout.total_seconds(),
            ssl_context=ssl_context,
        )
        self._source = Source(address, monotonic)
        self._polling = Polling(
            self._source.refresh, seconds=poll_every.total_seconds(), after_fork=self._source.after_fork
        )
        self._remembered = Remembered(cached_tokens)
        self._max_silence = max_silence.total_seconds() if max_silence is not None else None
        self._clock = clock
        self._is_closed = False

    def __repr__(self) -> str:
        return f"Verifier({self._policy.issuer!r}, audience={self._policy.audience!r})"

    def __enter__(self) -> "Verifier":
        self.start()
        return self

    def __exit__(
        self, error_type: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    @property
    def revocations_age(self) -> timedelta | None:
        """For how long there has been no news of ended sessions; `None` before the first."""
        age = self._source.revocations_age
        return None if age is None else timedelta(seconds=age)

    def start(self) -> None:
        """Ask once, and then again and again in the background. An Auth service that is away is no error here."""
        if self._source.revocations_age is None:
            self._polling.do()
        self._polling.start()

    def close(self) -> None:
        """End the background thread; nothing is verified any more."""
        self._is_closed = True
        self._polling.close()
        self._source.close()

    def refresh(self) -> None:
        """Ask now, in this thread, for what the background thread would ask.

        Raises:
            Unavailable: there was no good answer. What was known before stays known.
        """
        self._source.refresh()

    def verify(self, token: str) -> Claims:
        """Judge an access token.

        Raises:
            TokenInvalid: it opens nothing: answer 401.
            Unavailable: nothing can be said about any token: answer 503.
        """
        if self._polling.is_asleep:
            self._polling.go_on()
        self._require_knowledge()
        jws.require_plausible(token)
        verified = self._remembered.get(token)
        if verified is None or self._source.find_key(verified.key.key_id) is not verified.key:
            verified = self._read(token)
        verified.check_time(self._clock(), self._policy.leeway_seconds)
        if verified.claims.session_id in self._source.revoked:
            raise TokenInvalid("the session has ended")
        return verified.claims

    def _read(self, token: str) -> Verified:
        verified = read_token(token, self._policy, self._find_key)
        self._remembered.put(token, verified)
        return verified

    def _find_key(self, key_id: str) -> jws.Key | None:
        key = self._source.find_key(key_id)
        if key is None and self._source.miss_key():
            self._polling.wake()
        return key

    def _require_knowledge(self) -> None:
        age = self._source.revocations_age
        if self._is_closed:
            raise Unavailable("the verifier is closed")
        if age is None or not self._source.has_keys:
            raise Unavailable("the Auth service has not answered yet, or for too long")
        if self._max_silence is not None and age > self._max_silence:
            raise Unavailable("no news of ended sessions for too long")
