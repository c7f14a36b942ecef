"""ID tokens that say something else than they must (OIDC Core, section 3.1.3.7)."""

from typing import Any

import pytest

from app.tests.social.problems import assert_refused
from app.tests.social.scene import Scene, query_of, way_back
from emulator import DEMO_APPS, Effect, faults

pytestmark = pytest.mark.asyncio(loop_scope="module")

OURS = DEMO_APPS["google"].client_id
OTHER = "another-client.apps.googleusercontent.com"


def _claim(name: str, *values: Any) -> dict[str, Effect]:
    return {f"{name}={value!r:.40}": faults.id_token(claims={name: value}) for value in values}


FORGED: dict[str, Effect] = {
    "ID-02 no iss": faults.id_token(remove=["iss"]),
    **{
        f"ID-34 {name}": effect
        for name, effect in _claim(
            "iss", "https://evil.example", "", None, 1, ["https://accounts.google.com"], {"iss": "x"}, True
        ).items()
    },
    "ID-03 another client": faults.wrong_audience(),
    "ID-04 no aud": faults.id_token(remove=["aud"]),
    **{f"ID-04 {name}": effect for name, effect in _claim("aud", [], None, "", {}, 0, [None], [[OURS]]).items()},
    "ID-05 two without azp": faults.id_token(claims={"aud": [OURS, OTHER]}, remove=["azp"]),
    "ID-05 two with another azp": faults.id_token(claims={"aud": [OURS, OTHER], "azp": OTHER}),
    "ID-05 two with our azp": faults.id_token(claims={"aud": [OURS, OTHER], "azp": OURS}),
    "ID-05 another azp": faults.id_token(claims={"azp": OTHER}),
    "ID-05 azp null": faults.id_token(claims={"azp": None}),
    **{
        f"ID-06 {name}": effect
        for name, effect in _claim("aud", f"x{OURS}", f"{OURS}x", OURS[:-1], [f"{OURS} {OTHER}"], OURS.upper()).items()
    },
    "ID-08 expired": faults.expired_id_token(seconds=300),
    "ID-08 expired beyond the skew": faults.expired_id_token(seconds=61),
    "ID-09 no exp": faults.id_token(remove=["exp"]),
    **{
        f"ID-09 {name}": effect
        for name, effect in _claim(
            "exp", "4102444800", 10**18, 4102444800.5, -1, 0, None, True, [4102444800], float("nan"), float("inf")
        ).items()
    },
    "ID-10 no iat": faults.id_token(remove=["iat"]),
    "ID-10 a week old": faults.id_token(at={"iat": -7 * 86400}),
    "ID-10 ten minutes ahead": faults.id_token(at={"iat": 600, "exp": 4200}),
    **{f"ID-10 {name}": effect for name, effect in _claim("iat", "1", None, True, [], 1.5).items()},
    "ID-12 no sub": faults.id_token(remove=["sub"]),
    **{
        f"ID-12 {name}": effect
        for name, effect in _claim(
            "sub",
            "",
            " ",
            109876543210,
            0,
            None,
            True,
            {},
            [],
            "x" * 256,
            "0",
            "1 2",
            "1\r\n2",
            "é",
            "1\u0000",
            "\ud800",
        ).items()
    },
    "ID-13 wrong nonce": faults.wrong_nonce(),
    "ID-13 no nonce": faults.id_token(remove=["nonce"]),
    **{f"ID-13 {name}": effect for name, effect in _claim("nonce", "", None, [], 1).items()},
    "ID-29 wrong at_hash": faults.wrong_at_hash(),
    **{f"ID-29 {name}": effect for name, effect in _claim("at_hash", "", None, 1, []).items()},
    "ID-32 sub twice": faults.id_token(append=[("sub", "1")]),
    "ID-32 aud twice": faults.id_token(append=[("aud", OURS)]),
    "ID-32 JSON text": faults.id_token(payload='"{\\"sub\\":\\"1\\"}"'),
    "ID-32 array": faults.id_token(payload="[]"),
    "ID-32 BOM": faults.id_token(payload=b'\xef\xbb\xbf{"sub":"1"}'),
    "ID-32 not UTF-8": faults.id_token(payload=b'{"sub":"\xff"}'),
    "ID-32 NaN": faults.id_token(payload='{"sub":NaN}'),
    "ID-32 nested too deep": faults.id_token(payload='{"a":' * 2000 + "1" + "}" * 2000),
    "ID-32 empty": faults.id_token(payload=" "),
}


