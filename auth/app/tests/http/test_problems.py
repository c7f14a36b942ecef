"""Every error is one problem document, whoever refuses: the service, a domain, the framework."""

import pytest

from app.errors import AppError
from app.tests.support.people import execute
from app.tests.support.raw import request, send_raw
from app.tests.support.service import Service
from app.tests.support.viewer import Answer, Viewer

JSON = {"Content-Type": "application/json"}
LOGIN = b'{"email":"anna@example.ru","password":"x"}'

# method, path, body, content type, expected status and code
ERRORS = {
    "IN-14 unknown path": ("GET", "/nope", None, None, 404, "not-found"),
    "IN-14 unknown path, deeper": ("POST", "/me/nope/nope", None, None, 404, "not-found"),
    "IN-14 unknown path, posted to": ("POST", "/nope", None, None, 404, "not-found"),
    "IN-14 unknown file": ("GET", "/assets/nope.js", None, None, 404, "not-found"),
    "HT-05 a folder": ("GET", "/assets/", None, None, 404, "not-found"),
    "HT-05 out of the folder": ("GET", "/assets/..%2f..%2fdocs.py", None, None, 404, "not-found"),
    "IN-15 wrong method": ("DELETE", "/login", None, None, 405, "method-not-allowed"),
    "IN-15 TRACE": ("TRACE", "/me", None, None, 405, "method-not-allowed"),
    "no token": ("GET", "/me", None, None, 401, "authentication-required"),
    "no body": ("POST", "/login", None, None, 422, "validation-failed"),
    "a list": ("POST", "/login", b"[]", "application/json", 422, "validation-failed"),
    "null": ("POST", "/login", b"null", "application/json", 422, "validation-failed"),
    "half a body": ("POST", "/login", b'{"email":', "application/json", 400, "malformed-request"),
    "two bodies": ("POST", "/login", LOGIN * 2, "application/json", 400, "malformed-request"),
    "a byte order mark": ("POST", "/login", b"\xef\xbb\xbf" + LOGIN, "application/json", 400, "malformed-request"),
    "IN-07 invalid UTF-8": ("POST", "/login", LOGIN[:-3] + b'\xff"}', "application/json", 400, "malformed-request"),
    "IN-07 UTF-8 of a surrogate": (
        "POST", "/login", LOGIN[:-3] + b'\xed\xa0\x80"}', "application/json", 400, "malformed-request",
    ),
    "IN-07 a lone surrogate": (
        "POST", "/login", LOGIN[:-3] + b'\\ud800"}', "application/json", 400, "malformed-request",
    ),
    "nested too deep": ("POST", "/login", b"[" * 30_000, "application/json", 400, "malformed-request"),
    "a number too long": ("POST", "/login", b"9" * 30_000, "application/json", 400, "malformed-request"),
    "not a number": ("POST", "/login", b'{"email":NaN,"password":"x"}', "application/json", 400, "malformed-request"),
    "a member twice": (
        "POST", "/login", LOGIN[:-1] + b',"email":"b@b.ru"}', "application/json", 400, "malformed-request",
    ),
    "too large": ("POST", "/login", b" " * 65_537, "application/json", 413, "body-too-large"),
    "IN-09 no type": ("POST", "/login", LOGIN, None, 415, "unsupported-media-type"),
    "IN-09 text": ("POST", "/login", LOGIN, "text/plain", 415, "unsupported-media-type"),
    "IN-09 form": ("POST", "/login", b"email=a", "application/x-www-form-urlencoded", 415, "unsupported-media-type"),
    "IN-09 multipart": ("POST", "/login", LOGIN, "multipart/form-data; boundary=x", 415, "unsupported-media-type"),
    "IN-09 UTF-16": ("POST", "/login", LOGIN, "application/json;charset=utf-16", 415, "unsupported-media-type"),
    "IN-09 UTF-7": ("POST", "/login", LOGIN, 'application/json; charset="utf-7"', 415, "unsupported-media-type"),
    "IN-09 another JSON": ("POST", "/login", LOGIN, "application/merge-patch+json", 415, "unsupported-media-type"),
    "IN-09 hidden JSON": ("POST", "/login", LOGIN, "text/plain; application/json", 415, "unsupported-media-type"),
}  # fmt: skip


