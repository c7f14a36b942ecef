"""Somebody changes their address."""

from app.tests.support.service import Service
from app.tests.support.viewer import PASSWORD, Answer, Viewer

NEW = "anna.new@example.org"


async def ask(viewer: Viewer, email: str = NEW, password: str | None = PASSWORD) -> Answer:
    """Ask for another address."""
    proof = {} if password is None else {"current_password": password}
    return await viewer.post("/me/email", {"email": email, **proof})


async def asked(service: Service, viewer: Viewer, email: str = NEW) -> str:
    """The token that the new address has got."""
    answer = await ask(viewer, email)
    assert answer.status == 202, answer.text
    return await service.confirmation_token(email)


async def confirm(viewer: Viewer, token: str) -> Answer:
    return await viewer.post("/email/confirm", {"token": token})
