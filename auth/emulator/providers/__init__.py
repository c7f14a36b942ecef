"""The four providers: what is particular to each."""

from collections.abc import Mapping
from typing import Final

from emulator.names import Provider
from emulator.providers import google, google_metadata, mail, one_tap_page, vk, vk_more, yandex
from emulator.spec import Route, Spec

SPECS: Final[Mapping[Provider, Spec]] = {spec.slug: spec for spec in (yandex.SPEC, vk.SPEC, google.SPEC, mail.SPEC)}

ROUTES: Final[Mapping[tuple[str, str], Route]] = {
    (route.method, route.path): route
    for route in (
        *yandex.ROUTES,
        *vk.ROUTES,
        *vk_more.ROUTES,
        *google.ROUTES,
        *google_metadata.ROUTES,
        *one_tap_page.ROUTES,
        *mail.ROUTES,
    )
}

PATHS: Final[frozenset[str]] = frozenset(path for _, path in ROUTES)
