"""A page that signs in by One Tap, in place of Google's script (GO-8)."""

from http import HTTPStatus
from urllib.parse import urlsplit

from emulator.apps import App
from emulator.call import Call
from emulator.consent import error_page, templates
from emulator.personas import PersonaUnknown
from emulator.providers.google import SPEC
from emulator.providers.one_tap import Csrf, one_tap
from emulator.reply import Reply, page
from emulator.spec import Route


def _page(call: Call) -> Reply:
    """GET asks who signs in; POST shows the form that goes to the client."""
    query = dict(call.query())
    app = call.world.apps.find("google", query.get("client_id", ""))
    login_uri = query.get("login_uri", "")
    if app is None or not _allowed(app, login_uri):
        return error_page(SPEC, "invalid_request: unknown client_id, or login_uri on another origin than its addresses")
    if call.received.method == "GET":
        people = [(person, person.accounts["google"]) for person in call.world.cast.at("google")]
        return page(templates().get_template("one_tap.html").render(spec=SPEC, app=app, people=people))
    return _post(call, app, login_uri, query.get("nonce"))


def _allowed(app: App, login_uri: str) -> bool:
    origins = {urlsplit(uri)[:2] for uri in app.redirect_uris}
    return urlsplit(login_uri)[:2] in origins


def _post(call: Call, app: App, login_uri: str, nonce: str | None) -> Reply:
    form = dict(call.form())
    wanted = form.get("csrf", "good")
    csrf: Csrf = "bad" if wanted == "bad" else "missing" if wanted == "missing" else "good"
    try:
        made = one_tap(call.world, form.get("persona", ""), csrf=csrf, nonce=nonce, client_id=app.client_id)
    except PersonaUnknown as unknown:
        return error_page(SPEC, str(unknown))
    html = templates().get_template("one_tap_post.html").render(spec=SPEC, login_uri=login_uri, fields=made.form)
    # Cookies know no ports: the client on the same host receives this one.
    cookies = tuple(("Set-Cookie", f"{name}={value}; Path=/") for name, value in made.cookies.items())
    return page(html, status=HTTPStatus.OK, headers=cookies)


ROUTES = (
    Route(method="GET", path="/google/one-tap", endpoint="one_tap", handler=_page),
    Route(method="POST", path="/google/one-tap", endpoint="one_tap", handler=_page),
)
