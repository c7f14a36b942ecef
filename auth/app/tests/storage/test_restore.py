"""FS-32: PostgreSQL goes back to a backup while Redis is current, by the way that docs/operate.md describes."""

import re
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from textwrap import dedent

from redis import Redis

from app.settings import Secret
from app.tests.support.clock import ManualClock
from app.tests.support.people import register
from app.tests.support.postgresql import PostgreSql
from app.tests.support.redis import RedisServer
from app.tests.support.service import Service, serving
from app.tests.support.terminal import AUTH_FOLDER

OPERATE = AUTH_FOLDER.parent / "docs" / "operate.md"
ISSUER = "http://auth.example"


def documented_statements() -> str:
    """What operators run after they have read a backup back."""
    part = OPERATE.read_text(encoding="utf-8").split("### Backup and restore of PostgreSQL")[1].split("\n## ")[0]
    [block] = re.findall(r"```sql\n(.*?)```", part, flags=re.DOTALL)
    return dedent(str(block))


async def test_nothing_of_the_lost_time_opens_anything_after_a_restore(
    postgresql: PostgreSql, redis: RedisServer, tmp_path: Path, clock: ManualClock
) -> None:
    """Rule 2.2: neither what was revoked since the backup, nor what was given out since then."""
    redis_url = redis.fresh_database()

    def serve(url: str) -> AbstractAsyncContextManager[Service]:
        stores = {"database_url": Secret(url), "redis_url": Secret(redis_url)}
        return serving(tmp_path / "data", clock, public_url=ISSUER, **stores)

    before = postgresql.fresh_database()
    async with serve(before) as service, service.viewer() as anna, service.viewer() as boris:
        await register(service, "anna@example.ru")
        await anna.login("anna@example.ru")
        await anna.post("/password/forgot", {"email": "anna@example.ru"})
        used_link = next(mail.text for mail in await service.mails("anna@example.ru") if "#token=" in mail.text)
        postgresql.dump(before, tmp_path / "backup")
        await anna.post("/logout")
        await register(service, "boris@example.ru")
        await boris.login("boris@example.ru")
        tokens = [(each.access_token, each.refresh_token) for each in (anna, boris)]

    after = postgresql.fresh_database()
    postgresql.restore(after, tmp_path / "backup")
    postgresql.execute(after, documented_statements())
    with Redis.from_url(redis_url) as connection:
        connection.flushdb()

    async with serve(after) as service, service.viewer() as viewer:
        link = used_link.split("#token=")[1].split()[0]
        answers = [
            await viewer.post("/password/reset", {"token": link, "password": "seven quiet blue boats"}),
            *[await viewer.refresh(refresh_token) for _, refresh_token in tokens],
            *[await viewer.get("/me", headers={"Authorization": f"Bearer {token}"}) for token, _ in tokens],
        ]
        unknown = await viewer.login("boris@example.ru")
        await register(service, "boris@example.ru")
        known = [(await viewer.login(email)).status for email in ("anna@example.ru", "boris@example.ru")]

    assert answers[0].code == "mail-token-invalid"
    assert [answer.status for answer in answers[1:]] == [401] * 4
    assert (unknown.status, known) == (401, [200, 200])
