"""Talking to the assistant in the terminal, through the same conversation core as every channel."""

import asyncio
import tempfile
import uuid

from rich.console import Console
from rich.panel import Panel

from bot.assembly import assemble
from bot.conversation.messages import Message
from bot.logs import log_to_stderr
from bot.settings import Settings
from bot.store.conversations import Conversation, NumberedReply

READY_S = 120.0


async def talk(settings: Settings) -> None:
    """Read lines until the person leaves. A number presses the button with that number. Nothing is kept."""
    import msgspec

    console = Console(highlight=False)
    log_to_stderr("ERROR")
    with tempfile.TemporaryDirectory() as folder:
        settings = msgspec.structs.replace(settings, var_dir=folder, database_url="", engines=1)
        assistant = assemble(settings)
        assistant.pool.start()
        token, first = await assistant.conversations.start("chat")
        _show(console, first)
        console.print("Type a question, the number of a button, or Ctrl-D to leave.", style="dim")
        with console.status("Starting"):
            await assistant.pool.wait_ready(READY_S)
        buttons: list[str] = []
        cursor = 1
        try:
            while True:
                line = (await asyncio.to_thread(console.input, "> ")).strip()
                conversation = await assistant.conversations.find(token)
                if conversation is None:
                    console.print("This chat has ended.")
                    return
                number = int(line) if line.isascii() and line.isdigit() else 0
                pressed = buttons[number - 1] if 1 <= number <= len(buttons) else None
                message = Message(client_id=uuid.uuid4().hex, text=None if pressed else line, button=pressed)
                await assistant.conversations.accept(conversation, message)
                await assistant.conversations.settle()
                replies = await _replies(assistant.conversations, conversation, cursor)
                cursor = replies[-1].number if replies else cursor
                buttons = _show(console, replies)
        except (EOFError, KeyboardInterrupt):
            console.print("Goodbye.")
        finally:
            await assistant.conversations.close()
            await assistant.pool.close()


async def _replies(conversations, conversation: Conversation, cursor: int) -> list[NumberedReply]:  # type: ignore[no-untyped-def]
    return await conversations.replies(conversation, cursor)


def _show(console: Console, replies: list[NumberedReply]) -> list[str]:
    """Print replies; returns the ids of the buttons, in the order of their numbers."""
    buttons: list[str] = []
    for numbered in replies:
        reply = numbered.reply
        lines = [reply.text]
        lines += [f"• {c.name}: {c.number or c.url}" + (f" ({c.note})" if c.note else "") for c in reply.contacts]
        lines += [f"{link.title}: {link.url}" for link in reply.links]
        if reply.source:
            lines.append(reply.source.text)
        for button in reply.buttons:
            buttons.append(button.id)
            lines.append(f"[{len(buttons)}] {button.title}")
        console.print(Panel("\n".join(lines).replace("[", r"\["), border_style="dim"))
    return buttons
