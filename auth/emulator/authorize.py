"""The authorization endpoint: ask the person, lead the browser back."""

from http import HTTPStatus

from emulator.asked import Complaint, Objection, read_request
from emulator.call import Call
from emulator.codes import CODE_LIFETIME, Code
from emulator.consent import closing_page, consent_page, error_page
from emulator.decisions import Allow, Decision, Refuse
from emulator.effects import AlterCallback
from emulator.names import Pairs
from emulator.personas import PersonaUnknown
from emulator.reply import Reply, redirect
from emulator.spec import Asked, Spec
from emulator.wire import with_query
from emulator.world import World


def authorize(call: Call, spec: Spec) -> Reply:
    """Answer GET with the standing decision or the page for people, POST with the page's form."""
    try:
        asked = read_request(call, spec)
        decision = _decision(call, spec, asked)
        return consent_page(call, spec, asked) if decision is None else _follow(call, spec, asked, decision)
    except Complaint as complaint:
        return error_page(spec, str(complaint))
    except Objection as objection:
        return _object(call, spec, objection)


def issue_code(world: World, spec: Spec, asked: Asked, decision: Allow, *, device_id: str | None) -> Code:
    """Make a code for what the person allowed and remember it."""
    challenge = asked.get("code_challenge")
    code = Code(
        value=spec.new_code(),
        provider=spec.slug,
        client_id=asked.app.client_id,
        redirect_uri=asked.redirect_uri,
        persona=decision.persona,
        requested=asked.scopes,
        granted=tuple(name for name in asked.scopes if name not in decision.without or spec.is_base(name)),
        expires_at=world.clock.now() + CODE_LIFETIME,
        challenge=challenge,
        challenge_method=(asked.get("code_challenge_method") or spec.default_method) if challenge else None,
        nonce=asked.get("nonce"),
        device_id=device_id,
        offline=asked.get("access_type") == "offline",
        forced=asked.prompts("consent"),
    )
    world.codes.add(code)
    return code


def _decision(call: Call, spec: Spec, asked: Asked) -> Decision | None:
    if call.received.method == "GET":
        return call.world.decisions[spec.slug].take()
    form = call.form()
    fields = dict(form)
    if fields.get("decision") != "allow":
        return Refuse(mode=spec.refusal_mode(call))
    kept = {value for name, value in form if name == "scope"}
    return Allow(persona=fields.get("persona", ""), without=frozenset(asked.scopes) - kept)


def _follow(call: Call, spec: Spec, asked: Asked, decision: Decision) -> Reply:
    if isinstance(decision, Refuse):
        return _refuse(call, spec, asked, decision)
    try:
        call.world.cast.account(decision.persona, spec.slug)
    except PersonaUnknown as unknown:
        raise Complaint(str(unknown)) from unknown
    code = issue_code(call.world, spec, asked, decision, device_id=spec.device_id(call, asked))
    extras = spec.callback_extras(call, code)
    return _return(call, spec, asked, (("code", code.value), *_state(asked), *extras))


def _refuse(call: Call, spec: Spec, asked: Asked, refusal: Refuse) -> Reply:
    """Return in one of the shapes of VK-13."""
    if refusal.mode == "b":
        return _return(call, spec, asked, (("error", refusal.error),))
    if refusal.mode == "c":
        unused = Allow(persona="")
        code = issue_code(call.world, spec, asked, unused, device_id=spec.device_id(call, asked))
        return _return(call, spec, asked, (*_state(asked), *spec.callback_extras(call, code)))
    if refusal.mode == "d":
        return closing_page(spec)
    return _return_error(call, spec, asked, refusal.error, spec.wording.refusal)


def _object(call: Call, spec: Spec, objection: Objection) -> Reply:
    if spec.request_errors == "page" and not objection.told:
        return error_page(spec, f"{objection.error}: {objection.description}")
    return _return_error(call, spec, objection.asked, objection.error, objection.description)


def _return_error(call: Call, spec: Spec, asked: Asked, error: str, description: str) -> Reply:
    pairs = (("error", error), ("error_description", description), *_state(asked))
    return _return(call, spec, asked, (*pairs, *spec.callback_extras(call, None)))


def _state(asked: Asked) -> Pairs:
    return () if asked.state is None else (("state", asked.state),)


def _return(call: Call, spec: Spec, asked: Asked, pairs: Pairs) -> Reply:
    for effect in call.world.effects(spec.slug, "callback"):
        if isinstance(effect, AlterCallback):
            pairs = _altered(pairs, effect)
    posted = call.received.method == "POST"
    # 303 after a form, so that no browser repeats the POST at the client (RFC 9700, section 4.12).
    status = HTTPStatus.SEE_OTHER if posted else HTTPStatus.FOUND
    return redirect(with_query(asked.redirect_uri, pairs), status=status)


def _altered(pairs: Pairs, change: AlterCallback) -> Pairs:
    gone = {*change.remove, *change.replace}
    kept = tuple((name, value) for name, value in pairs if name not in gone)
    repeated = tuple((name, value) for name, value in pairs if name in change.repeat)
    return (*kept, *change.replace.items(), *repeated, *change.append)
