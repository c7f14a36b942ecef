"""Accounts on their way from one system to another, and what is there afterwards."""

import json
from collections.abc import Sequence
from typing import Any

import bcrypt

from app.social.export_accounts import export_accounts
from app.social.import_accounts import Report, Tally, import_accounts
from app.social.import_decision import ImportOptions
from app.tests.support.people import execute
from app.tests.support.service import Service
from app.tests.support.viewer import PASSWORD

ANNA_ID, BORIS_ID = "0193a000-0000-7000-8000-00000000000a", "8c1f7a52-2b5e-4f6a-9d3c-0123456789ab"
HASH = bcrypt.hashpw(PASSWORD.encode(), bcrypt.gensalt(rounds=4)).decode()
ANNA: dict[str, Any] = {
    "id": ANNA_ID,
    "email": "Anna@Example.ru",
    "email_confirmed": True,
    "name": "Анна",
    "locale": "en",
    "avatar_url": "https://cdn.example/anna.png",
    "password_hash": HASH,
    "created_at": "2020-02-29T12:00:00Z",
    "roles": ["editor"],
    "identities": [{"social": "vk", "subject": "4711", "email": "a@vk.example", "linked_at": "2021-01-01T00:00:00Z"}],
    "consents": [{"document": "terms", "version": "3", "given_at": "2020-02-29T12:00:00Z", "address": "203.0.113.7"}],
}
EVERYTHING = (
    "users",
    "social_accounts",
    "user_roles",
    "consents",
    "sessions",
    "login_history",
    "outbox",
    "mail_tokens",
)


async def bring(service: Service, *lines: dict[str, Any] | bytes, **options: bool) -> tuple[Tally, list[str]]:
    """Import some lines; give the sums, and what was refused as `line field`."""
    reports: list[Report] = []
    given = [line if isinstance(line, bytes) else json.dumps(line).encode() + b"\n" for line in lines]
    tally = await import_accounts(service.services.social, given, ImportOptions(**options), reports.append)
    return tally, [f"{each.line} {each.field}" for report in reports for each in report.refusals]


async def taken_out(service: Service, *, with_passwords: bool = True) -> list[dict[str, Any]]:
    """Everything, as the export writes it."""
    lines: list[bytes] = []
    await export_accounts(service.services.social, lines.append, with_passwords=with_passwords)
    return [json.loads(line) for line in lines]


async def stored(service: Service, tables: Sequence[str] = EVERYTHING) -> dict[str, Any]:
    return {table: await execute(service, f"SELECT * FROM {table}") for table in tables}


def imported(number: int, *, there: int = 0, refused: int = 0) -> Tally:
    return Tally(imported=number, already_there=there, refused=refused)


def line_of(user_id: str, email: str, *subjects: str) -> dict[str, Any]:
    """A confirmed account with a password and identities at VK."""
    identities = [{"social": "vk", "subject": each} for each in subjects]
    return {"id": user_id, "email": email, "email_confirmed": True, "password_hash": HASH, "identities": identities}
