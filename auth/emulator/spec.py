"""A provider as data: its particularities, on which the shared OAuth mechanics run."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Literal

from emulator.apps import App
from emulator.call import Call
from emulator.codes import Code
from emulator.failures import Failure, WireError
from emulator.names import Endpoint, Pairs, Provider
from emulator.pkce import Transform
from emulator.reply import Reply

Handler = Callable[[Call], Reply]


@dataclass(frozen=True, kw_only=True)
class Asked:
    """An authorize request whose client and redirect address are known to be good."""

    app: App
    redirect_uri: str
    state: str | None
    scopes: tuple[str, ...]
    parameters: Mapping[str, str]

    def get(self, name: str) -> str | None:
        """An optional parameter; an empty one counts as absent."""
        return self.parameters.get(name) or None

    def prompts(self, wish: str) -> bool:
        """Whether `prompt` has the word."""
        return wish in self.parameters.get("prompt", "").split()


@dataclass(frozen=True, kw_only=True)
class Route:
    """An address below the provider's prefix. Handlers never await: each is one atomic step."""

    method: Literal["GET", "POST"]
    path: str
    endpoint: Endpoint
    handler: Handler


@dataclass(frozen=True, kw_only=True)
class Right:
    """A scope. A `base` right belongs to every sign-in: nobody can untick it."""

    name: str
    label: str
    base: bool = False


@dataclass(frozen=True, kw_only=True)
class Wording:
    """How a provider speaks to people, in Russian."""

    title: str
    heading: str
    refusal: str


def _never(call: Call) -> bool:
    return False


def _no_complaint(call: Call, asked: Asked) -> str | None:
    return None


def _no_device(call: Call, asked: Asked) -> str | None:
    return None


def _no_extras(call: Call, code: Code | None) -> Pairs:
    return ()


def _not_silent(call: Call) -> str | None:
    return None


def _plain_refusal(call: Call) -> str:
    return "a"


@dataclass(frozen=True, kw_only=True)
class Spec:
    """What distinguishes a provider.

    Attributes:
        default_scopes: granted when the client asks for none; empty refuses such a request.
        scope_parameters: the authorize parameters which list rights.
        request_errors: where a bad authorize request is reported: on a page, or to the client.
        redirect_uri_needed: in the authorize request; otherwise the first registered one serves.
        redirect_uri_at_token: must be repeated at the token endpoint; compared whenever sent.
        challenge_methods: spelling on the wire to transformation.
        default_method: for a challenge without a method; None refuses it.
        check: further demands on an authorize request; the text of a complaint, or None.
        silent_error: the answer to `prompt=none`, or None when the parameter is unknown.
        refusal_mode: the shape that the "deny" button gives a refusal (VK-13).
        new_code: makes the text of a code.
        device_id: binds a code to a device.
        callback_extras: parameters beside code or error; the code is None on refusal.
        errors: failures in the provider's own words.
        error_reply: puts such words into an answer.
    """

    slug: Provider
    wording: Wording
    rights: tuple[Right, ...]
    errors: Mapping[Failure, WireError]
    error_reply: Callable[[Call, WireError], Reply]
    new_code: Callable[[], str]
    challenge_methods: Mapping[str, Transform]
    default_method: str | None = "plain"
    default_scopes: tuple[str, ...] = ()
    scope_parameters: tuple[str, ...] = ("scope",)
    request_errors: Literal["page", "redirect"] = "page"
    redirect_uri_needed: bool = True
    redirect_uri_at_token: bool = True
    state_needed: bool = False
    max_state: int | None = None
    challenge_needed: Callable[[Call], bool] = _never
    challenge_ignored: Callable[[Call], bool] = _never
    check: Callable[[Call, Asked], str | None] = _no_complaint
    silent_error: Callable[[Call], str | None] = _not_silent
    refusal_mode: Callable[[Call], str] = _plain_refusal
    device_id: Callable[[Call, Asked], str | None] = _no_device
    callback_extras: Callable[[Call, Code | None], Pairs] = _no_extras

    def right(self, name: str) -> Right | None:
        """The right of that name."""
        return next((right for right in self.rights if right.name == name), None)

    def all_scopes(self) -> tuple[str, ...]:
        """Every right that a client could ask for."""
        return tuple(right.name for right in self.rights)

    def is_base(self, name: str) -> bool:
        """Whether nobody can untick the right."""
        right = self.right(name)
        return right is not None and right.base

    def check_unticked(self, names: Collection[str]) -> None:
        """Refuse what no person could untick at the page.

        Raises:
            ValueError: no such right, or a base one.
        """
        free = [right.name for right in self.rights if not right.base]
        for name in names:
            if name not in free:
                raise ValueError(f"{name!r} cannot be unticked at {self.slug}, only {', '.join(free)}")

    def failed(self, call: Call, failure: Failure) -> Reply:
        """Refuse a request in the provider's own words."""
        return self.error_reply(call, self.errors.get(failure, WireError(error="invalid_request")))
