"""A real mail server on localhost, and the letters it took."""

import email.message
import socket
from collections.abc import Iterator

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.handlers import Message


class Letters(Message):
    """The letters a mail server took. `refuses` is given first, in place of taking one."""

    def __init__(self) -> None:
        super().__init__()
        self.came: list[email.message.Message] = []
        self.refuses: list[str] = []
        self.greeted_by: list[str] = []
        self.port = 0

    async def handle_RCPT(self, _server, session, envelope, address, _options):
        self.greeted_by.append(session.host_name)
        if self.refuses:
            return self.refuses.pop(0)
        envelope.rcpt_tos.append(address)
        return "250 OK"

    def handle_message(self, message: email.message.Message) -> None:
        self.came.append(message)


@pytest.fixture
def letters() -> Iterator[Letters]:
    handler = Letters()
    controller = Controller(handler, hostname="127.0.0.1", port=free_port())
    controller.start()
    handler.port = controller.port
    yield handler
    controller.stop()


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]
