"""Write mails: into the outbox as data, and out of it as text."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta, timezone
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from uuid_utils.compat import uuid7

from app.mail.model import Message, OutgoingMail, Recipient, Template

if TYPE_CHECKING:
    from jinja2 import Environment

LOCALES = ("ru", "en")
DEFAULT_LOCALE = "ru"

_MOSCOW = timezone(timedelta(hours=3))
_MONTHS = {
    "ru": [
        "января",
        "февраля",
        "марта",
        "апреля",
        "мая",
        "июня",
        "июля",
        "августа",
        "сентября",
        "октября",
        "ноября",
        "декабря",
    ],
    "en": [
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ],
}
_EMPTY_LINES = re.compile(r"\n{3,}")
_GENERAL = {
    "ru": {
        "locale": "ru",
        "greeting": "Здравствуйте!",
        "footer": "Это письмо отправлено автоматически, отвечать на него не нужно.",
    },
    "en": {
        "locale": "en",
        "greeting": "Hello!",
        "footer": "This mail was sent automatically, there is no need to answer it.",
    },
}


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


def moment_in_words(moment: datetime, locale: str) -> str:
    """A moment for a mail: where its reader is nobody knows, so it names its zone."""
    if locale == "en":
        there, zone = moment.astimezone(UTC), "UTC"
    else:
        there, zone = moment.astimezone(_MOSCOW), "по московскому времени"
    months = _MONTHS.get(locale, _MONTHS[DEFAULT_LOCALE])
    return f"{there.day} {months[there.month - 1]} {there.year}, {there:%H:%M} {zone}"


def render(mail: OutgoingMail) -> Message:
    """Fill the template in the mail's language. Values are text: escaped in HTML, never evaluated."""
    locale = mail.locale if mail.locale in LOCALES else DEFAULT_LOCALE
    name = f"{mail.template.value}.{locale}.jinja"
    text = _templates("text").get_template(name).render(_GENERAL[locale] | mail.values)
    html = _templates("html").get_template(name).render(_GENERAL[locale] | mail.values)
    subject, _, body = text.partition("\n")
    return Message(to=mail.to, subject=subject, text=_EMPTY_LINES.sub("\n\n", body.strip()) + "\n", html=html)


@cache
def _templates(form: Literal["text", "html"]) -> "Environment":
    """The same words in two forms: what they are made of stands in `parts`, what is around them in `layout`."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined  # noqa: PLC0415 - 4 MB

    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent / "templates"),
        autoescape=form == "html",  # noqa: S701 - plain text has nothing to escape
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals |= {"layout": f"layout.{form}.jinja", "parts": f"parts.{form}.jinja"}
    return environment
