"""A real mail server on loopback that does as a test wants: takes mail, refuses it, or is away."""

import asyncio
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage
from threading import Event
from typing import Any

from aiosmtpd.controller import Controller


class MailServer:
    """Keeps what it took.

    Attributes:
        refusal: what it answers to a recipient instead of `250 OK`.
        arrived: set when a mail is there, before it is answered.
        may_answer: cleared by tests that let the sender wait for the answer.
    """

    def __init__(self) -> None:
        self.arrived, self.may_answer = Event(), Event()
        self.may_answer.set()
        self.taken: list[EmailMessage] = []
        self.refusal: str | None = None
        self.port = 0

    @contextmanager
    def running(self) -> Iterator[None]:
        """Listen until the block is left, at every start on the same port."""
        controller = Controller(self, hostname="127.0.0.1", port=self.port or _free_port())
        controller.start()
        self.port = controller.port
        try:
            yield
        finally:
            controller.stop()

    async def handle_RCPT(  # noqa: N802 - the library's name
        self, server: Any, session: Any, envelope: Any, address: str, options: list[str]
    ) -> str:
        if self.refusal:
            return self.refusal
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        message = message_from_bytes(envelope.content, policy=policy.SMTP)
        assert isinstance(message, EmailMessage)
        self.taken.append(message)
        self.arrived.set()
        await asyncio.to_thread(self.may_answer.wait)
        return "250 taken"


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
