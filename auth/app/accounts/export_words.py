"""What the page with the own data says, in both languages."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Wording:
    """One language.

    Attributes:
        names: of parts and columns, by the members of the JSON document.
        codes: what that document says in codes, by the member; one that is not here is shown as it is.
    """

    title: str
    nothing: str
    yes: str
    no: str
    names: Mapping[str, str]
    codes: Mapping[str, Mapping[str, str]]


NETWORKS = {"yandex": "Yandex", "vk": "VK ID", "google": "Google", "mail": "Mail.ru"}

RUSSIAN = Wording(
    title="Мои данные",
    nothing="Ничего нет.",
    yes="да",
    no="нет",
    names={
        "email": "Адрес почты",
        "email_confirmed": "Адрес подтверждён",
        "name": "Имя",
        "locale": "Язык",
        "avatar_url": "Картинка",
        "roles": "Роли",
        "has_password": "Пароль задан",
        "created_at": "Создан",
        "id": "Номер аккаунта",
        "social_accounts": "Привязанные соцсети",
        "social": "Соцсеть",
        "subject": "Номер в соцсети",
        "linked_at": "Привязан",
        "last_used_at": "Последний вход",
        "consents": "Согласия",
        "document": "Документ",
        "version": "Версия",
        "given_at": "Дано",
        "withdrawn_at": "Отозвано",
        "sessions": "Открытые сеансы",
        "expires_at": "Действует до",
        "logins": "История входов",
        "at": "Время",
        "outcome": "Событие",
        "method": "Способ",
        "device": "Устройство",
        "user_agent": "Программа",
        "address": "Сетевой адрес",
        "role": "Роль",
    },
    codes={
        "locale": {"ru": "русский", "en": "английский"},
        "social": NETWORKS | {"yandex": "Яндекс"},
        "method": {"password": "пароль", "social": "соцсеть", "mail": "письмо", "administration": "администрация"},
        "outcome": {
            "succeeded": "вход выполнен",
            "wrong-password": "неверный пароль",
            "email-not-confirmed": "отказано: адрес не подтверждён",
            "account-blocked": "отказано: аккаунт заблокирован",
            "account-exists": "отказано: адрес принадлежит другому аккаунту",
            "token-reused": "сеанс завершён: ключ использован повторно",
            "logged-out": "выход",
            "logged-out-others": "выход на других устройствах",
            "logged-out-everywhere": "выход на всех устройствах",
            "session-ended": "сеанс завершён владельцем",
            "password-reset": "пароль задан заново по письму",
            "password-changed": "пароль изменён",
            "sign-in-denied": "«это был не я»",
            "email-changed": "адрес изменён",
            "email-restored": "прежний адрес возвращён",
            "social-linked": "соцсеть привязана",
            "social-unlinked": "соцсеть отвязана",
            "blocked": "аккаунт заблокирован",
            "unblocked": "аккаунт разблокирован",
            "role-granted": "роль выдана",
            "role-revoked": "роль отозвана",
        },
    },
)

ENGLISH = Wording(
    title="My data",
    nothing="There is nothing.",
    yes="yes",
    no="no",
    names={
        "email": "E-mail address",
        "email_confirmed": "Address confirmed",
        "name": "Name",
        "locale": "Language",
        "avatar_url": "Picture",
        "roles": "Roles",
        "has_password": "Password set",
        "created_at": "Created",
        "id": "Account number",
        "social_accounts": "Linked networks",
        "social": "Network",
        "subject": "Number at the network",
        "linked_at": "Linked",
        "last_used_at": "Last sign-in",
        "consents": "Consents",
        "document": "Document",
        "version": "Version",
        "given_at": "Given",
        "withdrawn_at": "Withdrawn",
        "sessions": "Open sessions",
        "expires_at": "Valid until",
        "logins": "Login history",
        "at": "Time",
        "outcome": "Event",
        "method": "Method",
        "device": "Device",
        "user_agent": "Program",
        "address": "Network address",
        "role": "Role",
    },
    codes={"locale": {"ru": "Russian", "en": "English"}, "social": NETWORKS},
)
