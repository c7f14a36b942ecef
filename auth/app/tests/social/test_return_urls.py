"""Where a browser may be sent afterwards: listed places only, however they are spelled (RD)."""

import string
from urllib.parse import quote, urlsplit

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from app.social.errors import ReturnAddressRefused
from app.social.oauth2 import code_challenge
from app.social.return_urls import ReturnUrls, with_query
from app.tests.social.problems import assert_refused
from app.tests.social.scene import RETURN_URL, Scene, altered, get_exactly, way_back

CHALLENGE = code_challenge("v" * 43)

EVIL = [
    "https://evil.example", "//evil.example", "///evil.example", "/\\evil.example", "\\\\evil.example",
    "/\t/evil.example", "/%5cevil.example", "/%2f%2fevil.example", "https:evil.example", "https:/evil.example",
    "https://cinema.example@evil.example/welcome", "@evil.example", ".evil.example", "/welcome", "welcome", "",
    "https://cinema.example.evil.example/welcome", "https://evilcinema.example/welcome",
    "https://evil.example#https://cinema.example/welcome", "https://evil.example?https://cinema.example/welcome",
    "javascript:alert(1)", "data:text/html,x", "//cinema.example\\@evil.example/welcome", "blob:https://cinema.example/",
    "https://cinema.example\\@evil.example/welcome", "https://cinema。example/welcome", "https://сinema.example/welcome",
    "https://cinema.example/welcome\r\nLocation: https://evil.example", "https://cinema.example/welcome%0d%0aX: y",
    "https://cinema.example/welcome%00", "https://cinema.example/welcome#code=x", "http://cinema.example/welcome",
    "https://cinema.example:444/welcome", "https://cinema.example:99999/welcome", "https://cinema.example:x/welcome",
    "https://cinema.example/", "https://cinema.example/welcomed", "https://cinema.example/welcome/../admin",
    "https://cinema.example/welcome/..", "https://cinema.example/welcome/%2e%2e/admin", "https://cinema.example//welcome",
    "https://cinema.example/welcome/%2E%2e%2Fadmin", "https://cinema.example/welcome%2f..",
    "https:// cinema.example/welcome",
    "https://cinema.example/welcome\\..\\admin", "https://cinema.example/./welcome/../x", "https://[::1]/welcome",
    "https://cinema.example./welcome", "https://user:pass@cinema.example/welcome", "HTTPS://cinema.example/welcome",
    "https://cinema.example/welcome?next=https://evil.example#x", "https://cinema.example/WELCOME", " " + RETURN_URL,
    RETURN_URL + "/2k" + "x" * 2048, RETURN_URL + "/4k" + "x" * 4096, "ftp://cinema.example/welcome",
]  # fmt: skip

GOOD = [
    RETURN_URL, RETURN_URL + "/", RETURN_URL + "/film/1", RETURN_URL + "?a=b", "https://cinema.example:443/welcome",
    "https://CINEMA.example/welcome", RETURN_URL + "/a.b..c/%D1%8F",
]  # fmt: skip


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize("return_to", EVIL, ids=lambda text: ascii(text)[:40])
async def test_rd_01_an_address_that_is_not_listed_starts_nothing(return_to: str, shared: Scene) -> None:
    start = f"{shared.service.api}/oauth/login?social=yandex&code_challenge={CHALLENGE}&return_to="

    async with shared.browser() as browser:
        answer = await get_exactly(browser, start + quote(return_to, safe=""))

    assert_refused(answer, "return-address-refused", "malformed-request", "validation-failed", unseen=("evil",))


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize("return_to", GOOD)
async def test_rd_01_a_listed_address_is_taken(return_to: str, shared: Scene) -> None:
    async with shared.browser() as browser:
        answer = await browser.depart("yandex", return_to=return_to, code_challenge=CHALLENGE)

    assert answer.status == 302


