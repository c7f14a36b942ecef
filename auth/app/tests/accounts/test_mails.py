"""Mails: nothing that anybody typed becomes markup, a header or a template; links are our own."""

import re
from datetime import UTC, datetime
from html import unescape

import pytest

from app.mail.compose import LOCALES, new_mail, render
from app.mail.model import Message, Recipient, Template
from app.tests.support.raw import request, send_raw
from app.tests.support.service import Service
from app.tests.support.viewer import PASSWORD, Viewer

SAMPLE = {
    "link": "https://auth.example.org/confirm#token=abc",
    "email": "b***@example.org",
    "at": "1 May 2026, 10:00 UTC",
    "way": "VK ID",
    "device": "Firefox, Linux",
    "address": "203.0.113.7",
    "provider": "Google",
}
HOSTILE = '"><script>alert(1)</script>{{ 333*37 }}{% raw %}\r\nBcc: eve@example.org\r\n\r\n\u202e' + "x" * 10_000


def read_html(html: str) -> str:
    """What the HTML says, without its marks."""
    return unescape(re.sub(r"<[^>]*>", " ", html.partition("<body")[2]))


def written(template: Template, locale: str, **values: str) -> Message:
    """A mail as it is read, with sample values where none are given."""
    recipient = Recipient(email="anna@example.ru", locale=locale)
    return render(new_mail(template, recipient, at=datetime.now(UTC), values={**SAMPLE, **values}))


@pytest.mark.parametrize("locale", [*LOCALES, "de"])
@pytest.mark.parametrize("template", Template)
def test_every_mail_says_the_same_in_text_and_html(template: Template, locale: str) -> None:
    message = written(template, locale)

    assert message.to == "anna@example.ru"
    assert message.subject == message.subject.strip() != ""
    assert "\n" not in message.subject
    assert message.subject in message.html
    assert all(
        part in read_html(message.html) for line in message.text.splitlines() for part in re.split(": |:$", line)
    )
    assert [value in message.text for value in SAMPLE.values()] == [value in message.html for value in SAMPLE.values()]
    assert not any(sign in message.text + message.html for sign in ("{{", "{%", "None"))
    assert ('lang="en"' in message.html) == (locale == "en")


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("template", Template)
def test_values_are_text_and_never_markup_headers_or_templates(template: Template, locale: str) -> None:
    """EM-10."""
    plain = written(template, locale)

    message = written(template, locale, **dict.fromkeys(SAMPLE, HOSTILE))

    assert "<script" not in message.html
    assert "12321" not in message.html + message.text
    assert message.subject == plain.subject


async def test_a_display_name_is_in_no_mail(service: Service, viewer: Viewer) -> None:
    """EM-10: whoever registers somebody else's address cannot write to them."""
    body = {"email": "victim@example.ru", "password": PASSWORD, "name": "WIN https://evil.example {{333*37}} <b>"}

    await viewer.post("/register", body, headers={"User-Agent": "https://evil.example"})

    [mail] = await service.mails()
    # Our own link is left out: port and token are made of random signs.
    written = re.sub(rf"{re.escape(service.url)}[^\s\"]*", "", mail.subject + mail.text + mail.html)
    assert not any(word in written for word in ("evil", "WIN", "12321", "<b>"))


async def test_links_lead_to_the_configured_address_whatever_the_request_says(service: Service) -> None:
    """EM-08, RD-03: host, forwarding headers and query are the caller's."""
    headers = [
        b"Content-Type: application/json",
        b"X-Forwarded-Host: evil.example",
        b"X-Forwarded-Proto: https",
        b"Forwarded: host=evil.example;proto=https",
        b"X-Original-URL: https://evil.example/",
        b"Origin: https://evil.example",
        b"Referer: https://evil.example/",
    ]
    body = b'{"email":"anna@example.ru","password":"four slow green trams"}'
    path = "/auth/api/v1/register?redirect=https://evil.example&return_to=//evil.example&next=/%5Cevil.example"
    asked = request("POST", path, *headers, body=body).replace(b"Host: auth.example", b"Host: evil.example")
    absolute = request("POST", f"http://evil.example{path}", *headers, body=body)

    statuses = [(await send_raw(service.url, each)).status for each in (asked, absolute)]

    mails = await service.mails("anna@example.ru")
    assert (statuses, len(mails)) == ([202, 202], 2)
    assert not any("evil" in mail.text + mail.html for mail in mails)
    assert all(f"{service.url}/" in mail.text and f"{service.url}/" in mail.html for mail in mails)


async def test_a_mail_is_in_the_language_of_the_account(service: Service, viewer: Viewer) -> None:
    await viewer.post("/register", {"email": "bob@example.org", "password": PASSWORD, "locale": "en"})

    [mail] = await service.mails("bob@example.org")
    assert mail.subject == "Confirm your e-mail address"


async def test_a_token_in_a_link_stays_out_of_logs_and_referrers(service: Service, viewer: Viewer) -> None:
    """EM-08: it stands in the fragment, which no browser sends."""
    await viewer.post("/register", {"email": "anna@example.ru", "password": PASSWORD})

    [mail] = await service.mails()
    link = next(word for word in mail.text.split() if word.startswith("http"))
    assert "token" not in link.split("#")[0]
