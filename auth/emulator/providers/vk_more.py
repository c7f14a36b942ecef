"""VK ID's lesser addresses: masked public data, and the retired OAuth host."""

import hmac
from http import HTTPStatus

from emulator.call import Call, single
from emulator.consent import templates
from emulator.failures import Failure, Refused
from emulator.personas import Account
from emulator.providers.vk import SPEC
from emulator.reply import Reply, json_reply, page
from emulator.spec import Route


def _public_info(call: Call) -> Reply:
    """Masked data for an ID token that was issued here (VK-10)."""
    try:
        parameters = single((*call.query(), *call.form()))
        if call.world.apps.find("vk", parameters.get("client_id", "")) is None:
            raise Refused(Failure.UNKNOWN_CLIENT)
        account = _owner(call, parameters.get("id_token", ""))
    except Refused as refused:
        return SPEC.failed(call, refused.failure)
    return json_reply({"user": _masked(account)})


def _owner(call: Call, id_token: str) -> Account:
    for known, persona in call.world.vk_identities.items():
        if hmac.compare_digest(known.encode(), id_token.encode("utf-8", "surrogateescape")):
            return call.world.cast.account(persona, "vk")
    raise Refused(Failure.WRONG_ID_TOKEN)


def _masked(account: Account) -> dict[str, str]:
    masked = {
        "user_id": account.subject,
        "first_name": account.first_name,
        "last_name": f"{account.last_name[:1]}.",
    }
    if account.phone is not None:
        masked["phone"] = f"{account.phone[:2]} *** *** ** {account.phone[-2:]}"
    if account.email is not None:
        name, _, domain = account.email.partition("@")
        masked["email"] = f"{name[:2]}***@{domain}"
    return masked


def _legacy(call: Call) -> Reply:
    """The retired host knows no VK ID application: a page, no redirect (VKL-1)."""
    html = templates().get_template("legacy.html").render(spec=SPEC)
    return page(html, status=HTTPStatus.BAD_REQUEST)


ROUTES = (
    Route(method="POST", path="/vk/oauth2/public_info", endpoint="public_info", handler=_public_info),
    Route(method="GET", path="/vk-legacy/authorize", endpoint="unknown", handler=_legacy),
)
