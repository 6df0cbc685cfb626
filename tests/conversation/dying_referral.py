"""A gateway process that sends one referral, delivers it, and kills itself at a named step.

Run by test_referral_kill.py: python -m tests.conversation.dying_referral URL TOKEN RECEIVER SECONDS STEP
"""

import asyncio
import sys
from typing import Any

from bot.conversation.messages import Message
from bot.referrals.delivery import Outbox, Webhook
from bot.referrals.store import ReferralStore
from bot.settings import load
from bot.store.conversations import ConversationStore
from bot.store.database import open_database
from bot.store.encryption import Vault
from tests.conftest import KEY
from tests.conversation.dying_gateway import die, kill_at
from tests.conversation.referral_parts import Parts
from tests.conversation.test_referral import submit
from tests.referrals.conftest import NOW
from tests.referrals.receiver import SECRET
from tests.stand_ins import OrderingEngine, StandInGate

WHERE = {"store": ConversationStore, "referrals": ReferralStore, "engine": OrderingEngine}


def kill_sending(step: str) -> None:
    """Make the delivery itself deadly: `before` or `after` the receiver has answered."""
    send = Webhook.send

    async def deadly(self: Webhook, *args: Any) -> None:
        if step == "before":
            die()
        await send(self, *args)
        die()

    Webhook.send = deadly  # type: ignore[method-assign]


async def main(url: str, token: str, receiver: str, later: str, step: str) -> None:
    where, _, which = step.partition(":")
    if where == "send":
        kill_sending(which)
    elif where in WHERE:
        kill_at(WHERE[where], which)
    engine = OrderingEngine()
    parts = Parts(open_database(url), Vault([KEY]), load({}, demo=True, keys=KEY), engine, StandInGate())
    engine.orders = [submit(parts)]
    parts.clock.forward(seconds=float(later))
    conversation = await parts.conversations.find(token)
    await parts.conversations.accept(conversation, Message(client_id="the-one", text="yes"))
    await parts.conversations.recover()
    await parts.conversations.settle()
    outbox = Outbox(parts.referrals, Webhook(receiver, SECRET, parts.form), "me", lambda: NOW + float(later))
    await outbox.work()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
