"""What tests do to the emulator: one method each, the same over HTTP as in process."""

from collections.abc import Collection, Mapping
from datetime import timedelta
from typing import Any

from emulator.apps import App
from emulator.decisions import REFUSAL_MODES, Allow, Refuse
from emulator.effects import Effect
from emulator.faults import check_place
from emulator.mint import mint_code, mint_token
from emulator.names import Endpoint, Provider
from emulator.personas import Account, Persona
from emulator.providers import SPECS
from emulator.providers.one_tap import Csrf, OneTap, one_tap
from emulator.received import Received
from emulator.world import World


class Actions:
    """The tests' handle on the emulator."""

    def __init__(self, world: World) -> None:
        self.world = world

    # What people do

    def decide(
        self, provider: Provider, *, persona: str = "anna", without: Collection[str] = (), times: int | None = None
    ) -> None:
        """Let authorize requests succeed without a page: the person signs in.

        Args:
            without: rights that the person unticks.
            times: for how many requests; None: until changed. Counted decisions come first.

        Raises:
            PersonaUnknown: the persona has no account at the provider.
            ValueError: the provider has no such right, or nobody can untick it.
        """
        self.world.cast.account(persona, provider)
        SPECS[provider].check_unticked(without)
        decision = Allow(persona=persona, without=frozenset(without))
        self.world.decisions[provider].add(decision, times=times)

    def refuse(
        self, provider: Provider, *, mode: str = "a", error: str = "access_denied", times: int | None = None
    ) -> None:
        """Let authorize requests be refused by the person (VK-13 names the modes a to d).

        Raises:
            ValueError: no such mode.
        """
        if mode not in REFUSAL_MODES:
            raise ValueError(f"no refusal mode {mode!r}; there are {', '.join(REFUSAL_MODES)}")
        self.world.decisions[provider].add(Refuse(mode=mode, error=error), times=times)

    def ask(self, provider: Provider) -> None:
        """Show the page again: forget what was decided for the provider."""
        self.world.decisions[provider].clear()

    # Who the people are

    def persona(self, name: str) -> Persona:
        """A person with the accounts as they are now.

        Raises:
            PersonaUnknown: nobody is called so.
        """
        return self.world.cast.get(name)

    def add_persona(self, persona: Persona) -> None:
        """Add a person, or replace the one of the same name."""
        self.world.cast.add(persona)

    def change(self, persona: str, provider: Provider, **fields: Any) -> Account:
        """Change fields of an account, as its owner could: `email`, `login`, `first_name`, …

        Raises:
            PersonaUnknown: there is no such account.
            ValueError: an account has no field of that name.
        """
        return self.world.cast.change(persona, provider, fields)

    def override(
        self, persona: str, provider: Provider, values: Mapping[str, Any], *, remove: Collection[str] = ()
    ) -> Account:
        """Replace wire fields of the profile answer by any JSON values, or leave them out.

        At Google the claims of the ID token change as well. A later call replaces an earlier one.

        Raises:
            PersonaUnknown: there is no such account.
        """
        return self.change(persona, provider, overrides=dict(values), removed=frozenset(remove))

    # What goes wrong

    def fault(self, provider: Provider, endpoint: Endpoint, *effects: Effect, times: int | None = None) -> None:
        """Give an endpoint a fault; several effects happen to one request together.

        Args:
            times: for how many requests; None: until cleared. Counted faults come first, in order.

        Raises:
            ValueError: the endpoint cannot have the fault.
        """
        for effect in effects:
            check_place(effect, endpoint)
        self.world.faults[provider, endpoint].add(effects, times=times)

    def clear_faults(self, provider: Provider | None = None, endpoint: Endpoint | None = None) -> None:
        """Heal an endpoint, a provider, or all."""
        for (at, where), script in self.world.faults.items():
            if provider in (None, at) and endpoint in (None, where):
                script.clear()

    def release(self) -> None:
        """Let the requests go that hang at this moment."""
        self.world.release()

    def switch(self, provider: Provider, **values: Any) -> None:
        """Choose between variants of a provider's behaviour; `switches` lists them.

        Raises:
            ValueError: no such switch, or a value of another type.
        """
        self.world.switches.change(provider, values)

    def preset(self, provider: Provider, **values: Any) -> None:
        """As `switch`, and keep the choice over `reset()`."""
        self.switch(provider, **values)
        self.world.initial_switches.setdefault(provider, {}).update(values)

    def shift_clock(self, offset: timedelta) -> None:
        """Set how far the providers' time is ahead of (or behind) the machine's."""
        self.world.clock.offset = offset

    def rotate_keys(self) -> None:
        """Replace Google's signing keys."""
        self.world.keyring.rotate()

    # What others could have

    def mint_code(
        self,
        provider: Provider,
        *,
        persona: str = "anna",
        client_id: str | None = None,
        redirect_uri: str | None = None,
        scopes: Collection[str] = (),
        challenge: str | None = None,
        nonce: str | None = None,
        device_id: str | None = None,
    ) -> str:
        """Make a code as if somebody had just signed in: the material of code injection.

        Everything left out is the demo application's: its first redirect address, all
        rights, no challenge. A challenge is an S256 one. VK binds such a code to the device
        `minted` unless told otherwise.

        Raises:
            PersonaUnknown: the persona has no account at the provider.
            LookupError: the client is not registered.
        """
        return mint_code(
            self.world,
            provider,
            Allow(persona=persona),
            client_id=client_id,
            parameters={
                "redirect_uri": redirect_uri,
                "scope": " ".join(scopes) or None,
                "code_challenge": challenge,
                "code_challenge_method": "S256",
                "nonce": nonce,
                "device_id": device_id,
            },
        )

    def mint_token(
        self,
        provider: Provider,
        *,
        persona: str = "anna",
        client_id: str | None = None,
        scopes: Collection[str] = (),
        device_id: str | None = None,
    ) -> str:
        """Make an access token, also one of another application (YA-6).

        Raises:
            PersonaUnknown: the persona has no account at the provider.
        """
        return mint_token(
            self.world, provider, persona=persona, client_id=client_id, scopes=tuple(scopes), device_id=device_id
        )

    def one_tap(
        self, *, persona: str = "anna", csrf: Csrf = "good", nonce: str | None = None, client_id: str | None = None
    ) -> OneTap:
        """Make the form and cookie of a Google One Tap sign-in (GO-8)."""
        return one_tap(self.world, persona, csrf=csrf, nonce=nonce, client_id=client_id)

    def add_app(self, app: App) -> None:
        """Register an application, or replace the one with the same client id."""
        self.world.apps.add(app)

    def allow_redirects(self, redirect_base: str) -> None:
        """Register callback addresses for the demo applications: `base?social=…` and `base/…`."""
        self.world.apps.allow(redirect_base)

    # What was received

    def requests(self, provider: Provider | None = None, endpoint: Endpoint | None = None) -> list[Received]:
        """The requests that arrived, oldest first."""
        return self.world.log.find(provider, endpoint)

    def clear_requests(self) -> None:
        """Forget the requests that arrived."""
        self.world.log.clear()

    def reset(self) -> None:
        """Bring everything back but applications, presets and Google's keys."""
        self.world.reset()
