"""What is on in Telegram (shared/protection.md, "Telegram and other third parties")."""

from bot.channels.telegram.words import TelegramWords
from bot.conversation.flows import FLOWS, FlowName
from bot.conversation.messages import Contact, Link, Reply
from bot.settings import Settings


def why_off(settings: Settings) -> str | None:
    """Why the channel is off, for whoever starts the service; None when it is on."""
    if not settings.telegram_token:
        return "Telegram is off: BOT_TELEGRAM_TOKEN holds no token."
    approved = settings.telegram_approved_by and settings.telegram_approved_on
    if not settings.demo and not approved:
        return (
            "Telegram is off until the controller's approval is recorded: "
            "BOT_TELEGRAM_APPROVED_BY and BOT_TELEGRAM_APPROVED_ON."
        )
    return None


def allows(settings: Settings, flow: FlowName) -> bool:
    """Whether a flow works in Telegram: in demonstration mode, or where a reason for it is recorded."""
    return settings.demo or bool(getattr(settings, f"telegram_{flow}").strip())


def closed(settings: Settings, words: TelegramWords, person: Contact) -> dict[FlowName, Reply]:
    """The flows that are shut in Telegram, with what is said there instead.

    Args:
        settings: the switches and the address of the web page.
        words: what is said.
        person: whom to ring, said where staff cannot join.
    """
    # Without a console nobody can join anywhere, and the answer to that is the engine's.
    shut = [flow for flow in FLOWS if not allows(settings, flow) and (flow != "staff_chat" or settings.has_console)]
    page = [Link(title=words.open_page, url=settings.web_address)] if settings.web_address else []
    return {
        flow: Reply(text=words.elsewhere[flow], links=page, contacts=[person] if flow == "staff_chat" else [])
        for flow in shut
    }
