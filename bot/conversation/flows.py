"""Flows that a channel may have to leave to the web page: case status, referral, documents, staff chat.

Which rules: shared/protection.md, "Telegram and other third parties". A flow is known by the intents and buttons that
open it, and by the Rasa forms it runs in, so that it stays shut whatever way leads to it.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Literal

import msgspec

from bot.conversation.messages import Reply, Response

FlowName = Literal["case_status", "referral", "documents", "staff_chat"]


class Flow(msgspec.Struct, frozen=True):
    """What belongs to a flow: the intents that open it, its forms, and the commands it gives to the gateway."""

    intents: frozenset[str]
    forms: frozenset[str] = frozenset()
    commands: frozenset[str] = frozenset()


FLOWS: Mapping[FlowName, Flow] = {
    "case_status": Flow(frozenset({"case_status"}), frozenset({"case_form"}), frozenset({"case_ask", "case_show"})),
    "referral": Flow(
        frozenset({"referral", "referral_status", "referral_withdraw"}),
        frozenset({"referral_form", "sent_referral_form"}),
        frozenset({"referral_submit", "referral_status", "referral_withdraw"}),
    ),
    "documents": Flow(
        frozenset({"complain", "statement_outline", "rights_sheet"}),
        frozenset({"paper_form"}),
        frozenset({"paper_open", "paper_made"}),
    ),
    "staff_chat": Flow(
        frozenset({"speak_to_human"}), frozenset({"hand_off_form"}), frozenset({"hand_off", "call_back"})
    ),
}


class Elsewhere:
    """Answers, in a channel where a flow is shut, whatever would have opened it.

    Args:
        closed: for each channel the flows that are shut there, with what is said instead.
    """

    def __init__(self, closed: Mapping[str, Mapping[FlowName, Reply]]) -> None:
        self._closed = closed

    def opened_by(self, channel: str, payload: str) -> Reply | None:
        """What is said to a button with this payload, where the flow it opens is shut; else None."""
        intent = payload.removeprefix("/").partition("{")[0]
        return self._reply(channel, lambda flow: intent in flow.intents)

    def entered(self, channel: str, response: Response) -> Reply | None:
        """What is said instead of an engine's response that has entered a shut flow; else None."""
        intent, form = response.understanding.intent, open_form(response.carry)
        kinds = {command.kind for command in response.commands}
        return self._reply(
            channel, lambda flow: intent in flow.intents or form in flow.forms or bool(kinds & flow.commands)
        )

    def _reply(self, channel: str, concerns: Callable[[Flow], bool]) -> Reply | None:
        shut = self._closed.get(channel, {})
        return next((reply for name, reply in shut.items() if concerns(FLOWS[name])), None)


def open_form(carry: Iterable[Mapping[str, Any]]) -> str | None:
    """Name of the form that is open according to what is carried from turn to turn, or None."""
    return next((event["name"] for event in carry if event.get("event") == "active_loop" and event.get("name")), None)