@pytest.mark.asyncio(loop_scope="module")
async def test_rd_01_two_return_addresses_are_refused(shared: Scene) -> None:
    async with shared.browser() as browser:
        answer = await get_exactly(
            browser,
            f"{shared.service.api}/oauth/login?social=yandex&code_challenge={CHALLENGE}"
            f"&return_to={RETURN_URL}&return_to=https://evil.example",
        )

    assert_refused(answer, "malformed-request", unseen=("evil",))


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize("name", ["return_to", "redirect_uri", "next", "url"])
async def test_rd_02_the_callback_takes_no_address_of_its_query(name: str, shared: Scene) -> None:
    shared.arrives("yandex")

    async with shared.browser() as browser:
        back = await way_back(browser, "yandex", return_to=RETURN_URL, code_challenge=CHALLENGE)
        answer = await browser.get(altered(back, append=[(name, "https://evil.example/")]))

    assert answer.location.startswith(RETURN_URL + "?code=")


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize("bytes_", ["%0d%0aX-Evil:%201", "%00", "%0a", "%7f", "%1b", "%ff", "%c3%28", "%ed%a0%80"])
@pytest.mark.parametrize(
    "query",
    ["social=yandex%s", "social=yandex&locale=ru%s", f"social=yandex&return_to={RETURN_URL}%s", "social=yandex&x%s=1",
     "social=yandex&code_challenge=%s"],
)  # fmt: skip
async def test_rd_04_control_characters_never_reach_a_header(query: str, bytes_: str, shared: Scene) -> None:
    async with shared.browser() as browser, shared.nothing_spent():
        start = await get_exactly(browser, f"{shared.service.api}/oauth/login?" + query.replace("%s", bytes_))
        end = await get_exactly(
            browser, f"{shared.service.api}/oauth/authorize?code=x&state={'A' * 43}&" + query.replace("%s", bytes_)
        )

    for answer in (start, end):
        assert_refused(answer, "malformed-request", "validation-failed", "provider-unknown")
        assert "x-evil" not in answer.headers


def _is_allowed(urls: ReturnUrls, address: str) -> bool:
    try:
        urls.check(address)
    except ReturnAddressRefused:
        return False
    return True


ODD = st.text(alphabet="/\\.:@#?%[]&=;, \t\r\n\x00évil" + string.ascii_lowercase + string.digits, max_size=30)


@given(before=ODD, after=ODD)
@example(before="", after="@evil.example")
@example(before="https://cinema.example/welcome", after="/../..")
def test_rd_01_whatever_is_allowed_stays_inside_the_listed_place(before: str, after: str) -> None:
    urls = ReturnUrls([RETURN_URL])
    for address in (before + after, before + RETURN_URL + after, RETURN_URL + before, before):
        if _is_allowed(urls, address):
            parts = urlsplit(address)
            assert (parts.scheme, parts.hostname, parts.port) in {
                ("https", "cinema.example", None),
                ("https", "cinema.example", 443),
            }
            assert parts.path == "/welcome" or parts.path.startswith("/welcome/")
            assert not {".", ".."} & set(parts.path.split("/"))
            assert address.isascii()
            assert address.isprintable()


@given(
    segments=st.lists(
        st.text(alphabet=string.ascii_letters + string.digits + "-_~", min_size=1, max_size=12), max_size=5
    )
)
def test_every_page_below_a_listed_place_is_allowed(segments: list[str]) -> None:
    assert _is_allowed(ReturnUrls([RETURN_URL]), "/".join([RETURN_URL, *segments]))


@given(origin=st.sampled_from(["https://a.example", "http://localhost:3000", "https://b.example:8443"]), path=ODD)
def test_an_origin_alone_covers_its_paths_and_no_other_origin(origin: str, path: str) -> None:
    urls = ReturnUrls([origin])
    if _is_allowed(urls, origin + "/" + path):
        assert not _is_allowed(ReturnUrls(["https://other.example"]), origin + "/" + path)
        assert urlsplit(origin + "/" + path).netloc == urlsplit(origin).netloc


@given(value=st.text(max_size=40))
def test_an_added_value_never_leaves_its_parameter(value: str) -> None:
    address = with_query(RETURN_URL + "?a=b", code=value.encode("utf-8", "replace").decode())

    assert address.startswith(RETURN_URL + "?a=b&code=")
    assert len(urlsplit(address).query.split("&")) == 2
    assert urlsplit(address).fragment == ""


def test_nothing_is_allowed_by_default() -> None:
    assert not _is_allowed(ReturnUrls([]), RETURN_URL)
