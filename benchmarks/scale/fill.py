"""Fills a database and a Redis with accounts, as registrations and sign-ins over some years would have left them."""

import subprocess
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from time import sleep
from typing import Any

from argon2 import PasswordHasher

from app.settings import Settings
from app.storage.redis.client import script
from app.tests.support.postgresql import PostgreSql
from app.tests.support.redis import RedisServer
from load.seed import PASSWORD
from scale.people import ACCOUNTS_FOR, ENTRIES, HISTORY_FOR, SESSIONS_FOR, Crowd, id_in_sql

STEP = 100_000
PACE_SECONDS = 0.1  # of asking Redis whether it has written its journal
BROWSER = "Mozilla/5.0 (Linux; Android 14; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/137.0.0.0 Safari/537.36"
SOCIALS = "(ARRAY['yandex', 'vk', 'google', 'mail'])[1 + n::integer % 4]"
MONTHS = 13

MAKE_MONTHS = f"""
DO $$ DECLARE month date; BEGIN
  FOR back IN 0..{MONTHS - 1} LOOP
    month := date_trunc('month', now()) - back * interval '1 month';
    IF to_regclass(format('login_history_%s', to_char(month, 'YYYY_MM'))) IS NULL THEN
      EXECUTE format('CREATE TABLE login_history_%s PARTITION OF login_history FOR VALUES FROM (%L) TO (%L)',
                     to_char(month, 'YYYY_MM'), month::timestamptz, (month + interval '1 month')::timestamptz);
    END IF;
  END LOOP;
END $$;
"""

# The accounts are there before what refers to them: as a replica the server does not ask for each of them again.
ADD_PEOPLE = """
SET session_replication_role = replica;
CREATE TEMPORARY TABLE made AS SELECT n, 'viewer' || n AS name, {user_id} AS user_id, {session_id} AS session_id,
       to_timestamp({user_ms} / 1000.0) AS registered_at, to_timestamp({session_ms} / 1000.0) AS signed_in_at
FROM generate_series({first}::bigint, {last}) AS n;
INSERT INTO users (id, email, email_key, email_confirmed_at, password_hash, name, name_key, locale, created_at)
SELECT user_id, name || '@cinema.example', name || '@cinema.example', registered_at, '{password_hash}', name, name,
       'ru', registered_at
FROM made;
INSERT INTO social_accounts (social, subject, user_id, email, name, linked_at, last_used_at)
SELECT {social}, (100000000 + n)::text, user_id, name || '@cinema.example', name, registered_at, signed_in_at
FROM made;
INSERT INTO sessions (id, user_id, method, address, user_agent, created_at, expires_at)
SELECT session_id, user_id, 'password', '203.0.113.7', '{browser}', signed_in_at,
       signed_in_at + interval '{session_seconds} seconds'
FROM made;
INSERT INTO login_history (id, at, user_id, outcome, method, address, user_agent, session_id)
SELECT (lpad(to_hex((extract(epoch FROM at) * 1000)::bigint), 12, '0')
        || '7' || substr(md5(n::text || at::text), 1, 19))::uuid,
       at, user_id, CASE WHEN entry = 2 THEN 'wrong-password' ELSE 'succeeded' END, 'password', '203.0.113.7',
       '{browser}', gen_random_uuid()
FROM (SELECT n, user_id, entry, to_timestamp({now} / 1000.0) - random() * interval '{history_days} days' AS at
      FROM made, generate_series(1, {entries}) AS entry) AS entered;
"""

# Each line is a call of the service's own script with what the service would hand to it.
TELL_REDIS = """
COPY (SELECT concat_ws(' ', 'EVALSHA {digest} 2',
                       'auth:{{' || translate(user_id::text, '-', '') || '}}:session:' || translate(id::text, '-', ''),
                       'auth:{{' || translate(user_id::text, '-', '') || '}}:roles',
                       0, (extract(epoch FROM created_at) * 1000000)::bigint,
                       (extract(epoch FROM expires_at) * 1000000)::bigint,
                       (extract(epoch FROM expires_at - now()) * 1000)::bigint, '[] 0')
      FROM sessions WHERE id BETWEEN '{first}' AND '{last}') TO STDOUT;
"""


def fill(
    database: PostgreSql, url: str, redis: RedisServer, crowd: Crowd, settings: Settings, advance: Callable[[int], None]
) -> None:
    """Add everybody, in steps.

    Args:
        advance: told how many more are there.
    """
    database.execute(url, MAKE_MONTHS)
    start = script("start")
    password_hash = _hash_password(settings)
    with redis.admin() as admin, ThreadPoolExecutor(1) as beside:
        admin.config_set("appendonly", "no")  # written once, in the end
        admin.script_load(start.text)
        told: Future[None] | None = None
        for first in range(0, crowd.size, STEP):
            last = min(first + STEP, crowd.size) - 1
            database.execute(url, _statements(crowd, first, last, settings, password_hash))
            if told:
                told.result()
            ids = {"first": crowd.session_id(first), "last": crowd.session_id(last)}
            told = beside.submit(_tell, database, url, redis, TELL_REDIS.format(digest=start.digest, **ids))
            advance(last + 1 - first)
        if told:
            told.result()
        admin.config_set("appendonly", "yes")
        while _is_writing(admin.info("persistence")):
            sleep(PACE_SECONDS)
    database.execute(url, "VACUUM (FREEZE, ANALYZE)")


def _statements(crowd: Crowd, first: int, last: int, settings: Settings, password_hash: str) -> str:
    user_ms, session_ms = crowd.milliseconds_in_sql(ACCOUNTS_FOR), crowd.milliseconds_in_sql(SESSIONS_FOR)
    return ADD_PEOPLE.format(
        first=first,
        last=last,
        user_ms=user_ms,
        user_id=id_in_sql("user", user_ms),
        session_ms=session_ms,
        session_id=id_in_sql("session", session_ms),
        session_seconds=round(settings.refresh_absolute_ttl.total_seconds()),
        password_hash=password_hash,
        social=SOCIALS,
        browser=BROWSER,
        now=crowd.now,
        history_days=HISTORY_FOR.days,
        entries=ENTRIES,
    )


def _tell(database: PostgreSql, url: str, redis: RedisServer, question: str) -> None:
    calls = database.execute(url, question) + "\n"
    command = ["redis-cli", "-p", str(redis.port), "--pipe"]
    done = subprocess.run(command, input=calls, capture_output=True, text=True, check=False)
    if done.returncode or "errors: 0" not in done.stdout:
        raise SystemExit(f"Redis does not take the sessions: {done.stdout} {done.stderr}")


def _is_writing(persistence: dict[str, Any]) -> bool:
    return bool(persistence["aof_rewrite_in_progress"] or persistence["aof_rewrite_scheduled"])


def _hash_password(settings: Settings) -> str:
    """One for all: ten million would take two days."""
    hasher = PasswordHasher(
        time_cost=settings.argon2_time_cost,
        memory_cost=settings.argon2_memory_kib,
        parallelism=settings.argon2_parallelism,
    )
    return hasher.hash(PASSWORD)
