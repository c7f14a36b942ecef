"""Write mails: into the outbox as data, and out of it as text."""

from collections.abc import Mapping
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from uuid_utils.compat import uuid7

from app.mail.model import Message, OutgoingMail, Recipient, Template

if TYPE_CHECKING:
    from jinja2 import Environment

LOCALES = ("ru", "en")
DEFAULT_LOCALE = "ru"


def new_mail(
    template: Template, recipient: Recipient, *, at: datetime, values: Mapping[str, str] | None = None
) -> OutgoingMail:
    """A mail for the outbox."""
    return OutgoingMail(
        id=uuid7(),
        created_at=at,
        to=recipient.email,
        template=template,
        locale=recipient.locale,
        values=dict(values or {}),
    )


def render(mail: OutgoingMail) -> Message:
    """Fill the template in the mail's language. Values are text: escaped in HTML, never evaluated."""
    locale = mail.locale if mail.locale in LOCALES else DEFAULT_LOCALE
    name = f"{mail.template.value}.{locale}"
    text = _templates().get_template(f"{name}.txt").render(mail.values)
    subject, _, body = text.partition("\n")
    html = _templates().get_template(f"{name}.html").render(mail.values, subject=subject)
    return Message(to=mail.to, subject=subject, text=body.strip() + "\n", html=html)


@cache
def _templates() -> "Environment":
    from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape  # noqa: PLC0415 - 4 MB

    return Environment(
        loader=FileSystemLoader(Path(__file__).parent / "templates"),
        autoescape=select_autoescape(["html"]),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
