"""Everything that the emulator remembers, in one place."""

import asyncio
from collections import defaultdict
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta

from emulator.apps import Registry
from emulator.cast import scripted_people
from emulator.clock import Clock, utc_now
from emulator.codes import Codes
from emulator.decisions import Decision
from emulator.effects import Effect
from emulator.keys import Keyring, SigningKey
from emulator.names import Endpoint, Provider
from emulator.personas import Cast
from emulator.received import RequestLog
from emulator.script import Script
from emulator.switches import Switches
from emulator.tokens import Tokens

Effects = tuple[Effect, ...]


class World:
    """The state behind all four providers. `url` is known once the server listens."""

    def __init__(self, *, redirect_bases: Iterable[str] = (), now: Callable[[], datetime] = utc_now) -> None:
        self.url = ""
        self.clock = Clock(now)
        self.apps = Registry(redirect_bases)
        self.cast = Cast(scripted_people())
        self.keyring = Keyring()
        self.vk_key = SigningKey(0)
        self.log = RequestLog()
        self.initial_switches: dict[Provider, dict[str, object]] = {}
        self.reset()

    def reset(self) -> None:
        """Forget what happened and what was planned; applications and keys stay."""
        self.clock.offset = timedelta()
        self.cast.reset()
        self.codes = Codes(self.clock)
        self.tokens = Tokens(self.clock)
        self.vk_identities: dict[str, str] = {}
        self.consents: set[tuple[Provider, str, str]] = set()
        self.decisions: defaultdict[Provider, Script[Decision]] = defaultdict(Script)
        self.faults: defaultdict[tuple[Provider, Endpoint], Script[Effects]] = defaultdict(Script)
        self.switches = Switches()
        for provider, values in self.initial_switches.items():
            self.switches.change(provider, values)
        self.log.clear()
        self.gate = asyncio.Event()

    def release(self) -> None:
        """Let all requests go that hang at this moment; later ones hang anew."""
        self.gate.set()
        self.gate = asyncio.Event()

    def effects(self, provider: Provider, endpoint: Endpoint) -> Effects:
        """Take the faults for the next turn of an endpoint."""
        script = self.faults.get((provider, endpoint))
        return (script.take() if script else None) or ()
