"""Offline emulator of four social networks' sign-in: Yandex ID, VK ID, Google and Mail.ru."""

from emulator import faults
from emulator.apps import DEMO_APPS, FOREIGN_YANDEX_APP, App
from emulator.effects import Effect
from emulator.names import Endpoint, Provider
from emulator.personas import Account, Persona, PersonaUnknown
from emulator.providers.one_tap import OneTap
from emulator.received import Received
from emulator.server import Emulator

__all__ = [
    "DEMO_APPS",
    "FOREIGN_YANDEX_APP",
    "Account",
    "App",
    "Effect",
    "Emulator",
    "Endpoint",
    "OneTap",
    "Persona",
    "PersonaUnknown",
    "Provider",
    "Received",
    "faults",
]
