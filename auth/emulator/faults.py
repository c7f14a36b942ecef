"""The faults that a provider can be told to have.

Each function makes one fault. Its name and its arguments are also the JSON form of the control
API: `faults.status(500)` is `{"kind": "status", "code": 500}`.
"""

import json as json_text
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, cast

from emulator.effects import (
    AcceptUsedCode,
    AlterCallback,
    Answer,
    Delay,
    Effect,
    FlipErrorStatus,
    ForgeIdToken,
    Hang,
    HugeBody,
    IgnorePkce,
    Merge,
    Reset,
    Signature,
    SlowBody,
    Truncate,
)
from emulator.names import Endpoint, Pairs
from emulator.reply import Reply

_JSON = "application/json; charset=utf-8"


def delay(seconds: float) -> Effect:
    """Answer later."""
    return Delay(seconds=seconds)


def hang() -> Effect:
    """Answer only after `Emulator.release()`."""
    return Hang()


def reset(*, handled: bool = False) -> Effect:
    """Cut the connection; with `handled` the request has taken effect and only its answer is lost."""
    return Reset(handled=handled)


def body(
    text: str | bytes,
    *,
    code: int = 200,
    content_type: str = _JSON,
    headers: Mapping[str, str] | None = None,
    handled: bool = False,
) -> Effect:
    """Answer with exactly these bytes: broken JSON, NaN, XML, nothing at all."""
    data = text.encode() if isinstance(text, str) else text
    pairs = tuple((headers or {}).items())
    return Answer(reply=Reply(status=code, body=data, content_type=content_type, headers=pairs), handled=handled)


def status(code: int, *, headers: Mapping[str, str] | None = None, handled: bool = False) -> Effect:
    """Answer with a bare HTTP status, such as 500, 503 or 429."""
    return body(f"{code}", code=code, content_type="text/plain", headers=headers, handled=handled)


def json(value: object, *, code: int = 200, handled: bool = False) -> Effect:
    """Answer with any JSON value: `{}`, `{"error": …}`, an array, a string."""
    return body(json_text.dumps(value), code=code, handled=handled)


def html(*, code: int = 200) -> Effect:
    """Answer with a page where JSON is expected."""
    return body("<!doctype html><title>502</title><h1>Bad gateway</h1>", code=code, content_type="text/html")


def slow_down(*, code: int = 200) -> Effect:
    """VK ID's words for too many requests."""
    return json({"error": "slow_down", "error_description": "too many requests", "state": ""}, code=code)


def redirect(url: str, *, code: int = 302) -> Effect:
    """Send the API client to another address."""
    return Answer(reply=Reply(status=code, headers=(("Location", url),)))


def merge(values: Mapping[str, Any] | None = None, *, remove: Sequence[str] = ()) -> Effect:
    """Change fields of a successful JSON answer; errors stay as they are."""
    return Merge(values=values or {}, remove=tuple(remove))


def flip_error_status() -> Effect:
    """Errors with 200 get 400, errors with 400 or 401 get 200."""
    return FlipErrorStatus()


def truncate(keep: int = 20) -> Effect:
    """Send only the beginning of the body."""
    return Truncate(keep=keep)


def slow_body(seconds: float, *, piece: int = 1) -> Effect:
    """Send the body drop by drop: `piece` bytes, each after a pause."""
    return SlowBody(seconds=seconds, piece=piece)


def huge_body(size: int = 64 * 1024 * 1024, *, chunked: bool = True) -> Effect:
    """Send a JSON string of this many bytes, with or without Content-Length."""
    return HugeBody(size=size, chunked=chunked)


def accept_used_code() -> Effect:
    """Redeem a code that was redeemed before."""
    return AcceptUsedCode()


def ignore_pkce() -> Effect:
    """Redeem a code whatever the verifier."""
    return IgnorePkce()


