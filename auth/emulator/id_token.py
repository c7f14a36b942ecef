"""Google's ID tokens, honest or forged to order (GO-2, GO-3)."""

import json
from hashlib import sha256
from typing import Any

from emulator.effects import ForgeIdToken
from emulator.jws import Signer, compact, encoded, hs256, ps512, rs1, rs256
from emulator.keys import Keyring, SigningKey
from emulator.world import Effects

_HONEST = ForgeIdToken()


def at_hash(access_token: str) -> str:
    """The left half of the access token's SHA-256 (OpenID Connect Core, section 3.1.3.6)."""
    return encoded(sha256(access_token.encode()).digest()[:16])


def id_token(keyring: Keyring, claims: dict[str, Any], effects: Effects) -> str:
    """Sign the claims, with the forgery among the faults if there is one."""
    forgery = next((effect for effect in effects if isinstance(effect, ForgeIdToken)), _HONEST)
    if forgery.token is not None:
        return forgery.token
    return compact(_header(keyring, forgery), _payload(claims, forgery), _signer(keyring, forgery))


def _header(keyring: Keyring, forgery: ForgeIdToken) -> dict[str, Any]:
    unknown = forgery.signature == "unknown-key"
    key = keyring.unpublished if unknown else keyring.signing
    algorithm = {"unknown-key": "RS256", "garbage": "RS256"}.get(forgery.signature, forgery.signature[:5])
    header = {"alg": algorithm, "kid": key.kid, "typ": "JWT", **forgery.header}
    return {name: value for name, value in header.items() if name not in forgery.remove_header}


def _payload(claims: dict[str, Any], forgery: ForgeIdToken) -> bytes:
    if forgery.payload is not None:
        return forgery.payload
    timed = {name: claims["iat"] + seconds for name, seconds in forgery.at.items()}
    merged = {**claims, **forgery.claims, **timed}
    kept = [(name, value) for name, value in merged.items() if name not in forgery.remove]
    # Written pair by pair: a dict could not hold a name twice.
    members = [f"{json.dumps(name)}:{json.dumps(value)}" for name, value in (*kept, *forgery.append)]
    return ("{" + ",".join(members) + "}").encode()


def _signer(keyring: Keyring, forgery: ForgeIdToken) -> Signer:
    key = keyring.signing
    match forgery.signature:
        case "RS256":
            return rs256(key.private)
        case "RS1":
            return rs1(key.private)
        case "PS512":
            return ps512(key.private)
        case "unknown-key":
            return rs256(keyring.unpublished.private)
        case "none":
            return lambda data: b""
        case "garbage":
            return lambda data: bytes(256)
        case _:
            return hs256(_as_secret(key, forgery.signature))


def _as_secret(key: SigningKey, kind: str) -> bytes:
    """The public key as a careless verifier would feed it to HMAC."""
    if kind == "HS256-pem":
        return key.key.as_pem(private=False)
    if kind == "HS256-padded":
        return b"\n " + key.key.as_pem(private=False)
    if kind == "HS256-der":
        return key.key.as_der(private=False)
    return json.dumps(key.public_jwk()).encode()
