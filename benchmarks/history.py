"""How long a page of the login history takes when the table is large, and by which plan PostgreSQL finds it.

Brings up a PostgreSQL of its own, fills thirteen months of history and turns pages as `GET /me/logins` does: the first
page of people at random, and all pages of somebody with very many entries.

    auth/.venv/bin/python benchmarks/history.py                        # 10,000,000 entries: some minutes, 3 GB of disk
    auth/.venv/bin/python benchmarks/history.py --entries 100000000    # 30 GB
"""

import argparse
import asyncio
import os
import platform
import random
import statistics
import tempfile
import time
from pathlib import Path
from uuid import UUID

from rich.progress import track

from app.storage.sql.engine import open_engine
from app.storage.sql.schema import migrate
from app.storage.sql.storage import SqlStorage
from app.tests.support.postgresql import PostgreSql
from scale.plans import NEWEST

ENTRIES_OF_ONE = 50  # of most people
ENTRIES_OF_BUSIEST = 100_000
MONTHS = 13
PAGE = 20
BUSIEST = UUID(int=0)

MAKE_MONTH = """
DO $$ DECLARE month date := date_trunc('month', now()) - interval '{back} months'; BEGIN
  EXECUTE format('CREATE TABLE login_history_%s PARTITION OF login_history FOR VALUES FROM (%L) TO (%L)',
                 to_char(month, 'YYYY_MM'), month::timestamptz, (month + interval '1 month')::timestamptz);
EXCEPTION WHEN duplicate_table THEN NULL; END $$;
"""

# The first 48 bits of an id are its milliseconds, as RFC 9562 has it for version 7; people have ids 1, 2, 3 …
# and no accounts, which nothing here would look at: as a replica the server does not ask for them.
FILL = """
SET session_replication_role = replica;
INSERT INTO login_history (id, at, user_id, outcome, method, address, user_agent, session_id)
SELECT (lpad(to_hex((extract(epoch FROM at) * 1000)::bigint), 12, '0')
        || '7' || substr(md5(n::text || at::text), 1, 19))::uuid,
       at, {owner}, CASE WHEN n % 10 = 0 THEN 'wrong-password' ELSE 'succeeded' END, 'password', '203.0.113.7',
       'Mozilla/5.0 (Linux; Android 14; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/137.0.0.0 Safari/537.36',
       gen_random_uuid()
FROM (SELECT n, now() - random() * interval '365 days' AS at FROM generate_series(1, {count}) AS n) AS made;
"""
PERSON = "lpad(to_hex(1 + (random() * {people})::bigint), 32, '0')::uuid"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--entries", type=int, default=10_000_000, help="rows of history (10,000,000)")
    parser.add_argument("--pages", type=int, default=2000, help="pages to turn of each kind (2000)")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder, "postgresql")
        data.mkdir()
        with PostgreSql.running(data) as server:
            asyncio.run(measure(server, chosen.entries, chosen.pages))


async def measure(server: PostgreSql, entries: int, pages: int) -> None:
    """Fill, turn pages, print."""
    url = server.fresh_database()
    engine = open_engine(url, Path())
    await migrate(engine)
    people = max(1, entries // ENTRIES_OF_ONE)
    fill(server, url, entries, people)
    storage = SqlStorage(engine)
    strangers = [UUID(int=random.randint(1, people)) for _ in range(pages)]
    first = [await turn(storage, each) for each in strangers]
    later = await turn_all(storage, BUSIEST, pages)
    await engine.dispose()
    size = server.execute(url, "SELECT pg_size_pretty(sum(pg_total_relation_size(inhrelid))) FROM pg_inherits")
    version = server.execute(url, "SHOW server_version")
    print(
        f"Python {platform.python_version()}, PostgreSQL {version}, {os.cpu_count()} cores; {entries:,} entries, {size}"
    )
    for name, times in (("first pages, people at random", first), (f"pages of one with {ENTRIES_OF_BUSIEST:,}", later)):
        p95 = statistics.quantiles(times, n=20)[-1]
        print(
            f"{name:<32} median {statistics.median(times):6.2f} ms   p95 {p95:6.2f} ms   longest {max(times):6.2f} ms"
        )
    print(plan(server, url, strangers[0]))


def fill(server: PostgreSql, url: str, entries: int, people: int) -> None:
    """Add the entries in steps, in no order of time: no page lies together on the disk."""
    for back in range(MONTHS):
        server.execute(url, MAKE_MONTH.format(back=back))
    step = 500_000
    for begin in track(range(0, entries, step), "filling"):
        count = min(step, entries - begin)
        server.execute(url, FILL.format(owner=PERSON.format(people=people), count=count))
    server.execute(url, FILL.format(owner=f"'{BUSIEST}'::uuid", count=min(ENTRIES_OF_BUSIEST, entries)))
    server.execute(url, "ANALYZE login_history")


async def turn(storage: SqlStorage, owner: UUID, before: UUID | None = None) -> float:
    """Read one page. Returns: milliseconds."""
    began = time.perf_counter()
    async with storage.reading() as tx:
        await tx.history.of_user(owner, limit=PAGE + 1, before=before)
    return (time.perf_counter() - began) * 1000


async def turn_all(storage: SqlStorage, owner: UUID, pages: int) -> list[float]:
    """Turn page after page, deeper and deeper."""
    times: list[float] = []
    before: UUID | None = None
    while len(times) < pages:
        times.append(await turn(storage, owner, before))
        async with storage.reading() as tx:
            found = await tx.history.of_user(owner, limit=PAGE, before=before)
        if len(found) < PAGE:
            break
        before = found[-1].id
    return times


def plan(server: PostgreSql, url: str, owner: UUID) -> str:
    question = f"{NEWEST.format(user_id=owner)} LIMIT {PAGE + 1}"
    return server.execute(url, f"EXPLAIN (ANALYZE, BUFFERS, COSTS OFF, TIMING OFF) {question}")


if __name__ == "__main__":
    main()
