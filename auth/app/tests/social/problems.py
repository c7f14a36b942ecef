"""What a refusal must look like, and what must never be in one."""

from collections.abc import Mapping
from typing import Final

from app.tests.support.viewer import Answer

STATUS: Final[Mapping[str, int]] = {
    "account-blocked": 403,
    "account-exists": 409,
    "address-too-long": 414,
    "authentication-required": 401,
    "authorization-code-refused": 400,
    "callback-malformed": 400,
    "current-password-wrong": 403,
    "hand-over-code-invalid": 400,
    "identity-in-use": 409,
    "issuer-mismatch": 400,
    "last-sign-in-method": 409,
    "link-not-yours": 403,
    "link-token-invalid": 400,
    "login-denied": 403,
    "login-state-invalid": 400,
    "malformed-request": 400,
    "native-sign-in-unsupported": 400,
    "not-found": 404,
    "provider-linked-already": 409,
    "provider-answer-invalid": 502,
    "provider-unavailable": 503,
    "provider-unknown": 404,
    "recent-sign-in-needed": 403,
    "redirect-uri-refused": 400,
    "return-address-refused": 400,
    "social-login-refused": 403,
    "temporarily-unavailable": 503,
    "too-many-requests": 429,
    "validation-failed": 422,
}
MARKER: Final = "words-of-the-provider"
_NEVER = (MARKER, "access_token", "refresh_token", "Traceback", "sqlalchemy", "aiohttp", "127.0.0.1")


def assert_refused(answer: Answer, *codes: str, unseen: tuple[str, ...] = ()) -> None:
    """One of the problems, in the form of RFC 9457, telling nothing else and setting no cookie."""
    assert answer.headers["content-type"].startswith("application/problem+json"), answer.text
    assert answer.code in codes, answer.text
    assert answer.status == answer.json["status"] == STATUS[str(answer.code)]
    assert answer.json["request_id"] == answer.headers["x-request-id"]
    assert "set-cookie" not in answer.headers
    assert "location" not in answer.headers
    assert ("retry-after" in answer.headers) == (answer.status in {429, 503})
    for secret in (*_NEVER, *unseen):
        assert secret not in answer.text
