"""How many blocks of 8 KiB PostgreSQL looks at for an answer: a figure that no neighbour changes."""

import json
import random
import statistics
from typing import Any

from app.tests.support.postgresql import PostgreSql
from scale.people import Crowd

PEOPLE = 50
PAGE = 21  # one more than is shown
# As the service asks: `_NEWEST` in app/storage/sql/sessions.py.
NEWEST = """
SELECT * FROM login_history WHERE user_id >= (SELECT '{user_id}'::uuid)
AND (user_id, id) < ((SELECT '{user_id}'::uuid), 'ffffffff-ffff-ffff-ffff-ffffffffffff'::uuid)
ORDER BY user_id DESC, id DESC"""
QUESTIONS = {
    "account_of_an_address": "SELECT * FROM users WHERE email_key = '{email}'",
    "account": "SELECT * FROM users WHERE id = '{user_id}'",
    "page_of_history": NEWEST + f" LIMIT {PAGE}",
    "session": "SELECT * FROM sessions WHERE id = '{session_id}'",
}
EXPLAIN = "EXPLAIN (ANALYZE, BUFFERS, TIMING OFF, FORMAT JSON) "


def count_blocks(database: PostgreSql, url: str, crowd: Crowd) -> dict[str, float]:
    """The median over some people, by question."""
    return {name: statistics.median(_count(database, url, crowd, text)) for name, text in QUESTIONS.items()}


def _count(database: PostgreSql, url: str, crowd: Crowd, question: str) -> list[int]:
    found = []
    for number in random.sample(range(crowd.size), PEOPLE):
        keys = {
            "email": crowd.email(number),
            "user_id": crowd.user_id(number),
            "session_id": crowd.session_id(number),
        }
        [told] = json.loads(database.execute(url, EXPLAIN + question.format(**keys)))
        plan: dict[str, Any] = told["Plan"]
        found.append(plan["Shared Hit Blocks"] + plan["Shared Read Blocks"])
    return found