def check_problem(answer: Answer, status: int, code: str) -> None:
    """PJ(n): RFC 9457, with nothing of the inside in it."""
    assert (answer.status, answer.code) == (status, code), answer.text
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.json["status"] == status
    assert answer.json["type"] == f"/auth/api/v1/problems/{code}"
    assert answer.json["request_id"] == answer.headers["X-Request-Id"]
    assert answer.json["title"] == AppError.catalogue[code].title
    assert ("WWW-Authenticate" in answer.headers) == (status == 401)
    assert not any(word in answer.text for word in ("Traceback", "sqlite", "msgspec", "litestar", "SELECT", ".py"))


async def test_every_refusal_is_a_problem(viewer: Viewer) -> None:
    """IN-09, IN-14, IN-15."""
    for method, path, body, media_type, status, code in ERRORS.values():
        headers = {"Content-Type": media_type} if media_type else {}
        skipped = () if media_type else ("Content-Type",)

        answer = await viewer.call(method, path, data=body, headers=headers, skip_auto_headers=skipped)

        check_problem(answer, status, code)


@pytest.mark.parametrize("charset", ["", ";charset=utf-8", "; charset=UTF-8", '; charset="utf-8"', " "])
async def test_json_in_utf_8_may_say_so(charset: str, viewer: Viewer) -> None:
    """IN-09."""
    answer = await viewer.post("/login", data=LOGIN, headers={"Content-Type": f"application/json{charset}"})

    assert answer.status == 401


async def test_a_refused_method_names_the_others(viewer: Viewer) -> None:
    """IN-15."""
    answers = {path: await viewer.call("PUT", path) for path in ("/me", "/login", "/.well-known/jwks.json")}

    allowed = {path: set(answer.headers["Allow"].split(", ")) for path, answer in answers.items()}
    assert allowed == {
        "/me": {"GET", "PATCH", "DELETE", "OPTIONS"},
        "/login": {"POST", "OPTIONS"},
        "/.well-known/jwks.json": {"GET", "OPTIONS"},
    }


@pytest.mark.parametrize("header", ["X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override"])
async def test_a_method_cannot_be_overridden(header: str, anna: Viewer) -> None:
    """HT-11."""
    by_header = await anna.get("/logout", headers={header: "POST"})
    by_query = await anna.get("/logout?_method=POST")
    by_patch = await anna.post("/me", {"name": "x", "_method": "PATCH"}, headers={header: "PATCH"})

    assert [answer.status for answer in (by_header, by_query, by_patch)] == [405, 405, 405]
    assert (await anna.get("/me")).json["name"] == "Анна"


async def test_values_that_were_refused_are_not_repeated(viewer: Viewer) -> None:
    """IN-14: neither passwords nor tokens; each finding has a JSON pointer."""
    secret = "s3cr3t-v4lue"
    bodies: list[tuple[str, dict[str, object], str]] = [
        ("/login", {"email": "a@b.ru", "password": [secret]}, "/password"),
        ("/login", {"email": {"x": secret}, "password": "x"}, "/email"),
        ("/login", {"email": secret * 30, "password": secret}, "/email"),
        ("/refresh", {"refresh_token": {secret: secret}}, "/refresh_token"),
        ("/refresh", {"refresh_token": secret * 500}, "/refresh_token"),
        ("/register", {"email": secret, "password": "x" * 20}, "/email"),
        ("/register", {"email": "a@b.ru", "password": "slow trams", "locale": secret}, "/locale"),
        ("/email/confirm", {"token": secret * 20}, "/token"),
        ("/refresh", {}, ""),
    ]

    for path, body, pointer in bodies:
        answer = await viewer.post(path, body)

        assert answer.status == 422, answer.text
        assert secret not in answer.text
        assert [error["pointer"] for error in answer.json["errors"]] == [pointer]


@pytest.mark.embedded
async def test_a_crash_tells_nothing_but_the_request_id(service: Service, anna: Viewer) -> None:
    """HT-05: a damaged row, as after a bad restore, is a mistake that nobody has foreseen."""
    await execute(service, "UPDATE users SET created_at = 'garbage-in-the-row'")

    answer = await anna.get("/me")

    check_problem(answer, 500, "internal-error")
    assert "garbage" not in answer.text
    assert set(answer.json) == {"type", "title", "status", "code", "request_id"}


