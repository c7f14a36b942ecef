"""The other two forms of Yandex's `/info`: XML and a signed JWT."""

import json
import secrets
from typing import Any
from xml.etree import ElementTree as ET

from emulator.call import Call
from emulator.jws import compact, hs256
from emulator.reply import Reply
from emulator.tokens import Grant

_JWT_SECONDS = 3600


def xml_form(profile: dict[str, Any]) -> Reply:
    """The profile as a flat XML document."""
    root = ET.Element("user")
    for name, value in profile.items():
        ET.SubElement(root, name).text = "" if value is None else str(value)
    body = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return Reply(status=200, body=body, content_type="text/xml; charset=utf-8")


def jwt_form(call: Call, grant: Grant, profile: dict[str, Any], jwt_secret: str | None) -> Reply:
    """The profile as an HS256 token under the application's secret; `uid` is a number here."""
    app = call.world.apps.find("yandex", grant.client_id)
    secret = jwt_secret or (app and app.client_secret) or ""
    now = call.world.clock.timestamp()
    claims: dict[str, Any] = {
        "iss": "login.yandex.ru",
        "iat": now,
        "exp": now + _JWT_SECONDS,
        "jti": secrets.token_urlsafe(16),
        "uid": _number(profile.get("id")),
        "login": profile.get("login"),
        "psuid": profile.get("psuid"),
        "name": profile.get("real_name"),
        "email": profile.get("default_email"),
        "birthday": profile.get("birthday"),
        "gender": profile.get("sex"),
        "display_name": profile.get("display_name"),
        "avatar_id": profile.get("default_avatar_id"),
    }
    told = {name: value for name, value in claims.items() if value is not None}
    token = compact({"alg": "HS256", "typ": "JWT"}, json.dumps(told).encode(), hs256(secret.encode()))
    return Reply(status=200, body=token.encode(), content_type="application/jwt")


def _number(subject: object) -> object:
    return int(subject) if isinstance(subject, str) and subject.isdecimal() else subject
