"""The actions of the control API: JSON arguments in, one call, JSON out."""

from collections.abc import Callable, Mapping
from dataclasses import asdict, fields
from datetime import timedelta
from typing import Any, Final, cast

from emulator import faults
from emulator.actions import Actions
from emulator.apps import App
from emulator.names import Endpoint, Provider, endpoint_named, provider_named
from emulator.personas import Account, Persona
from emulator.providers.one_tap import Csrf


class Document:
    """JSON arguments that are read once each; what nobody reads is a mistake."""

    def __init__(self, values: Mapping[str, Any]) -> None:
        self._values = dict(values)

    def provider(self) -> Provider:
        """The required `provider`."""
        return provider_named(self._values.pop("provider", None))

    def endpoint(self) -> Endpoint:
        """The required `endpoint`."""
        return endpoint_named(self._values.pop("endpoint", None))

    def take(self, name: str, kind: type[Any], default: Any = None) -> Any:
        """An optional argument of one JSON type.

        Raises:
            ValueError: it is of another type.
        """
        value = self._values.pop(name, default)
        if value is not None and (not isinstance(value, kind) or (kind is not bool and isinstance(value, bool))):
            raise ValueError(f"{name!r} must be of type {kind.__name__}")
        return value

    def names(self, name: str) -> tuple[str, ...]:
        """An optional list of strings."""
        return tuple(str(item) for item in self.take(name, list, []))

    def has(self, name: str) -> bool:
        """Whether the argument was sent and not read yet."""
        return name in self._values

    def rest(self) -> dict[str, Any]:
        """All arguments that were not read yet."""
        values, self._values = self._values, {}
        return values

    def done(self) -> None:
        """Refuse arguments that nobody reads.

        Raises:
            ValueError: some are left.
        """
        if self._values:
            raise ValueError(f"unknown argument {', '.join(sorted(self._values))}")


Command = Callable[[Actions, Document], object]


def _decide(actions: Actions, document: Document) -> None:
    provider = document.provider()
    persona = document.take("persona", str, "anna")
    without = document.names("without")
    times = document.take("times", int)
    document.done()
    actions.decide(provider, persona=persona, without=without, times=times)


def _refuse(actions: Actions, document: Document) -> None:
    provider = document.provider()
    mode = document.take("mode", str, "a")
    error = document.take("error", str, "access_denied")
    times = document.take("times", int)
    document.done()
    actions.refuse(provider, mode=mode, error=error, times=times)


def _ask(actions: Actions, document: Document) -> None:
    actions.ask(document.provider())


def _fault(actions: Actions, document: Document) -> None:
    provider, endpoint = document.provider(), document.endpoint()
    effects = [faults.from_json(item) for item in document.take("faults", list, [])]
    times = document.take("times", int)
    document.done()
    actions.fault(provider, endpoint, *effects, times=times)


def _clear_faults(actions: Actions, document: Document) -> None:
    provider = document.provider() if document.has("provider") else None
    endpoint = document.endpoint() if document.has("endpoint") else None
    document.done()
    actions.clear_faults(provider, endpoint)


def _switch(actions: Actions, document: Document) -> None:
    actions.switch(document.provider(), **document.rest())


def _shift_clock(actions: Actions, document: Document) -> None:
    actions.shift_clock(timedelta(seconds=document.take("seconds", int, 0)))


def _change(actions: Actions, document: Document) -> object:
    provider, persona = document.provider(), document.take("persona", str, "")
    return asdict(actions.change(persona, provider, **document.rest()))


def _override(actions: Actions, document: Document) -> object:
    provider, persona = document.provider(), document.take("persona", str, "")
    values, remove = document.take("values", dict, {}), document.names("remove")
    document.done()
    return asdict(actions.override(persona, provider, values, remove=remove))


def _add_persona(actions: Actions, document: Document) -> None:
    accounts = {
        provider_named(provider): _read(Account, account)
        for provider, account in document.take("accounts", dict, {}).items()
    }
    name, title = document.take("name", str, ""), document.take("title", str, "")
    document.done()
    actions.add_persona(Persona(name=name, title=title, accounts=accounts))


def _add_app(actions: Actions, document: Document) -> None:
    values = document.rest()
    values["provider"] = provider_named(values.get("provider"))
    actions.add_app(_read(App, values))


def _read(kind: type[Any], values: Mapping[str, Any]) -> Any:
    known = {item.name for item in fields(kind)}
    if unknown := values.keys() - known:
        raise ValueError(f"{kind.__name__} has no field {sorted(unknown)}; it has {sorted(known)}")
    try:
        return kind(**{name: tuple(value) if isinstance(value, list) else value for name, value in values.items()})
    except TypeError as error:
        raise ValueError(str(error)) from error


def _mint_code(actions: Actions, document: Document) -> object:
    provider, scopes = document.provider(), document.names("scopes")
    names = ("client_id", "redirect_uri", "challenge", "nonce", "device_id")
    texts = {name: document.take(name, str) for name in names}
    persona = document.take("persona", str, "anna")
    document.done()
    return {"code": actions.mint_code(provider, persona=persona, scopes=scopes, **texts)}


def _mint_token(actions: Actions, document: Document) -> object:
    provider, scopes = document.provider(), document.names("scopes")
    texts = {name: document.take(name, str) for name in ("client_id", "device_id")}
    persona = document.take("persona", str, "anna")
    document.done()
    return {"access_token": actions.mint_token(provider, persona=persona, scopes=scopes, **texts)}


def _one_tap(actions: Actions, document: Document) -> object:
    csrf = document.take("csrf", str, "good")
    if csrf not in ("good", "bad", "missing"):
        raise ValueError("csrf is good, bad or missing")
    texts = {name: document.take(name, str) for name in ("nonce", "client_id")}
    persona = document.take("persona", str, "anna")
    document.done()
    return asdict(actions.one_tap(persona=persona, csrf=cast("Csrf", csrf), **texts))


COMMANDS: Final[Mapping[str, Command]] = {
    "decide": _decide,
    "refuse": _refuse,
    "ask": _ask,
    "fault": _fault,
    "clear_faults": _clear_faults,
    "release": lambda actions, document: actions.release(),
    "switch": _switch,
    "shift_clock": _shift_clock,
    "rotate_keys": lambda actions, document: actions.rotate_keys(),
    "change": _change,
    "override": _override,
    "add_persona": _add_persona,
    "add_app": _add_app,
    "allow_redirects": lambda actions, document: actions.allow_redirects(document.take("redirect_base", str, "")),
    "mint_code": _mint_code,
    "mint_token": _mint_token,
    "one_tap": _one_tap,
    "clear_requests": lambda actions, document: actions.clear_requests(),
    "reset": lambda actions, document: actions.reset(),
}
