"""Reading an authorize request: client first, then its address, then the rest.

The order keeps open redirects out: until client and address are known to belong together, whatever
is wrong is told on a page and the browser stays (ALL-1).
"""

from collections.abc import Mapping

from emulator.apps import App
from emulator.call import Call
from emulator.pkce import well_formed
from emulator.spec import Asked, Spec

_ONCE = frozenset(
    ("client_id", "redirect_uri", "response_type", "state", "scope", "code_challenge", "code_challenge_method")
)


class Complaint(Exception):
    """The browser must stay: its redirect address is not trusted."""


class Objection(Exception):
    """The request cannot go on; `told`: the client learns it even where others are told on a page."""

    def __init__(self, asked: Asked, error: str, description: str, *, told: bool = False) -> None:
        super().__init__(description)
        self.asked = asked
        self.error = error
        self.description = description
        self.told = told


def read_request(call: Call, spec: Spec) -> Asked:
    """Check an authorize request.

    Raises:
        Complaint: the client or its address is unknown.
        Objection: the request is bad in another way.
    """
    asked = _trusted(call, spec)
    if asked.parameters.get("response_type") != "code":
        raise Objection(asked, "unsupported_response_type", "response_type must be code")
    if complaint := _complaint(call, spec, asked):
        raise Objection(asked, "invalid_request", complaint)
    _check_scopes(spec, asked)
    if asked.prompts("none") and (error := spec.silent_error(call)):
        raise Objection(asked, error, "the person would have to answer", told=True)
    return asked


def _trusted(call: Call, spec: Spec) -> Asked:
    parameters = _once(call)
    app = call.world.apps.find(spec.slug, parameters.get("client_id", ""))
    if app is None:
        raise Complaint("invalid_client: unknown client_id")
    return Asked(
        app=app,
        redirect_uri=_redirect_uri(spec, app, parameters.get("redirect_uri")),
        state=parameters.get("state"),
        scopes=_scopes(spec, parameters),
        parameters=parameters,
    )


def _once(call: Call) -> dict[str, str]:
    pairs = call.query()
    names = [name for name, _ in pairs]
    for name in _ONCE:
        if names.count(name) > 1:
            raise Complaint(f"invalid_request: {name} is repeated")
    return dict(pairs)


def _redirect_uri(spec: Spec, app: App, wanted: str | None) -> str:
    """Compare exactly: no prefix, no case folding, no added slash."""
    if wanted is None and not spec.redirect_uri_needed and app.redirect_uris:
        return app.redirect_uris[0]
    if wanted is None or wanted not in (*app.redirect_uris, *app.app_links):
        raise Complaint(f"redirect_uri_mismatch: {wanted} is not registered for this application")
    return wanted


def _scopes(spec: Spec, parameters: Mapping[str, str]) -> tuple[str, ...]:
    lists = [parameters[name] for name in spec.scope_parameters if name in parameters]
    if not lists:
        return spec.default_scopes
    return tuple(dict.fromkeys(" ".join(lists).split()))


def _complaint(call: Call, spec: Spec, asked: Asked) -> str | None:
    if spec.state_needed and not asked.state:
        return "state is missing"
    if spec.max_state is not None and len(asked.state or "") > spec.max_state:
        return f"state is longer than {spec.max_state} characters"
    if "code_verifier" in asked.parameters:
        return "the verifier must not be sent with the challenge"
    return _challenge_complaint(call, spec, asked) or spec.check(call, asked)


def _challenge_complaint(call: Call, spec: Spec, asked: Asked) -> str | None:
    challenge = asked.get("code_challenge")
    if challenge is None:
        return "code_challenge is missing" if spec.challenge_needed(call) else None
    method = asked.get("code_challenge_method") or spec.default_method
    if method not in spec.challenge_methods:
        return "code_challenge_method is missing or not supported"
    return None if well_formed(challenge) else "Invalid code_challenge"


def _check_scopes(spec: Spec, asked: Asked) -> None:
    if not asked.scopes:
        raise Objection(asked, "invalid_scope", "scope is missing or empty")
    allowed = asked.app.rights
    for scope in asked.scopes:
        if spec.right(scope) is None or (allowed is not None and scope not in allowed):
            raise Objection(asked, "invalid_scope", f"the application may not ask for {scope}")