def id_token(
    *,
    claims: Mapping[str, Any] | None = None,
    at: Mapping[str, int] | None = None,
    remove: Sequence[str] = (),
    header: Mapping[str, Any] | None = None,
    remove_header: Sequence[str] = (),
    signature: Signature = "RS256",
    append: Sequence[tuple[str, Any]] = (),
    payload: str | bytes | None = None,
) -> Effect:
    """Change Google's ID token.

    Args:
        claims: set these to any JSON values.
        at: set these to so many seconds from now: `{"iat": 600, "exp": 4200}`.
        remove: leave these out, also when they are set here.
        append: write these once more behind the others, as duplicate JSON keys.
        payload: text in place of all claims.
    """
    return ForgeIdToken(
        claims=claims or {},
        at=at or {},
        remove=tuple(remove),
        header=header or {},
        remove_header=tuple(remove_header),
        signature=signature,
        append=tuple((name, value) for name, value in append),
        payload=payload.encode() if isinstance(payload, str) else payload,
    )


def raw_id_token(token: str) -> Effect:
    """Put this text where the ID token belongs."""
    return ForgeIdToken(token=token)


def wrong_nonce() -> Effect:
    """An ID token of some other login attempt."""
    return id_token(claims={"nonce": "nonce-of-another-attempt"})


def wrong_audience() -> Effect:
    """An ID token for another application."""
    return id_token(claims={"aud": "another-client.apps.googleusercontent.com"})


def wrong_at_hash() -> Effect:
    """An ID token that came with another access token."""
    return id_token(claims={"at_hash": "AAAAAAAAAAAAAAAAAAAAAA"})


def expired_id_token(*, seconds: int = 300) -> Effect:
    """An ID token that expired so many seconds ago."""
    return id_token(at={"exp": -seconds})


def unknown_key() -> Effect:
    """An ID token signed by a key that is not published, under an unknown `kid`."""
    return id_token(signature="unknown-key")


def callback(
    *,
    replace: Mapping[str, str] | None = None,
    remove: Sequence[str] = (),
    append: Sequence[tuple[str, str]] = (),
    repeat: Sequence[str] = (),
) -> Effect:
    """Change the redirect back to the client; `repeat` sends parameters twice."""
    extra: Pairs = tuple((name, value) for name, value in append)
    return AlterCallback(replace=replace or {}, remove=tuple(remove), append=extra, repeat=tuple(repeat))


def code_and_error() -> Effect:
    """A callback that brings a code and an error together."""
    return callback(append=[("error", "access_denied")])


KINDS: Final[Mapping[str, Callable[..., Effect]]] = {
    maker.__name__: cast("Callable[..., Effect]", maker)
    for maker in (
        delay, hang, reset, body, status, json, html, slow_down, redirect, merge, flip_error_status,
        truncate, slow_body, huge_body, accept_used_code, ignore_pkce, id_token, raw_id_token,
        wrong_nonce, wrong_audience, wrong_at_hash, expired_id_token, unknown_key, callback, code_and_error,
    )
}  # fmt: skip


def from_json(document: Mapping[str, Any]) -> Effect:
    """Read a fault from the control API.

    Raises:
        ValueError: no such kind, or arguments that it does not take.
    """
    arguments = dict(document)
    kind = arguments.pop("kind", None)
    maker = KINDS.get(str(kind))
    if maker is None:
        raise ValueError(f"no fault {kind!r}; there are {', '.join(KINDS)}")
    try:
        return maker(**arguments)
    except TypeError as error:
        raise ValueError(f"{kind}: {error}") from error


_PLACES: Final[tuple[tuple[type[Any], tuple[Endpoint, ...]], ...]] = (
    (AlterCallback, ("callback",)),
    (ForgeIdToken, ("token", "one_tap")),
    (AcceptUsedCode, ("token",)),
    (IgnorePkce, ("token",)),
)


def check_place(effect: Effect, endpoint: Endpoint) -> None:
    """Refuse a fault where it could never show.

    Raises:
        ValueError: the endpoint cannot have that fault.
    """
    for kind, endpoints in _PLACES:
        if isinstance(effect, kind) and endpoint not in endpoints:
            raise ValueError(f"{kind.__name__} belongs to {' or '.join(endpoints)}, not to {endpoint}")
    if endpoint == "callback" and not isinstance(effect, AlterCallback):
        raise ValueError("the callback is a redirect: only faults.callback() and its kin apply to it")
