"""A process with the Telegram channel that kills itself at a named step, or with `never` works until all is done.

Run by test_telegram_restart.py: python -m tests.channels.dying_telegram DATABASE API UPDATE STEP
"""

import asyncio
import sys

from bot.channels.telegram.assembly import assemble_telegram
from bot.channels.telegram.chats import Chats
from bot.channels.telegram.words import load_telegram_words
from bot.settings import load
from bot.store.conversations import ConversationStore
from bot.store.database import open_database
from bot.store.encryption import Vault
from tests.channels.bot_api import TOKEN
from tests.conftest import DATA, KEY, make_conversations
from tests.conversation.dying_gateway import kill_at
from tests.stand_ins import StandInEngine, StandInGate

OURS = ("bind", "active", "done", "sent")


async def main(url: str, base_url: str, update: int, step: str) -> None:
    if step != "never":
        kill_at(Chats if step.partition(":")[2] in OURS else ConversationStore, step)
    settings = load({}, demo=True, keys=KEY, lease_s="0.2", telegram_token=TOKEN, telegram_base_url=base_url)
    database, vault = open_database(url), Vault([KEY])
    engine = StandInEngine()
    if step.endswith(":done"):
        # Else the answer might be on its way already.
        engine.pause.clear()
    conversations = make_conversations(ConversationStore(database, vault), engine, settings, StandInGate())
    dealt_with, loop, done = asyncio.Event(), asyncio.get_running_loop(), Chats.done

    def noted(self: Chats, number: int, now: float) -> None:
        done(self, number, now)
        if number == update:
            loop.call_soon_threadsafe(dealt_with.set)

    Chats.done = noted
    telegram = assemble_telegram(
        settings,
        conversations=conversations,
        database=database,
        vault=vault,
        keys=[KEY],
        words=load_telegram_words(DATA),
        topics=[],
        languages=[],
    )
    running = asyncio.create_task(telegram.run())
    await telegram.ready.wait()
    await conversations.recover()
    if not telegram._chats.handled(update):
        await dealt_with.wait()
    for _ in range(2):
        await conversations.settle()
        await telegram._delivery.recover()
        await telegram.settle()
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2], int(sys.argv[3]), sys.argv[4]))
