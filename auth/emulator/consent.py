"""The pages that people see at a provider: sign-in, refusal, error."""

from functools import cache
from http import HTTPStatus
from typing import TYPE_CHECKING

from emulator.call import Call
from emulator.names import Provider
from emulator.personas import Persona
from emulator.reply import Reply, page
from emulator.spec import Asked, Spec

if TYPE_CHECKING:
    from jinja2 import Environment


@cache
def templates() -> "Environment":
    """The templates of this package, read at first use so that the emulator starts fast."""
    from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape  # noqa: PLC0415

    return Environment(
        loader=PackageLoader("emulator"),
        autoescape=select_autoescape(),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def consent_page(call: Call, spec: Spec, asked: Asked) -> Reply:
    """Ask who signs in and with which rights; the form goes back to the same address."""
    people = call.world.cast.at(spec.slug)
    html = (
        templates()
        .get_template("consent.html")
        .render(
            spec=spec,
            app=asked.app,
            people=[(person, person.accounts[spec.slug]) for person in people],
            chosen=_hinted(people, spec.slug, asked.get("login_hint")),
            rights=[right for name in asked.scopes if (right := spec.right(name))],
            home=call.world.url,
        )
    )
    return page(html)


def _hinted(people: list[Persona], provider: Provider, hint: str | None) -> str:
    """Who is ticked at first: the one that `login_hint` means, else the first."""
    for person in people:
        account = person.accounts[provider]
        if hint is not None and hint in (person.name, account.login, account.email):
            return person.name
    return people[0].name if people else ""


def error_page(spec: Spec, text: str) -> Reply:
    """Tell the person what the client did wrong; the browser stays here."""
    html = templates().get_template("error.html").render(spec=spec, text=text)
    return page(html, status=HTTPStatus.BAD_REQUEST)


def closing_page(spec: Spec) -> Reply:
    """The end of a refusal that never returns to the client (VK-13, mode d)."""
    return page(templates().get_template("closing.html").render(spec=spec))
