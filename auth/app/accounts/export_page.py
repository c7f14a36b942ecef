"""The own data as a page to read and to keep: one file that needs nothing else."""

from collections.abc import Sequence
from html import escape
from typing import Any

import msgspec

from app.accounts.export_words import ENGLISH, RUSSIAN, Wording
from app.accounts.schemas import ExportBody

_STYLE = (
    "body{font:16px/1.5 sans-serif;max-width:64rem;margin:2rem auto;padding:0 1rem;color-scheme:light dark}"
    "table{border-collapse:collapse;display:block;overflow-x:auto}"
    "th,td{text-align:left;vertical-align:top;padding:.3rem .8rem .3rem 0;border-bottom:1px solid #8885}"
)
_ACCOUNT = ("email", "email_confirmed", "name", "locale", "avatar_url", "roles", "has_password", "created_at", "id")
_LISTS: dict[str, Sequence[str]] = {
    "social_accounts": ("social", "name", "email", "subject", "linked_at", "last_used_at"),
    "consents": ("document", "version", "given_at", "withdrawn_at", "address", "user_agent"),
    "sessions": ("created_at", "expires_at", "method", "social", "address", "user_agent"),
    "logins": ("at", "outcome", "method", "social", "device", "address", "role"),
}


def render_export(export: ExportBody) -> str:
    """The page, in the language of the account. Every text in it is escaped: names and devices are the callers'."""
    words = ENGLISH if export.account.locale == "en" else RUSSIAN
    data = msgspec.to_builtins(export)
    account = "".join(_row(name, data["account"][name], words) for name in _ACCOUNT)
    lists = "".join(_list(name, columns, data[name], words) for name, columns in _LISTS.items())
    return (
        f'<!doctype html><html lang="{export.account.locale}"><head><meta charset="utf-8"><title>{words.title}</title>'
        f'<meta name="viewport" content="width=device-width, initial-scale=1"><style>{_STYLE}</style></head>'
        f"<body><h1>{words.title}</h1><p>{_moment(data['exported_at'])}</p>"
        f"<table>{account}</table>{lists}</body></html>\n"
    )


def _row(name: str, value: Any, words: Wording) -> str:
    return f"<tr><th>{words.names[name]}</th><td>{_show(name, value, words)}</td></tr>"


def _list(name: str, columns: Sequence[str], rows: Sequence[dict[str, Any]], words: Wording) -> str:
    title = f"<h2>{words.names[name]}</h2>"
    if not rows:
        return f"{title}<p>{words.nothing}</p>"
    head = "".join(f"<th>{words.names[column]}</th>" for column in columns)
    lines = ("".join(f"<td>{_show(column, row[column], words)}</td>" for column in columns) for row in rows)
    return f"{title}<table><tr>{head}</tr>{''.join(f'<tr>{line}</tr>' for line in lines)}</table>"


def _show(name: str, value: Any, words: Wording) -> str:
    match value:
        case None | "" | []:
            return "—"
        case bool():
            return words.yes if value else words.no
        case [*several]:
            return escape(", ".join(several))
        case str() if name == "at" or name.endswith("_at"):
            return _moment(value)
        case _:
            return escape(words.codes.get(name, {}).get(value, str(value)))


def _moment(written: str) -> str:
    """`2026-11-22T21:05:07.123456Z` to the second."""
    return written[:19].replace("T", " ") + " UTC"
