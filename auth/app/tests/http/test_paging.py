"""Lists in pages: every item once and in order, whatever the caller sends as a cursor."""

from collections.abc import AsyncIterator
from contextlib import suppress
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from litestar import Litestar, get
from litestar.di import Provide
from litestar.testing import AsyncTestClient

from app.errors import InvalidInput
from app.http.paging import FromPage, PageBody, PageRequest, provide_page
from app.http.problems import answer_problem

NUMBERS = range(45)


class NumberPageBody(PageBody, kw_only=True):
    """A page of numbers."""

    items: list[int]


@get("/numbers")
async def list_numbers(page: FromPage) -> NumberPageBody:
    after = page.after(int)
    found = [number for number in NUMBERS if after is None or number > after][: page.wanted]
    shown = page.cut(found, key=str)
    return NumberPageBody(items=list(shown.items), next_cursor=shown.next_cursor)


@pytest.fixture
async def client() -> AsyncIterator[AsyncTestClient[Litestar]]:
    app = Litestar(
        [list_numbers],
        dependencies={"page": Provide(provide_page, sync_to_thread=False)},
        exception_handlers={Exception: answer_problem},
    )
    async with AsyncTestClient(app) as opened:
        yield opened


async def read(client: AsyncTestClient[Litestar], query: str = "") -> tuple[int, dict[str, Any]]:
    answer = await client.get(f"/numbers?{query}")
    return answer.status_code, answer.json()


async def test_a_page_has_twenty_items_unless_asked_otherwise(client: AsyncTestClient[Litestar]) -> None:
    _, page = await read(client)

    assert page["items"] == list(range(20))
    assert page["next_cursor"]


@pytest.mark.parametrize("limit", [1, 7, 15, 44, 45, 46, 100])
async def test_the_pages_together_are_the_list(limit: int, client: AsyncTestClient[Litestar]) -> None:
    pages = [(await read(client, f"limit={limit}"))[1]]
    while cursor := pages[-1]["next_cursor"]:
        pages.append((await read(client, f"limit={limit}&cursor={cursor}"))[1])

    assert [number for page in pages for number in page["items"]] == list(NUMBERS)
    assert all(page["items"] for page in pages)
    assert all(len(page["items"]) == limit for page in pages[:-1])


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("limit=0", 422),
        ("limit=101", 422),
        ("limit=-1", 422),
        ("limit=many", 422),
        ("limit=", 422),
        ("limit=1.5", 422),
        ("limit=99999999999999999999", 422),
        ("cursor=", 422),
        ("cursor=5", 422),
        ("cursor=NQ%3D%3D", 422),
        ("cursor=N Q", 422),
        ("cursor=%C0%80", 400),
        ("cursor=%00", 400),
        ("cursor=____", 422),
        ("cursor=bm90aGluZw", 422),
        ("cursor=" + "N" * 513, 422),
        ("limit=5&limit=6", 400),
        ("cursor=NQ&cursor=NQ", 400),
        ("limit=5&lim%69t=6", 400),
    ],
)
async def test_a_wrong_page_is_refused(query: str, status: int, client: AsyncTestClient[Litestar]) -> None:
    answered, problem = await read(client, query)

    assert (answered, problem["status"]) == (status, status)
    assert status == 400 or problem["errors"][0]["pointer"] == "/" + query.partition("=")[0]


@given(st.text(max_size=100))
def test_any_key_comes_back_out_of_its_cursor(key: str) -> None:
    cursor = PageRequest(limit=1).cut([key, "more"], key=str).next_cursor

    assert cursor is not None
    assert PageRequest(cursor=cursor).after(str) == key


@given(st.text(max_size=40))
def test_whatever_comes_as_a_cursor_is_read_or_refused(text: str) -> None:
    with suppress(InvalidInput):
        assert isinstance(PageRequest(cursor=text).after(UUID), UUID)