@pytest.mark.parametrize("forgery", FORGED.values(), ids=FORGED)
async def test_a_token_with_false_claims_signs_nobody_in(forgery: Effect, shared: Scene) -> None:
    shared.arrives("google")
    shared.emulator.fault("google", "token", forgery)

    async with shared.browser() as browser, shared.nothing_written():
        answer = await browser.sign_in_with("google")

    assert_refused(answer, "provider-answer-invalid")
    assert shared.emulator.requests("google", "profile") == []  # that is how the OpenID Foundation's suite decides


async def test_id_13_the_nonce_of_another_running_attempt_is_refused(shared: Scene) -> None:
    shared.arrives("google")

    async with shared.browser() as browser, shared.nothing_written():
        other_nonce = query_of((await browser.depart("google")).location)["nonce"]
        shared.emulator.fault("google", "token", faults.id_token(claims={"nonce": other_nonce}))
        answer = await browser.sign_in_with("google")

    assert_refused(answer, "provider-answer-invalid")


ACCEPTED: dict[str, Effect] = {
    "ID-08 expired within the skew": faults.expired_id_token(seconds=30),
    "ID-10 a few seconds ahead": faults.id_token(at={"iat": 5, "exp": 3605}),
    "ID-03 aud as a list of one": faults.id_token(claims={"aud": [OURS]}),
    "ID-29 no at_hash": faults.id_token(remove=["at_hash"]),
    "no azp": faults.id_token(remove=["azp"]),
    "extra claims": faults.id_token(claims={"roles": ["superuser"], "is_superuser": True, "deep": {"a": [1, None]}}),
    "sub of 255 characters": faults.id_token(claims={"sub": "7" * 255}),
    "ID-21 no typ": faults.id_token(remove_header=["typ"]),
}


@pytest.mark.parametrize("variant", ACCEPTED.values(), ids=ACCEPTED)
async def test_a_token_with_permitted_variations_signs_in(variant: Effect, shared: Scene) -> None:
    shared.arrives("google")
    shared.emulator.fault("google", "token", variant)

    async with shared.browser() as browser:
        answer = await browser.sign_in_with("google")

    assert answer.status == 200


@pytest.mark.parametrize("with_scheme", [True, False])
async def test_id_34_google_spells_its_issuer_in_two_ways(with_scheme: bool, shared: Scene) -> None:
    shared.arrives("google")
    shared.emulator.switch("google", issuer_with_scheme=with_scheme)

    async with shared.browser() as browser:
        answer = await browser.sign_in_with("google")

    assert answer.status == 200


@pytest.mark.parametrize(
    "respell",
    [
        lambda issuer: issuer + "/",
        lambda issuer: issuer.upper(),
        lambda issuer: issuer.replace("http://", "https://"),
        lambda issuer: issuer.replace("google", "%67oogle"),
        lambda issuer: "//" + issuer.partition("://")[2],
    ],
    ids=["slash", "case", "scheme", "escape", "scheme-relative"],
)
async def test_id_34_any_other_spelling_is_another_issuer(respell: Any, shared: Scene) -> None:
    shared.arrives("google")
    issuer = f"{shared.emulator.url}/google"
    shared.emulator.fault("google", "token", faults.id_token(claims={"iss": respell(issuer)}))

    async with shared.browser() as browser, shared.nothing_written():
        answer = await browser.sign_in_with("google")

    assert_refused(answer, "provider-answer-invalid")


@pytest.mark.parametrize("id_token", [None, 1, [], {}, "", "x", "a.b", "a.b.c.d.e"])
async def test_id_01_an_answer_without_a_readable_id_token_signs_nobody_in(id_token: Any, shared: Scene) -> None:
    shared.arrives("google")
    shared.emulator.fault("google", "token", faults.merge({"id_token": id_token}))

    async with shared.browser() as browser, shared.nothing_written():
        answer = await browser.get(await way_back(browser, "google"))

    assert_refused(answer, "provider-answer-invalid")
