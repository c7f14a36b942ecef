"""A problem for a person: where a browser was led by a link or a provider, JSON would explain nothing."""

import re
from dataclasses import dataclass
from enum import Enum
from html import escape
from typing import Any

from litestar import Request, Response

from app.errors import AppError, TemporarilyUnavailable, TooManyRequests
from app.http.pages import PAGES, html_page

_OAUTH_PATH = "/auth/api/v1/oauth/"
_LOGIN_PATH = "/auth/api/v1/oauth/login"
_SOCIAL = re.compile(r"[a-z]{1,16}")


@dataclass(frozen=True, kw_only=True)
class Words:
    """One text in both languages."""

    ru: str
    en: str


class Remedy(Enum):
    """What a person can do about it."""

    START_AGAIN = Words(
        ru="Начните вход заново. Он должен завершиться за десять минут и в том же браузере.",
        en="Start the sign-in again. It has to be finished within ten minutes, in the same browser.",
    )
    OTHER_WAY = Words(ru="Попробуйте ещё раз или войдите другим способом.", en="Try again, or sign in another way.")
    FORMER_WAY = Words(
        ru="Войдите так, как входили раньше: например, по адресу и паролю.",
        en="Sign in the way you did before, for example with the address and a password.",
    )
    LATER = Words(ru="Подождите немного и попробуйте ещё раз.", en="Wait a little and try again.")
    SUPPORT = Words(
        ru="Напишите в поддержку кинотеатра и назовите номер ниже.",
        en="Write to the cinema's support and tell them the number below.",
    )


# The titles in Russian by code; a code that is not here keeps its English one.
KNOWN: dict[str, tuple[str, Remedy]] = {
    "login-denied": ("Вход отменён", Remedy.OTHER_WAY),
    "login-state-invalid": ("Эта попытка входа больше не действует", Remedy.START_AGAIN),
    "callback-malformed": ("Ответ соцсети неполон", Remedy.START_AGAIN),
    "issuer-mismatch": ("Ответ пришёл не от той соцсети", Remedy.START_AGAIN),
    "authorization-code-refused": ("Соцсеть не подтвердила вход", Remedy.START_AGAIN),
    "provider-answer-invalid": ("Ответ соцсети не удалось прочитать", Remedy.OTHER_WAY),
    "provider-unavailable": ("Соцсеть сейчас не отвечает", Remedy.OTHER_WAY),
    "provider-unknown": ("Такого способа входа здесь нет", Remedy.OTHER_WAY),
    "account-exists": ("Аккаунт с этим адресом уже есть", Remedy.FORMER_WAY),
    "identity-in-use": ("Эта соцсеть привязана к другому аккаунту", Remedy.OTHER_WAY),
    "provider-linked-already": ("Уже привязан другой аккаунт этой соцсети", Remedy.OTHER_WAY),
    "social-login-refused": ("В этот аккаунт войти нельзя", Remedy.SUPPORT),
    TooManyRequests.code: ("Слишком много попыток", Remedy.LATER),
    TemporarilyUnavailable.code: ("Вход временно недоступен", Remedy.LATER),
    AppError.code: ("Что-то сломалось у нас", Remedy.SUPPORT),
}
_RETRIED = {Remedy.START_AGAIN, Remedy.OTHER_WAY, Remedy.LATER}
_AGAIN = Words(ru="Попробовать ещё раз", en="Try again")
_HOME = Words(ru="Вернуться на сайт", en="Back to the site")
_NUMBER = Words(ru="Номер запроса", en="Request id")


def wants_page(request: Request[Any, Any, Any]) -> bool:
    """Whether a person's browser is on a social sign-in's way here; programs do not ask for HTML."""
    is_on_the_way = request.method == "GET" and request.scope["path"].startswith(_OAUTH_PATH)
    return is_on_the_way and "text/html" in request.headers.get("accept", "")


def problem_page(request: Request[Any, Any, Any], error: AppError) -> Response[bytes | str]:
    """The problem as a page, with the status and headers that it always has."""
    russian, remedy = KNOWN.get(error.code, (None, Remedy.LATER))
    locale = "ru" if russian and _reads_russian(request) else "en"
    address, label = _way_on(request, remedy)
    values = {
        "locale": locale,
        "title": russian if russian and locale == "ru" else error.title,
        "remedy": getattr(remedy.value, locale),
        "address": address,
        "label": getattr(label, locale),
        "hidden": "" if address else "hidden",
        "number": getattr(_NUMBER, locale),
        "request_id": request.scope["state"].get("request_id", ""),
        "code": error.code,
    }
    template = (PAGES / "problem.html").read_text(encoding="utf-8")
    page = html_page(template.format_map({name: escape(text) for name, text in values.items()}))
    page.status_code = int(error.status)
    page.headers.update({**error.headers, "Vary": "Accept, Accept-Language"})
    return page


def _reads_russian(request: Request[Any, Any, Any]) -> bool:
    languages = request.headers.get("accept-language", "")
    return not languages or "ru" in languages.lower()


def _way_on(request: Request[Any, Any, Any], remedy: Remedy) -> tuple[str, Words]:
    """Back to the front end, where there is one; else to the beginning of this sign-in."""
    if front_ends := request.app.state.get("front_ends"):
        return front_ends[0], _HOME
    social = request.query_params.get("social", "")
    if remedy in _RETRIED and _SOCIAL.fullmatch(social):
        return f"{_LOGIN_PATH}?social={social}", _AGAIN
    return "", _AGAIN
