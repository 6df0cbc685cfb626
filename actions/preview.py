"""What forms share that end with consent to exactly what was shown: the draft, the preview, and what is said to it."""

import re
from collections.abc import Callable, Collection
from typing import Any

import msgspec
from rasa_sdk.executor import CollectingDispatcher

from actions.forms import FormAction, choice, order, plain, yes_or_no
from bot.conversation.drafts import DRAFT_CLOSED
from bot.conversation.messages import Button

PREVIEW, SEND, DO_NOT_SEND, EDIT = "preview", "send", "do_not_send", "edit:"
_LINE = re.compile(r"(?:change )?(?:line |number )?(\d{1,2})")


class DraftForm(FormAction):
    """A form whose answers are a draft that the gateway forgets when it is closed (`bot.conversation.drafts`)."""

    def on(self, state: msgspec.Struct) -> list[dict[str, Any]]:
        """Go on from a state."""
        return self.go_on(msgspec.to_builtins(state))

    def closed(self, dispatcher: CollectingDispatcher, *, silent: bool = False) -> list[dict[str, Any]]:
        """Close the form and have the gateway forget what was typed; `silent`: it says nothing about it."""
        order(dispatcher, DRAFT_CLOSED, flow=self.flow, silent=silent)
        return self.end()


def stop_button(title: str, step: str) -> Button:
    """The button that stops a form with words of its own."""
    return msgspec.structs.replace(choice(title, step, "control:stop"), control=True)


def said_to_preview(
    text: str,
    *,
    agreed: Collection[str],
    send: Collection[str],
    do_not_send: str,
    line: Callable[[int], str | None],
) -> str | None:
    """What typed words say to a preview: SEND, DO_NOT_SEND, EDIT with the line's step, or None.

    Args:
        text: as typed.
        agreed: further words of consent, plain.
        send, do_not_send: titles of the buttons.
        line: the step at which a numbered line is changed, if it can be.
    """
    said = plain(text)
    if said in agreed or said in [plain(title) for title in send]:
        return SEND
    if said == plain(do_not_send) or yes_or_no(text) == "no":
        return DO_NOT_SEND
    if number := _LINE.fullmatch(said):
        step = line(int(number[1]))
        return f"{EDIT}{step}" if step else None
    return None