async def test_a_database_that_is_away_is_told_as_such(service: Service, anna: Viewer) -> None:
    """Rule 2.1-3: 503 with Retry-After, never 401 that would log clients out."""
    for table in ("users", "sessions"):
        await execute(service, f"ALTER TABLE {table} RENAME TO lost_{table}")

    answers = [await anna.get("/me"), await anna.login("anna@example.ru"), await anna.post("/logout")]

    for answer in answers:
        check_problem(answer, 503, "temporarily-unavailable")
        assert answer.headers["Retry-After"] == "2"


PATH = "/auth/api/v1/me"
OVERSIZE = {
    "IN-06 header of 64 KiB": (request("GET", PATH, b"X-A: " + b"a" * 65_536), 431, "headers-too-large"),
    "IN-06 500 headers": (request("GET", PATH, *(b"X-%d: a" % n for n in range(500))), 431, "headers-too-large"),
    "IN-06 cookie of 64 KiB": (request("GET", PATH, b"Cookie: a=" + b"a" * 65_536), 431, "headers-too-large"),
    "IN-06 query of 60 KiB": (request("GET", PATH + "?a=" + "a" * 61_440), 414, "address-too-long"),
    "IN-06 path of 20 KiB": (request("GET", PATH + "/a" * 10_240), 414, "address-too-long"),
}


@pytest.mark.parametrize(("sent", "status", "code"), OVERSIZE.values(), ids=OVERSIZE.keys())
async def test_a_request_larger_than_any_honest_one_is_refused(
    sent: bytes, status: int, code: str, service: Service
) -> None:
    answer = await send_raw(service.url, sent)

    assert (answer.status, answer.json["code"]) == (status, code)
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["x-request-id"] == answer.json["request_id"]
    assert answer.headers["x-content-type-options"] == "nosniff"


async def test_headers_of_an_honest_size_are_read(service: Service) -> None:
    """Several cookies and a long token of 20 KiB together."""
    answer = await send_raw(
        service.url, request("GET", "/livez", *(b"Cookie: a%d=%b" % (n, b"a" * 400) for n in range(50)))
    )

    assert answer.status == 200


@pytest.mark.parametrize(
    "sent",
    [
        b"NONSENSE\r\n\r\n",
        b"GET /livez HTTP/1.1\r\nHost: x\r\nX-A: a\x00b\r\n\r\n",
        b"GET /\xff\xfe HTTP/1.1\r\nHost: x\r\n\r\n",
        b"POST /livez HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        b"POST /auth/api/v1/login HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n{}{}{}",
        b"POST /auth/api/v1/login HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
    ],
    ids=["no HTTP", "NUL in a header", "no ASCII in the path", "two framings", "two lengths", "a negative length"],
)
async def test_what_is_no_http_is_refused_and_the_service_goes_on(
    sent: bytes, service: Service, viewer: Viewer
) -> None:
    """IN-05: two readers could frame it differently (request smuggling)."""
    answer = await send_raw(service.url, sent)

    assert (answer.status, answer.json["code"]) == (400, "malformed-request")
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["x-request-id"] == answer.json["request_id"]
    assert (answer.headers["connection"], answer.headers["x-content-type-options"]) == ("close", "nosniff")
    assert (await viewer.get(f"{service.url}/livez")).status == 200


@pytest.mark.parametrize("code", sorted(AppError.catalogue))
async def test_every_code_is_named_as_the_contract_says(code: str) -> None:
    """Part of the public contract: lower case, words, an error status, and all four texts."""
    error = AppError.catalogue[code]

    assert code.replace("-", "").isalpha()
    assert code == code.lower()
    assert 400 <= error.status <= 599
    assert all((error.title, error.advice, error.__doc__))


async def test_every_code_is_explained(viewer: Viewer) -> None:
    """IN-14: what a problem's `type` leads to."""
    for code, error in AppError.catalogue.items():
        answer = await viewer.get(f"/problems/{code}")

        assert answer.status == 200
        assert set(answer.json) == {"code", "status", "title", "meaning", "advice"}
        assert (answer.json["code"], answer.json["status"]) == (code, error.status)
        assert all(answer.json.values())
        assert not any(word in answer.json["meaning"] for word in ("Args:", "Raises:"))
