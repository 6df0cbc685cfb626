"""A gateway process that sends one message through the core and kills itself at a named step.

Run by test_kill.py: python -m tests.conversation.dying_gateway URL TOKEN STEP
"""

import asyncio
import os
import signal
import sys

from bot.conversation.messages import Message
from bot.settings import load
from bot.store.conversations import ConversationStore
from bot.store.database import open_database
from bot.store.encryption import Vault
from tests.conftest import KEY, make_conversations
from tests.stand_ins import StandInEngine, StandInGate

QUESTION = "when do i get my phone back"


def die(*_: object) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def kill_at(target: type, step: str) -> None:
    """Make a method deadly: `before:NAME` or `after:NAME`."""
    when, _, name = step.partition(":")
    method = getattr(target, name)

    def deadly(self, *args, **kwargs):
        if when == "before":
            die()
        result = method(self, *args, **kwargs)
        die()
        return result

    setattr(target, name, deadly)


async def main(url: str, token: str, step: str) -> None:
    if step != "never":
        kill_at(StandInEngine if step.endswith(":answer") else ConversationStore, step)
    settings = load({}, demo=True, keys=KEY, lease_s="0.2")
    store = ConversationStore(open_database(url), Vault([KEY]))
    conversations = make_conversations(store, StandInEngine(), settings, StandInGate())
    conversation = await conversations.find(token)
    await conversations.accept(conversation, Message(client_id="the-one", text=QUESTION))
    await conversations.settle()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
