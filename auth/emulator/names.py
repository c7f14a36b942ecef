"""The words of the product: which providers there are and what can be asked of them."""

from typing import Final, Literal, get_args

Provider = Literal["yandex", "vk", "google", "mail"]

Endpoint = Literal[
    "authorize",
    "consent",
    "callback",
    "token",
    "profile",
    "revoke",
    "logout",
    "public_info",
    "discovery",
    "jwks",
    "one_tap",
    "unknown",
]
"""Where a request arrives. `consent` is the form of the sign-in page; `callback` is not a
request but the redirect that leads the browser back, named so that faults can change it;
`unknown` is any other address below a provider's prefix."""

PROVIDERS: Final[tuple[Provider, ...]] = get_args(Provider)
ENDPOINTS: Final[tuple[Endpoint, ...]] = get_args(Endpoint)

Pairs = tuple[tuple[str, str], ...]
"""Query or form parameters in the order of the wire, duplicates kept."""


def provider_named(text: object) -> Provider:
    """Read a provider's name from outside data.

    Raises:
        ValueError: no such provider.
    """
    for provider in PROVIDERS:
        if provider == text:
            return provider
    raise ValueError(f"unknown provider {text!r}, expected one of {', '.join(PROVIDERS)}")


def endpoint_named(text: object) -> Endpoint:
    """Read an endpoint's name from outside data.

    Raises:
        ValueError: no such endpoint.
    """
    for endpoint in ENDPOINTS:
        if endpoint == text:
            return endpoint
    raise ValueError(f"unknown endpoint {text!r}, expected one of {', '.join(ENDPOINTS)}")
