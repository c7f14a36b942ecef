"""Several processes start together on an empty database: its schema and its keys are made once."""

import asyncio
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from app.bootstrap import open_services
from app.ports.clock import SystemClock
from app.sessions.keyring import ensure_keys
from app.sessions.keys import KeyUse, SigningKey
from app.settings import Secret
from app.storage.sql.storage import SqlStorage
from app.tests.support.postgresql import PostgreSql
from app.tests.support.service import settings_for_test

STARTS = 6
ONE_OF_EACH = sorted(use.value for use in KeyUse)


async def keys_of(storage: SqlStorage) -> list[SigningKey]:
    async with storage.transaction() as tx:
        return list(await tx.keys.all())


async def test_of_many_who_make_the_first_keys_exactly_one_does(storage: SqlStorage) -> None:
    await asyncio.gather(*(keys_of(storage) for _ in range(STARTS)))  # connections: else the first one is alone

    await asyncio.gather(*(ensure_keys(storage, SystemClock(), algorithm="EdDSA") for _ in range(STARTS)))

    assert sorted(key.use.value for key in await keys_of(storage)) == ONE_OF_EACH


async def test_whole_processes_may_start_together(postgresql: PostgreSql, tmp_path: Path) -> None:
    settings = settings_for_test(tmp_path, database_url=Secret(postgresql.fresh_database()))

    async with AsyncExitStack() as stack:
        starts = (stack.enter_async_context(open_services(settings)) for _ in range(STARTS))
        found = [await keys_of(each.storage) for each in await asyncio.gather(*starts)]

    assert sorted(key.use.value for key in found[0]) == ONE_OF_EACH
    assert found == found[:1] * STARTS


@pytest.mark.parametrize("embedded", [True, False], ids=["embedded", "postgresql"])
async def test_a_data_folder_is_made_where_data_are_kept_in_it(
    embedded: bool, tmp_path: Path, postgresql: PostgreSql
) -> None:
    """HT-13: beside PostgreSQL the service writes to no disk, so its own may be read-only."""
    url = "" if embedded else postgresql.fresh_database()
    settings = settings_for_test(tmp_path / "data", database_url=Secret(url))

    async with open_services(settings):
        pass

    assert (tmp_path / "data").exists() == embedded
