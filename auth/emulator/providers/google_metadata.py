"""What Google publishes about itself: the discovery document and the keys (GO-1)."""

from emulator.call import Call
from emulator.providers.google import issuer
from emulator.reply import Reply, json_reply
from emulator.spec import Route


def _cacheable(call: Call, document: object) -> Reply:
    reply = json_reply(document)
    max_age = call.world.switches.google.jwks_max_age
    headers = (("Cache-Control", f"public, max-age={max_age}, must-revalidate"),)
    return Reply(status=reply.status, body=reply.body, content_type=reply.content_type, headers=headers)


def _discovery(call: Call) -> Reply:
    base = issuer(call.world)
    document: dict[str, object] = {
        "issuer": base,
        "authorization_endpoint": f"{base}/o/oauth2/v2/auth",
        "token_endpoint": f"{base}/token",
        "userinfo_endpoint": f"{base}/v1/userinfo",
        "revocation_endpoint": f"{base}/revoke",
        "jwks_uri": f"{base}/oauth2/v3/certs",
        "response_types_supported": ["code"],
        "response_modes_supported": ["query"],
        "grant_types_supported": ["authorization_code", "refresh_token"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["RS256"],
        "scopes_supported": ["openid", "email", "profile"],
        "token_endpoint_auth_methods_supported": ["client_secret_post", "client_secret_basic"],
        "claims_supported": [
            "aud", "email", "email_verified", "exp", "family_name", "given_name", "iat", "iss", "name",
            "picture", "sub",
        ],
        "code_challenge_methods_supported": ["plain", "S256"],
    }  # fmt: skip
    if call.world.switches.google.advertise_iss:
        document["authorization_response_iss_parameter_supported"] = True
    return _cacheable(call, document)


def _certs(call: Call) -> Reply:
    return _cacheable(call, {"keys": [key.public_jwk() for key in call.world.keyring.published()]})


ROUTES = (
    Route(method="GET", path="/google/.well-known/openid-configuration", endpoint="discovery", handler=_discovery),
    Route(method="GET", path="/google/oauth2/v3/certs", endpoint="jwks", handler=_certs),
)
